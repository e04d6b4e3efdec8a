"""`./ws talk`: the slides of a schedule, and a speaker view, in a folder that a browser opens without network."""

import click

from workshop import ROOT
from workshop.base import setup, site
from workshop.base.counting import counted
from workshop.base.talk import FOLDER, SPEAKER
from workshop.commands import LearnersCommand
from workshop.maintaining.documents.schedule import LENGTHS

MINUTES = click.Choice([str(length) for length in LENGTHS])
WITHOUT = "There is no Chromium on this machine, so the command does not check whether every slide fits."


@click.command(cls=LearnersCommand)
@click.option(
    "--minutes", type=MINUTES, default="45", envvar="MINUTES", show_default=True, help="The schedule's length."
)
@click.option("--title", default="", envvar="TITLE", help="The title on the first slide.")
@click.option("--speaker", default="", envvar="SPEAKER", help="Your name, on the first slide.")
@click.option("--event", default="", envvar="EVENT", help="Place and date, on the first slide.")
def talk(minutes: str, title: str, speaker: str, event: str) -> None:
    """Make slides and a speaker view for a schedule in docs/facilitating.md. They need no server and no network."""
    setup.make(groups=[setup.BASE, "site"])
    from workshop.maintaining.chromium import program
    from workshop.maintaining.site.build import build  # here: they need the packages that were just installed
    from workshop.maintaining.talk import deck, fit

    made = deck.talk(int(minutes), title=title, speaker=speaker, event=event)
    if not (ROOT / site.FOLDER / "index.html").exists():
        for line in build():
            click.echo(line)
    target = ROOT / FOLDER
    if program() is None:
        click.echo(WITHOUT)
    deck.write(made, target, check=fit.refuse if program() else lambda folder: None)
    click.echo(f"{counted(len(made.slides), 'slide')} for {made.planned.length} minutes: {target / 'index.html'}")
    click.echo(f"Begin with the speaker view: {target / SPEAKER / 'index.html'}. It opens the slides.")
    click.echo(f"To publish the slides, leave out {FOLDER / SPEAKER}: it has your notes.")
