"""`python -m workshop`: the commands behind the Makefile."""

import random
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from workshop import ROOT, doctor, environment, lint, lock, mutants, offline, setup, testing, wheels
from workshop.bench import BenchFailed
from workshop.bench import run as bench_run
from workshop.compare import CompareFailed
from workshop.compare import run as compare_run
from workshop.demo import run as demo_run
from workshop.exercises import ExerciseProblem
from workshop.exercises.commands import LEARNER
from workshop.exercises.maintaining import dev
from workshop.fresh_machine import NoFreshMachine
from workshop.gate import jobs
from workshop.inside import ProbeFailed
from workshop.kill_rate import run as kill_rates
from workshop.kill_rate.sides import side_of
from workshop.soak import run as soak_run
from workshop.stages import UnknownStage, all_stages, rungs, stage, stages
from workshop.steps import StepsProblem, yours
from workshop.steps import commands as steps_commands

DATABASES = click.Choice(["sqlite", "postgres"])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The workshop's commands; `make help` lists the most used ones. Without any, exercises go on where they were."""


@cli.command()
@click.argument("name", required=False, metavar="[STAGE]")
@click.option("--db", type=DATABASES, default="sqlite", envvar="DB", show_default=True, help="For a stage.")
@click.option(
    "--only", default="", envvar="ONLY", help="For a stage: only tests of the shared suite with this in their names."
)
def test(name: str | None, db: str, only: str) -> None:
    """Both ends on SQLite, and the tool's own tests; or one stage: 5, step-05, before, after, walk.

    Where walk/ is at that stage and you have changed it, your version is tested. `walk` is walk/ as it is now.
    """
    if name is not None:
        _test_stage(name, db, only)
    runs, skipped = jobs.runs_of(jobs.jobs_of_test())
    _end(testing.run_all(runs, skipped))


@cli.command()
@click.argument("name")
@click.option("--db", type=DATABASES, default="sqlite", envvar="DB", show_default=True)
def test_stage(name: str, db: str) -> None:
    """One stage: its own tests and the shared suite."""
    _test_stage(name, db)


@cli.command()
def test_steps() -> None:
    """Every stage from before to after on SQLite, and the rungs on PostgreSQL where it answers."""
    runs, skipped = testing.road_runs(all_stages(), rungs())
    _end(testing.run_all(runs, skipped))


@cli.command()
@click.argument("name")
@click.option("--db", type=DATABASES, default="sqlite", envvar="DB", show_default=True)
def test_fire(name: str, db: str) -> None:
    """One stage under races and crashes."""
    if db == "postgres" and (reason := testing.why_no_postgres()):
        raise click.ClickException(f"PostgreSQL does not answer: {reason}")
    _end(testing.run_all([testing.fire_run(stage(name), db)]))


@cli.command()
@click.option("--beyond-test", is_flag=True, help="Leave out what `make test` runs.")
def test_all(beyond_test: bool) -> None:
    """Everything: PostgreSQL and the other Pythons too, as far as they are here."""
    runs, skipped = jobs.runs_of(
        [*([] if beyond_test else jobs.jobs_of_test()), *jobs.further_jobs(), *jobs.jobs_by_hand()]
    )
    at_commits, too_many = jobs.commits_of_a_change()
    _end(testing.run_all([*runs, *at_commits], [*skipped, *too_many]))


@cli.command()
@click.argument("name")
def coverage(name: str) -> None:
    """What a stage's own tests run through."""
    _end(testing.measure_coverage(stage(name)))


@cli.command("lint")
def lint_all() -> None:
    """ruff, mypy and the repository's own rules."""
    console = Console()
    green = True
    for name, tool in lint.tools().items():
        console.rule(name, align="left")
        green &= lint.run_tool(tool)
    for name, check in lint.CHECKS.items():
        console.rule(name, align="left")
        problems = list(check())
        click.echo("\n".join(map(str, problems)) or "ok")
        green &= not problems
    _end(green)


@cli.command("lock")
@click.option("--upgrade", default="", envvar="UPGRADE", help="1 takes the newest versions; or name the packages.")
def lock_groups(upgrade: str) -> None:
    """Locks all groups again after pyproject.toml has changed, and shows for which Pythons and systems there are wheels."""
    groups = lock.groups()
    for written in lock.lock(groups, upgrade=upgrade):
        click.echo(f"locked {written}")
    found = lock.wheels_of(groups)
    Console().print(wheels.table(found))
    gaps = wheels.complaints(found)
    click.echo("\n".join(gaps) or "No gap: set-up builds nothing on any of these.")
    _end(not gaps)


@cli.command("offline")
@click.option("--pythons", envvar="PYTHONS", help="Such as '3.11 3.12'; those on this machine otherwise.")
@click.option("--systems", envvar="SYSTEMS", help=f"Of {', '.join(offline.SYSTEMS)}; this one otherwise.")
@click.option("--to", "folder", type=click.Path(path_type=Path), default=offline.FOLDER, envvar="TO")
def fill_offline(pythons: str | None, systems: str | None, folder: Path) -> None:
    """Fills a folder with everything for a room without network."""
    named = [text.replace(",", " ").split() if text else None for text in (pythons, systems)]
    wanted = offline.targets(named[0] or offline.pythons_here(), named[1] or [doctor.system_name()])
    for line in offline.fill(folder, wanted):
        click.echo(line)
    click.echo(f"{folder} is complete. Copy it onto a stick; from there, sh begin.sh does the rest.")


@cli.command("mutants")
@click.argument("name", default="before")
@click.option("--only", default="", envvar="ONLY", help="Only mutants whose name contains this.")
def hunt_mutants(name: str, only: str) -> None:
    """Plants mistakes in a copy of a stage; the shared suite must notice each."""
    _end(_hunt(name, mutants.read_all(ROOT / "tests" / "mutants", only)))


@cli.command("kill-rate")
@click.argument("names", nargs=-1)
@click.option("--sample", "size", type=click.IntRange(1), default=300, envvar="SAMPLE", show_default=True)
@click.option("--seed", type=int, default=1, envvar="SEED", show_default=True)
@click.option("--only", default="", envvar="ONLY", help="Only mutants whose name contains this.")
def kill_rate(names: tuple[str, ...], size: int, seed: int, only: str) -> None:
    """Makes small mistakes in the business rules; how many do each stage's own tests notice?"""
    found = [stage(name) for name in names] or [each for each in stages() if each.name in ("before", "after")]
    rates = [_kill_rate(each.name, size, seed, only) for each in found]
    table = Table(box=None, pad_edge=False)
    for heading in ("stage", "mutants", "killed", "", "without a database", ""):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    for rate in rates:
        shares = [(count, f"{count / max(rate.total, 1):.1%}") for count in (rate.killed, rate.killed_without_database)]
        table.add_row(rate.stage, str(rate.total), *(str(part) for share in shares for part in share))
    Console().print(table)
    _end(all(rate.reaches(side_of(each).floor) for rate, each in zip(rates, found, strict=True)))


@cli.command("demo")
@click.option("--stage", "name", default="", envvar="STAGE", help="One alone; before and after otherwise.")
@click.option("--once", is_flag=True, envvar="ONCE", help="End when all is shown.")
def demo(name: str, once: bool) -> None:
    """Two servers, their workers and a receiver with one client for each format version: each gets the same from both."""
    sys.exit(demo_run.main([stage(name)] if name else [stage("before"), stage("after")], once=once))


@cli.command("compare")
@click.option("--stages", "names", default="before,after", envvar="STAGES", show_default=True, help="Two, or more.")
@click.option("--quick", is_flag=True, envvar="QUICK", help="Without the stages' own tests.")
def compare(names: str, quick: bool) -> None:
    """Stages side by side: tests, size, speed, and how far it is to a rule."""
    setup.make(groups=[setup.BASE, "compare"])
    _end(compare_run.main([stage(name.strip()) for name in names.split(",")], quick=quick))


@cli.command("fuzz")
@click.option("--stage", "name", default="before", envvar="STAGE", show_default=True)
@click.option(
    "--seed", type=click.IntRange(0), envvar="SEED", help="The requests of an earlier run; new ones otherwise."
)
@click.option(
    "--examples",
    type=click.IntRange(10, 10_000),  # with fewer, chance alone may miss a call's success
    default=testing.FUZZ_EXAMPLES,
    envvar="MAX_EXAMPLES",
    show_default=True,
)
@click.option("--minutes", type=click.FloatRange(0, 24 * 60), default=0, envvar="MINUTES", help="Go on for so long.")
@click.option("--db", type=DATABASES, default="sqlite", envvar="DB", show_default=True)
def fuzz(name: str, seed: int | None, examples: int, minutes: float, db: str) -> None:
    """Requests that the OpenAPI document suggests or forbids, with each kind of key and with none."""
    if db == "postgres" and (reason := testing.why_no_postgres()):
        raise click.ClickException(f"PostgreSQL does not answer: {reason}")
    seed = random.randrange(1, 1_000_000) if seed is None else seed
    click.echo(f"SEED={seed} MAX_EXAMPLES={examples} MINUTES={minutes:g} make fuzz STAGE={name} DB={db} repeats this.")
    _end(testing.run_all([testing.fuzz_run(stage(name), db, seed=seed, examples=examples, minutes=minutes)]))


@cli.command("test-equivalence")
@click.option("--seed", type=int, envvar="SEED", help="The histories of an earlier run; a new seed otherwise.")
@click.option("--histories", type=click.IntRange(2), default=testing.HISTORIES, envvar="HISTORIES", show_default=True)
@click.option("--db", type=DATABASES, default="sqlite", envvar="DB", show_default=True)
@click.option("--stages", "names", default="", envvar="STAGES", help="all, or some by name; the two ends otherwise.")
def equivalence(seed: int | None, histories: int, db: str, names: str) -> None:
    """Whether all stages behave alike: generated histories, OpenAPI, and one database for two stages."""
    if db == "postgres" and (reason := testing.why_no_postgres()):
        raise click.ClickException(f"PostgreSQL does not answer: {reason}")
    seed = random.randrange(1, 1_000_000) if seed is None else seed
    click.echo(f"SEED={seed} HISTORIES={histories} DB={db} STAGES={names} make test-equivalence repeats this.")
    _end(testing.run_all([testing.equivalence_run(db, seed=seed, histories=histories, stages=names)]))


@cli.command("soak")
@click.option("--stage", "name", default="before", envvar="STAGE", show_default=True)
@click.option("--minutes", type=click.FloatRange(0, 24 * 60), default=10, envvar="MINUTES", show_default=True)
@click.option("--seed", type=int, envvar="SEED", help="The faults of an earlier run; a new seed otherwise.")
@click.option("--db", type=DATABASES, default="sqlite", envvar="DB", show_default=True)
def soak(name: str, minutes: float, seed: int | None, db: str) -> None:
    """Random faults for minutes, and at the end the count: nothing lost, nothing made up."""
    _end(soak_run.main(stage(name), db, minutes, seed))


@cli.command("bench")
@click.option("--stage", "names", default="before", envvar="STAGE", show_default=True, help="Or several: before,after")
@click.option("--db", type=DATABASES, envvar="DB", help="One kind of database; both otherwise.")
@click.option("--strict", is_flag=True, envvar="STRICT", help="Fail where a target is missed.")
@click.option("--only", type=click.Choice(list(bench_run.PHASES)), multiple=True, hidden=True)
@click.option("--seconds", type=click.FloatRange(0.1, 60), default=5, hidden=True, help="Longest window.")
@click.option("--rounds", type=click.IntRange(1, 10), default=3, hidden=True)
@click.option("--results", type=click.Path(path_type=Path), default=ROOT / "bench-results", hidden=True)
def bench(
    names: str, db: str | None, strict: bool, only: Sequence[str], seconds: float, rounds: int, results: Path
) -> None:
    """How fast a stage is, or several in turns, beside the limits of the machine, measured in the same run."""
    engines = [db] if db else ["sqlite", "postgres"]
    if "postgres" in engines and (reason := testing.why_no_postgres()):
        if db:
            raise click.ClickException(f"PostgreSQL does not answer: {reason}")
        click.echo(f"Left out: PostgreSQL: {reason}")
        engines.remove("postgres")
    stages_ = [stage(name.strip()) for name in names.split(",")]
    plan = bench_run.Plan(stages_, engines, only or list(bench_run.PHASES), seconds, rounds)
    kept = bench_run.main(plan, results)
    _end(kept or not strict)


for command in (*LEARNER, *steps_commands.LEARNER, dev):
    cli.add_command(command)


def _test_stage(name: str, db: str, only: str = "") -> None:
    if db == "postgres" and (reason := testing.why_no_postgres()):
        raise click.ClickException(f"PostgreSQL does not answer: {reason}")
    chosen = yours.choose(name)
    if chosen.said:
        click.echo(chosen.said)
    _end(testing.run_all(testing.stage_runs(chosen.stage, db, only=only)))


def _hunt(name: str, found: Sequence[mutants.Mutant]) -> bool:
    if not found:
        raise click.ClickException("There is no such mutant in tests/mutants/.")
    console = Console()
    suite = mutants.Suite()
    target = stage(name)
    console.print(f"{len(found)} mutants for {name}. First the unchanged stage, which must be green.")
    if not mutants.healthy(target, found, suite):
        raise click.ClickException("The tests fail on the unchanged stage. Mend that first.")
    fates = []
    with console.status("Two at a time"):
        for verdict in mutants.hunt(target, found, suite):
            fates.append(verdict.fate)
            word = f"{verdict.fate.value:<8} {verdict.mutant.name} ({verdict.seconds:.0f} s)"
            lines = f"{len(fates):>3}/{len(found)} {word}\n        {verdict.detail}"
            console.print(lines, markup=False, highlight=False, soft_wrap=True)
    killed, elsewhere = fates.count(mutants.Fate.KILLED), fates.count(mutants.Fate.NOT_HERE)
    click.echo(f"mutants: {killed} passed, {len(fates) - killed - elsewhere} failed, {elsewhere} skipped")
    return killed > 0 and killed + elsewhere == len(fates)


def _kill_rate(name: str, size: int, seed: int, only: str) -> kill_rates.Rate:
    target, console = stage(name), Console()
    side = side_of(target)
    possible = kill_rates.possible_mutants(target, side)
    known = kill_rates.equivalents(target, possible)
    drawn = kill_rates.sample([one for one in possible if one.name not in known], size, seed, only)
    click.echo(f"{name}: {len(drawn)} of {len(possible)} mutants, seed {seed}; {len(known)} change nothing.")
    verdicts = []
    with console.status("Two at a time"):
        for verdict in kill_rates.trials(target, side, drawn):
            verdicts.append(verdict)
            if not verdict.killed:
                lines = f"SURVIVED {verdict.mutant.name} (line {verdict.mutant.lines[0]})"
                console.print(lines, markup=False, highlight=False, soft_wrap=True)
    return kill_rates.Rate(name, verdicts)


def _end(green: bool) -> None:
    sys.exit(0 if green else 1)


def main() -> None:
    """Starts a command in an environment made for it, and turns what can go wrong before into one clear line."""
    environment.enter()
    try:
        cli(prog_name="./ws")
    except (
        UnknownStage,
        setup.SetupFailed,
        offline.OfflineFailed,
        mutants.BrokenMutant,
        BenchFailed,
        CompareFailed,
        ProbeFailed,
        kill_rates.CannotTell,
        ExerciseProblem,
        NoFreshMachine,
        StepsProblem,
    ) as problem:
        click.echo(f"Error: {problem}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
