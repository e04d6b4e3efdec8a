"""`./ws dev excerpts`, `figures`, `transcripts`, `tours` and `schedule`: they keep the documents true."""

from collections.abc import Iterable, Sequence

import click

from workshop import ROOT
from workshop.base.counting import counted
from workshop.base.problems import CommandFailed, Problem
from workshop.commands import end
from workshop.maintaining.documents import curve as curves
from workshop.maintaining.documents import excerpts as pieces
from workshop.maintaining.documents import figures as written
from workshop.maintaining.documents import schedule as schedules
from workshop.maintaining.documents import tours as guided
from workshop.maintaining.documents import transcripts as shown


@click.command()
def excerpts() -> None:
    """Update the line numbers of excerpts in the documents after their lines have moved."""
    for line in pieces.correct():
        click.echo(line)
    _report(pieces.excerpts_are_true())


@click.command()
def figures() -> None:
    """Write steps/figures.json into the tables and sentences of the documents, and draw steps/curve.svg."""
    for document in written.write(ROOT):
        click.echo(f"wrote {document}")
    click.echo(curves.write(ROOT))


@click.command()
@click.argument("names", nargs=-1, metavar="[PAGE]…")
@click.option("--write", is_flag=True, help="Put new numbers into the printed answers.")
def transcripts(names: Sequence[str], write: bool) -> None:
    """Run the commands on the pages and compare their output: all pages, or those whose names contain a word."""
    chosen = [
        transcript for transcript in shown.transcripts() if not names or any(name in transcript.name for name in names)
    ]
    if not chosen:
        raise CommandFailed(f"No page with commands has {' or '.join(names)} in its name.")
    problems = 0
    for line in shown.play_all(chosen, write=write):
        problems += isinstance(line, Problem)
        click.echo(f"  {line}" if isinstance(line, Problem) else line)
    commands = sum(len(transcript.commands) for transcript in chosen)
    click.echo(f"{counted(commands, 'command')} in {counted(len(chosen), 'block')}, {counted(problems, 'problem')}.")
    end(not problems)


@click.command()
def tours() -> None:
    """Write docs/tour.md as a tour for the editor into .tours/."""
    click.echo(guided.write(ROOT))


@click.command()
def schedule() -> None:
    """Add up the minutes of the schedules in docs/facilitating.md: do they fit?"""
    lines = (ROOT / schedules.DOCUMENT).read_text(encoding="utf-8").splitlines()
    for table in schedules.schedules(lines):
        click.echo(
            f"{table.length} minutes: {table.total} planned, {table.length - table.total} left,"
            f" {counted(len(table.rows), 'row')}"
        )
    _report(schedules.schedules_fit())


def _report(problems: Iterable[Problem]) -> None:
    found = [str(problem) for problem in problems]
    click.echo("\n".join(found), nl=bool(found))
    end(not found)
