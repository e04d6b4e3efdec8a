"""`./ws demo`, `compare` and `bench`: the server at work, two stages next to each other, and how fast a stage is."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from workshop import ROOT
from workshop.base import setup
from workshop.base.problems import CommandFailed
from workshop.base.stages import stage
from workshop.commands import DATABASES, end

PHASES = ("limits", "drain", "slow", "hanging", "accept", "arrival")


@click.command()
@click.option("--stage", "name", default="", envvar="STAGE", help="Only this stage. Default: before and after.")
@click.option("--once", is_flag=True, envvar="ONCE", help="End after everything is shown.")
def demo(name: str, once: bool) -> None:
    """See two servers send the same events: one client for each format version, and the same bytes from both."""
    from workshop.demo import run

    sys.exit(run.main([stage(name)] if name else [stage("before"), stage("after")], once=once))


@click.command()
@click.option("--stages", "names", default="before,after", envvar="STAGES", show_default=True, help="Two, or more.")
@click.option("--quick", is_flag=True, envvar="QUICK", help="Without the stages' own tests.")
def compare(names: str, quick: bool) -> None:
    """Compare stages: tests, size, speed, and the path from a request to a rule."""
    from workshop.maintaining.compare import run

    setup.make(groups=[setup.BASE, "compare"])
    end(run.main([stage(name.strip()) for name in names.split(",")], quick=quick))


@click.command()
@click.option("--stage", "names", default="before", envvar="STAGE", show_default=True, help="Or several: before,after")
@click.option("--db", type=DATABASES, envvar="DB", help="Only this database. Default: both.")
@click.option("--strict", is_flag=True, envvar="STRICT", help="Fail if a target is missed.")
@click.option("--keep", is_flag=True, help="Keep the ratios of two stages in steps/bench.json, for the site.")
@click.option("--only", type=click.Choice(PHASES), multiple=True, hidden=True)
@click.option("--seconds", type=click.FloatRange(0.1, 60), default=5, hidden=True, help="Longest window.")
@click.option("--rounds", type=click.IntRange(1, 10), default=3, hidden=True)
@click.option("--results", type=click.Path(path_type=Path), default=ROOT / "bench-results", hidden=True)
def bench(
    names: str,
    db: str | None,
    strict: bool,
    keep: bool,
    only: Sequence[str],
    seconds: float,
    rounds: int,
    results: Path,
) -> None:
    """Measure the speed of a stage, or of several in turns, and the limits of the machine in the same run."""
    from workshop.harness.testing import why_no_postgres
    from workshop.maintaining.bench import run

    setup.make(groups=[setup.BASE, "bench"])
    engines = [db] if db else ["sqlite", "postgres"]
    if "postgres" in engines and (reason := why_no_postgres()):
        if db:
            raise CommandFailed(f"PostgreSQL does not answer: {reason}")
        click.echo(f"Left out: PostgreSQL: {reason}")
        engines.remove("postgres")
    chosen = [stage(name.strip()) for name in names.split(",")]
    if keep and len(chosen) != 2:
        raise CommandFailed("A kept run compares two stages: ./ws bench --stage before,after --keep.")
    kept = run.main(run.Plan(chosen, engines, only or PHASES, seconds, rounds), results, keep=keep)
    end(kept or not strict)
