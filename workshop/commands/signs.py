"""`./ws signs PATH`: early warning signs in a project of your own. The package in signs/ finds them."""

import subprocess
import sys

import click

from workshop import ROOT


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="PATH [OPTION]…")
def signs(arguments: tuple[str, ...]) -> None:
    """Early warning signs in a Django project of your own."""
    sys.exit(subprocess.run([sys.executable, "-E", str(ROOT / "signs"), *arguments]).returncode)
