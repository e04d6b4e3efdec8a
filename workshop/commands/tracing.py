"""`./ws trace` and `./ws dev record`: one event's way through a stage, call by call."""

from collections.abc import Sequence

import click
from rich.console import Console

from workshop import ROOT
from workshop.base.problems import CommandFailed
from workshop.commands import LearnersCommand, end
from workshop.harness.inside.twins import SCENARIOS
from workshop.maintaining.twins import calls, recordings, showing, tour
from workshop.walk import yours


@click.command(cls=LearnersCommand)
@click.argument("stage", required=False)
@click.argument("scenario", required=False)
@click.option("--all", "everything", is_flag=True, help="Every call: those of plumbing/ too, and no repeats as one.")
def trace(stage: str | None, scenario: str | None, everything: bool) -> None:
    """One event's way through a stage, call by call. Without arguments, the scenarios; `walk` is walk/ as it is now."""
    if stage is None or scenario is None:
        for name, listed in SCENARIOS.items():
            click.echo(f"  {name:<26} {listed.title}")
        click.echo("\n./ws trace before accepted shows the first; ./ws trace walk accepted with your changes in walk/.")
        return
    if scenario not in SCENARIOS:
        raise CommandFailed(f"There is no scenario {scenario!r}. Here are: {', '.join(SCENARIOS)}.")
    chosen = yours.choose(stage)
    click.echo(chosen.said.replace("Testing", "Tracing", 1) or f"{chosen.stage.name}: {SCENARIOS[scenario].title}")
    played = recordings.made(chosen.stage, scenario)[scenario]
    sources = calls.Sources(chosen.stage.folder)
    shown = showing.view(played, sources, chosen.stage.name, tour.stops(ROOT), everything=everything)
    showing.show(shown, Console())


@click.command()
@click.argument("names", nargs=-1, metavar="[STAGE]…")
@click.option("--check", is_flag=True, help="Write nothing, and say where a recording differs.")
def record(names: Sequence[str], check: bool) -> None:
    """Record every scenario of `./ws trace` at all stages, or at those named, into steps/recordings/."""
    problems = 0
    for line in recordings.compared(names) if check else recordings.record(names):
        problems += check
        click.echo(line)
    end(not problems)
