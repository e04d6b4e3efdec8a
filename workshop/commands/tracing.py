"""`./ws trace` and `./ws dev record`: one event's way through a stage, call by call."""

from collections.abc import Sequence

import click
from rich.console import Console

from workshop import ROOT
from workshop.base.problems import CommandFailed
from workshop.commands import LearnersCommand
from workshop.harness.inside.twins import SCENARIOS
from workshop.maintaining.twins import calls, recordings, showing, tour
from workshop.walk import yours


@click.command(cls=LearnersCommand)
@click.argument("stage", required=False)
@click.argument("scenario", required=False)
@click.option("--all", "everything", is_flag=True, help="Show every call: those of plumbing/ too, and each repetition.")
def trace(stage: str | None, scenario: str | None, everything: bool) -> None:
    """Show what one event causes in a stage, call by call. `walk` is walk/ as it is now. Without arguments: scenarios."""
    if stage is None:
        for name, listed in SCENARIOS.items():
            click.echo(f"  {name:<26} {listed.title}")
        click.echo("\n./ws trace before accepted shows the first; ./ws trace walk accepted with your changes in walk/.")
        return
    if stage in SCENARIOS:
        raise CommandFailed(f"{stage} is a scenario. Name a stage before it: ./ws trace before {stage}.")
    chosen = yours.choose(stage)
    if scenario not in SCENARIOS:
        asked = f"There is no scenario {scenario!r}." if scenario else f"Name a scenario: ./ws trace {stage} accepted."
        raise CommandFailed(f"{asked} The scenarios are: {', '.join(SCENARIOS)}.")
    click.echo(chosen.said.replace("Testing", "Tracing", 1) or f"{chosen.stage.name}: {SCENARIOS[scenario].title}")
    played = recordings.made(chosen.stage, scenario)[scenario]
    sources = calls.Sources(chosen.stage.folder)
    shown = showing.view(played, sources, chosen.stage.name, tour.stops(ROOT), everything=everything)
    showing.show(shown, Console())
    if not chosen.said:
        row = shown.acts[0][1][0]
        click.echo(f"\nTo see a line in the browser: ./ws open {chosen.stage.name} {row.file}:{row.line}")


@click.command()
@click.argument("names", nargs=-1, metavar="[STAGE]…")
def record(names: Sequence[str]) -> None:
    """Record every scenario of `./ws trace` at all stages, or at those named, into steps/recordings/."""
    for line in recordings.record(names):
        click.echo(line)
