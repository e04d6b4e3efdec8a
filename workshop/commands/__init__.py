"""The command line: a module for each group of commands. The groups know nothing of each other.

`base/commands.py` lists the names. A module is loaded when one of its commands is called, or when `--help` asks for all.
"""

import errno
from importlib import import_module
from typing import Any, NoReturn

import click

from workshop import ROOT
from workshop.base.commands import Section, places
from workshop.base.names import folder_name, number_of
from workshop.base.problems import CommandFailed

LONGEST_LINE = 160  # of a command in --help, which wraps it
DATABASES = click.Choice(["sqlite", "postgres"])


class Sections(click.Group):
    """A group that finds its commands by the sections that list them."""

    def __init__(self, *arguments: Any, sections: tuple[Section, ...], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.places = places(sections)

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.places)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self.places:
            return None
        module = import_module(f"{__name__}.{self.places[name].module}")
        return next(
            command for command in vars(module).values() if isinstance(command, click.Command) and command.name == name
        )

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        rows: dict[str, list[tuple[str, str]]] = {}
        for name, section in self.places.items():
            if command := self.get_command(context, name):
                rows.setdefault(section.title, []).append((name, command.get_short_help_str(LONGEST_LINE)))
        for title, listed in rows.items():
            with formatter.section(title):
                formatter.write_dl(listed)


class LearnersCommand(click.Command):
    """A command that reports a disk error in words."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except OSError as error:
            raise CommandFailed(explain(error)) from error


def explain(error: OSError) -> str:
    """A disk error in words."""
    if error.errno == errno.ENOSPC:
        return "The disk is full. Nothing of yours was overwritten. Make room, and try again."
    return f"{error.strerror or error}: {error.filename or 'a file'}. Nothing of yours was overwritten."


def end(green: bool) -> NoReturn:
    """Ends the process with 0, or with 1 if a test or check is red."""
    raise SystemExit(0 if green else 1)


def worked_on_last() -> str:
    """The folder of what the learner worked on last: the exercise in work/ or the step in walk/. Empty before either."""
    from workshop.exercises.session import Session  # here, so that the other commands start sooner
    from workshop.walk.walk import Walk

    session, walk = Session(), Walk(ROOT)
    progress, notes = session.work.progress_file, walk.git.dir / "workshop.json"
    current = session.work.read().current
    found = []
    if current and progress.exists():
        found.append((progress.stat().st_mtime, f"exercises/{current}"))
    if walk.is_laid_out and notes.exists():
        found.append((notes.stat().st_mtime, f"steps/{folder_name(number_of(walk.standing().stage))}"))
    return max(found)[1] if found else ""
