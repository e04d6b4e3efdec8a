"""`./ws ask`, the questions about a step or an exercise, and `./ws dev questions`, the proofs of their answers."""

import sys
import time
from collections.abc import Sequence

import click

from workshop.ask import session
from workshop.ask.questions import topic, topics
from workshop.base import setup
from workshop.base.counting import counted
from workshop.base.problems import CommandFailed
from workshop.commands import LearnersCommand, end, worked_on_last


@click.command(cls=LearnersCommand)
@click.argument("about", nargs=-1, metavar="[4 | exercise 4]")
@click.option("--plain", is_flag=True, help="Print the questions and their choices, without asking.")
@click.option("--answers", is_flag=True, help="Print the questions with their answers and the reasons.")
def ask(about: Sequence[str], plain: bool, answers: bool) -> None:
    """Answer questions about a step (4) or an exercise (exercise 4). Without a number: about your latest one."""
    words = about or _last()
    chosen, paper = topic(words), session.Paper()
    if plain or answers or not (sys.stdin.isatty() and sys.stdout.isatty()):
        session.write_out(chosen, paper, answers=answers)
        return
    session.ask(chosen, paper, _key)


@click.command("questions")
@click.argument("names", nargs=-1)
@click.option("--quick", is_flag=True, help="Only the proofs that run no code of a server.")
def prove(names: Sequence[str], quick: bool) -> None:
    """Prove the answers of `./ws ask`: all, those of a folder (04-extract-services), or of one question (its id)."""
    setup.make(groups=[setup.BASE, "lint"])
    from workshop.maintaining.questions.prove import chosen, problems, proofs_of  # here: it needs these packages

    count = proofs = 0
    began = time.monotonic()
    for topic_, question in chosen(topics(), names):
        found = [*problems(question, quick=quick)]
        count += len(found)
        proofs += proofs_of(question, quick=quick)
        click.echo(f"{topic_.folder.name}, {question.id}: {counted(len(found), 'problem') if found else 'ok'}")
        for problem in found:
            click.echo(f"  {problem}")
    click.echo(f"{counted(proofs, 'proof')}, {counted(count, 'problem')}, {time.monotonic() - began:.0f} s")
    end(not count)


def _last() -> Sequence[str]:
    folder = worked_on_last()
    if not folder:
        raise CommandFailed("You have not begun a step or an exercise yet. ./ws ask 0 asks about step 0.")
    return ["step" if folder.startswith("steps/") else "exercise", folder.partition("/")[2]]


def _key() -> str:
    """One key of the terminal. Ctrl-C and the end of the input quit."""
    try:
        return click.getchar()
    except (EOFError, KeyboardInterrupt):
        return session.QUIT
