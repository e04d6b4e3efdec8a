"""`./ws site` and `./ws open`: the workshop in a browser. `./ws dev pictures`: README's pictures of it."""

import os
import re
import sys
import webbrowser
from pathlib import Path

import click

from workshop import ROOT
from workshop.base import environment, setup, site
from workshop.base.addresses import in_road, of_page
from workshop.base.names import stage_name
from workshop.base.problems import CommandFailed
from workshop.commands import LearnersCommand, worked_on_last

LINES = re.compile(r"[1-9]\d*(-[1-9]\d*)?", re.ASCII)


@click.command("site", cls=LearnersCommand)
@click.option(
    "--to", "target", type=click.Path(file_okay=False, path_type=Path), help="The folder; var/site by default."
)
def build_site(target: Path | None) -> None:
    """Build the site: the pages, and the code of all stages, in a folder that a browser opens without network."""
    setup.make(groups=[setup.BASE, "site"])
    from workshop.maintaining.site.build import build  # here: it needs the packages that were just installed

    for line in build((target or ROOT / site.FOLDER).absolute()):
        click.echo(line)


@click.command()
def pictures() -> None:
    """Make README's pictures again: an exercise in a terminal, the Twins and the Road. Needs Chromium."""
    setup.make(groups=[setup.BASE, "site"])
    from workshop.maintaining.pictures import album  # here: they need the packages that were just installed
    from workshop.maintaining.site.build import build

    def built() -> Path:
        for line in build():
            click.echo(line)
        return ROOT / site.FOLDER

    for line in album.write(built):
        click.echo(line)


@click.command("open", cls=LearnersCommand)
@click.argument("place", required=False)
@click.argument("file", required=False)
@click.option("--print", "only_print", is_flag=True, help="Print the address, and open nothing.")
def open_site(place: str | None, file: str | None, only_print: bool) -> None:
    """Open the site at your latest exercise or step, or at a page (docs/tour.md), or at a stage and FILE:LINE."""
    address = site.address(_named(place, file) if place else _where_the_learner_is())
    click.echo(address)
    if not only_print and not _opened(address):
        click.echo("No browser could be started. Open this address in your browser.")


def _named(place: str, file: str | None) -> str:
    """The place in the site that somebody means by docs/tour.md, or by step-04 webhooks/views.py:88."""
    if place.endswith(".md"):
        if file:
            raise CommandFailed(
                f"{place} is a page, without lines. Name a stage: ./ws open step-04 webhooks/views.py:88."
            )
        return of_page(place.removeprefix("./"))
    path, _, lines = (file or "").partition(":")
    if lines and not (path and LINES.fullmatch(lines)):
        raise CommandFailed(f"{file} names no line of a file. Write webhooks/views.py:88 or webhooks/views.py:88-103.")
    return in_road(stage_name(place), path, lines)


def _where_the_learner_is() -> str:
    """The page of what was worked on last, or the home page."""
    folder = worked_on_last()
    return f"{folder}/README.html" if folder else "index.html"


def _opened(address: str) -> bool:
    """Whether a browser with windows was started. A browser in the terminal cannot show the site."""
    os.environ.update(environment.for_windows())
    if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"} & os.environ.keys():
        return False
    return webbrowser.open(address)
