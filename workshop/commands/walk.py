"""The commands on the walk: `./ws walk`, `step`, `diff` and `bet`."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

import click

from workshop import ROOT
from workshop.base import bets
from workshop.base.git import Git
from workshop.base.names import RUNGS, folder_name, number_of, title
from workshop.base.problems import CommandFailed
from workshop.base.road import road
from workshop.commands import LearnersCommand
from workshop.walk.bets import of_step
from workshop.walk.catching_up import told
from workshop.walk.changes import DIFF
from workshop.walk.walk import Walk

READER_LEFT = (-signal.SIGPIPE, 128 + signal.SIGPIPE)  # `./ws diff 4 5 | head` is not a failure


@click.command(cls=LearnersCommand)
def walk() -> None:
    """Make walk/, a git repository of the migration with a tag for each stage; commit ids are the same everywhere."""
    click.echo("\n".join(told(Walk(ROOT).lay_out())))
    click.echo()
    for name, commit in road(ROOT).tags().items():
        rung = RUNGS.get(number_of(name)) if name != "after" else None
        click.echo(f"  {commit[:10]}  {title(name)}" + (f" (rung: {rung})" if rung else ""))
    click.echo("\n./ws step 1 goes to the first step; ./ws diff before 1 shows what it changes.")


@click.command(cls=LearnersCommand)
@click.argument("stage")
def step(stage: str) -> None:
    """Put walk/ at a stage: 5, before, after. Your changes are first saved on a branch of yours."""
    click.echo("\n".join(told(Walk(ROOT).go(stage))))


@click.command(cls=LearnersCommand)
@click.argument("old", metavar="FROM")
@click.argument("new", metavar="TO")
@click.argument("paths", nargs=-1)
@click.option("--stat", is_flag=True, envvar="STAT", help="Only the files and the numbers of lines.")
def diff(old: str, new: str, paths: Sequence[str], stat: bool) -> None:
    """Show the difference between two stages, or only in some of their paths."""
    laid = road(ROOT)
    ends = [f"refs/tags/{laid.require(name)}" for name in (old, new)]
    colour = "--color=never" if os.environ.get("NO_COLOR") else "--color=auto"
    sys.exit(_show(laid.git, ["diff", *DIFF[:-1], colour, *(["--stat=100"] if stat else []), *ends, "--", *paths]))


@click.command(cls=LearnersCommand)
@click.argument("step")
@click.argument("files", nargs=-1)
def bet(step: str, files: Sequence[str]) -> None:
    """Bet which files a step will change, then see which you missed. Without files you are asked."""
    question = of_step(step, ROOT)
    placed = bets.place(question, files or _asked(question))
    click.echo(f"{question.about}: you named {len(placed.named)}, {len(placed.changed)} change.")
    for word, paths in (("hit", placed.hits), ("unseen", placed.unseen)):
        for path in paths:
            click.echo(f"  {word:<7} {path}: {question.changed[path]}")
    for path in placed.misses:
        is_there = any(there == path or there.startswith(f"{path.rstrip('/')}/") for there in question.here)
        click.echo(f"  miss    {path}: {'does not change' if is_there else 'no such file, before or after'}")
    click.echo(f"You found {len(placed.hits)} of {len(placed.changed)}.")
    if question.about == folder_name(0):
        click.echo("\nLook: grep -n slack_blocks before/webhooks/*.py")
        click.echo("Then plant a mistake, and see the shared suite notice: ./ws mutants --only threshold")


def _asked(question: bets.Question) -> Sequence[str]:
    if not sys.stdin.isatty():
        raise CommandFailed(f"Name files, such as: {' '.join(question.here[:2])}. A folder ends with a /.")
    click.echo(question.asked)
    for number, path in enumerate(question.here, start=1):
        click.echo(f"{number:>4}  {path}")
    files: Sequence[str] = click.prompt(
        "Numbers, or paths of new files", value_proc=lambda said: _meant(question, said)
    )
    return files


def _meant(question: bets.Question, said: str) -> Sequence[str]:
    """The files that a line of words means. If a word can mean no file, the prompt says so and asks again."""
    try:
        return bets.files_of(question, said.replace(",", " ").split())
    except CommandFailed as problem:
        raise click.UsageError(str(problem)) from problem


def _show(git: Git, arguments: Sequence[str]) -> int:
    """Runs git with its output on the reader's terminal, through their pager, or into a pipe."""
    call = git.command(*(["--paginate"] if sys.stdout.isatty() else ["--no-pager"]), *arguments)
    environment = git.environment()
    environment.pop("GIT_PAGER")
    if os.environ.get("GIT_PAGER"):
        environment["GIT_PAGER"] = os.environ["GIT_PAGER"]
    ended = subprocess.run(call, cwd=git.folder, env=environment).returncode
    return 0 if ended in READER_LEFT else ended
