"""`./ws ask`: the questions about a step or an exercise."""

import sys
from collections.abc import Sequence

import click

from workshop.ask import session
from workshop.ask.questions import topic
from workshop.base.problems import CommandFailed
from workshop.commands import LearnersCommand, worked_on_last


@click.command(cls=LearnersCommand)
@click.argument("about", nargs=-1, metavar="[4 | exercise 4]")
@click.option("--plain", is_flag=True, help="Print the questions and their choices, and ask nothing.")
@click.option("--answers", is_flag=True, help="Print the questions with their answers and the reasons.")
def ask(about: Sequence[str], plain: bool, answers: bool) -> None:
    """Answer questions about a step or an exercise: 4, exercise 4. Without it, about what you worked on last."""
    words = about or _last()
    chosen, paper = topic(words), session.Paper()
    if plain or answers or not (sys.stdin.isatty() and sys.stdout.isatty()):
        session.write_out(chosen, paper, answers=answers)
        return
    session.ask(chosen, paper, _key)


def _last() -> Sequence[str]:
    folder = worked_on_last()
    if not folder:
        raise CommandFailed("You have begun no step and no exercise yet. ./ws ask 0 asks about the first step.")
    return ["step" if folder.startswith("steps/") else "exercise", folder.partition("/")[2]]


def _key() -> str:
    """One key of the terminal. Ctrl-C and the end of the input quit."""
    try:
        return click.getchar()
    except (EOFError, KeyboardInterrupt):
        return session.QUIT
