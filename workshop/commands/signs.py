"""`./ws signs PATH`: early warning signs in a project of your own. The package in signs/ finds them."""

import subprocess
import sys
from pathlib import Path

import click

from workshop import ROOT
from workshop.base.environment import called_from

SIGNS = ROOT / "signs"


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="PATH [OPTION]…")
def signs(arguments: tuple[str, ...]) -> None:
    """Find early warning signs in your own Django project."""
    done = subprocess.run([sys.executable, "-E", str(SIGNS), *arguments], cwd=called_from())
    sys.exit(done.returncode)


@click.command("signs-corpus")
@click.argument("checkouts", type=click.Path(exists=True, file_okay=False, path_type=Path))
def signs_corpus(checkouts: Path) -> None:
    """Measure the precision of the signs again, on checkouts of public projects in a folder."""
    sys.exit(subprocess.run([sys.executable, "-E", str(SIGNS / "corpus"), str(checkouts)]).returncode)
