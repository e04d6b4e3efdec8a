"""`./ws take PATTERN PATH`: a starter of a pattern for a project of your own."""

import sys
from pathlib import Path

import click

from workshop.base.environment import called_from
from workshop.base.problems import CommandFailed
from workshop.commands import LearnersCommand
from workshop.take import placing, project
from workshop.take.filling import Asked
from workshop.take.starters import PATTERNS


@click.command(cls=LearnersCommand)
@click.argument("pattern", required=False)
@click.argument("path", required=False)
@click.option("--app", metavar="APP", help="The app that gets it. Without this option: the largest app that fits.")
@click.option("--name", metavar="NAME", help="The name that its classes begin with, such as Invoice.")
@click.option("--yes", is_flag=True, help="Write the files without asking.")
def take(pattern: str | None, path: str | None, app: str | None, name: str | None, yes: bool) -> None:
    """Put a starter of a pattern into a Django project of your own: see the diff, then decide.

    Without PATTERN it lists the patterns. PATH is the folder with manage.py.

    The files are new, in the names of your code, with tests for your test runner. The command reads your project, runs
    nothing of it, and changes no file that is there. It ends with the command that removes the new files. In a pipe it
    shows the diff and writes nothing, unless you say --yes.
    """
    if pattern is None:
        click.echo("./ws take PATTERN PATH puts one of these into your own Django project:\n")
        for known, (summary, _) in PATTERNS.items():
            click.echo(f"  {known:<10}{summary}")
        click.echo("\nYou see the diff first. ./ws take --help explains the options.")
        return
    if pattern not in PATTERNS:
        raise CommandFailed(f"There is no pattern {pattern!r}. Name one of these: {', '.join(PATTERNS)}.")
    if path is None:
        raise CommandFailed(f"Name the folder of your Django project: ./ws take {pattern} PATH")
    theirs = project.read(called_from() / Path(path).expanduser())
    starter = PATTERNS[pattern][1](Asked(theirs, app, name))
    placing.refuse_clashes(starter.files)
    click.echo("\n".join(placing.diff_of(theirs, starter.files)))
    click.echo(f"\n{starter.about}")
    if not (yes or _wants(len(starter.files), theirs.folder)):
        click.echo("Nothing was written." + ("" if sys.stdin.isatty() else " Add --yes to write these files."))
        return
    undo = placing.place(theirs, starter.files)
    for line in (*(f"Written: {file}" for file in sorted(starter.files)), *starter.then):
        click.echo(line)
    click.echo(f"To remove it again: {undo}")


def _wants(files: int, folder: Path) -> bool:
    what = f"Write {'this file' if files == 1 else f'these {files} files'} into {folder}?"
    return sys.stdin.isatty() and sys.stdout.isatty() and click.confirm(what)
