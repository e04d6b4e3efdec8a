"""The commands that run tests: of a stage, of everything, and with planted mistakes."""

import os
import random
import sys

import click
from rich.console import Console

from workshop import ROOT
from workshop.base import setup
from workshop.base.counting import counted
from workshop.base.problems import CommandFailed
from workshop.base.stages import all_stages, rungs, stage, stages
from workshop.commands import DATABASES, end
from workshop.harness import testing
from workshop.maintaining import mutants, suites
from workshop.maintaining.gate import jobs
from workshop.maintaining.kill_rate import run as kill_rates
from workshop.maintaining.kill_rate.sides import side_of
from workshop.walk import yours

STAGE = click.option("--stage", "name", default="before", envvar="STAGE", show_default=True)
DB = click.option("--db", type=DATABASES, default="sqlite", envvar="DB", show_default=True)


@click.command()
@click.argument("name", required=False, metavar="[STAGE]")
@DB
@click.option(
    "--only", default="", envvar="ONLY", help="For a stage: only tests of the shared suite with this in their names."
)
def test(name: str | None, db: str, only: str) -> None:
    """Both ends on SQLite, and the tool's own tests; or one stage: 5, step-05, before, after, walk.

    If walk/ is at that stage and you have changed it, your version is tested. `walk` always means walk/.
    """
    if name is None:
        end(testing.run_all(*jobs.runs_of(jobs.jobs_of_test())))
    _needs(db)
    chosen = yours.choose(name)
    if chosen.said:
        click.echo(chosen.said)
    end(testing.run_all(testing.stage_runs(chosen.stage, db, only=only)))


@click.command()
def test_steps() -> None:
    """Every stage from before to after on SQLite, and the rungs on PostgreSQL if there is one."""
    end(testing.run_all(*suites.road_runs(all_stages(), rungs())))


@click.command()
@click.argument("name", metavar="[STAGE]", default="before", envvar="STAGE")
@DB
@click.option("--seconds", default="60", envvar="FIRE_SECONDS", show_default=True, help="The seconds of each race.")
def test_fire(name: str, db: str, seconds: str) -> None:
    """Test one stage under races and crashes."""
    os.environ["FIRE_SECONDS"] = seconds
    _needs(db)
    end(testing.run_all([suites.fire_run(stage(name), db)]))


@click.command()
@click.option("--beyond-test", is_flag=True, help="Leave out what `make test` runs.")
def test_all(beyond_test: bool) -> None:
    """Test everything, with PostgreSQL and other Pythons if this machine has them."""
    first = [] if beyond_test else jobs.jobs_of_test()
    runs, skipped = jobs.runs_of([*first, *jobs.further_jobs(), *jobs.jobs_by_hand()])
    at_commits, too_many = jobs.commits_of_a_change()
    end(testing.run_all([*runs, *at_commits], [*skipped, *too_many]))


@click.command()
@click.argument("name", metavar="[STAGE]", default="before", envvar="STAGE")
def coverage(name: str) -> None:
    """Measure which lines a stage's own tests run."""
    end(suites.measure_coverage(stage(name)))


@click.command()
@STAGE
@click.option("--seed", type=click.IntRange(0), envvar="SEED", help="The seed of an earlier run. Default: a new seed.")
@click.option(
    "--examples",
    type=click.IntRange(10, 10_000),  # with fewer, a call may never succeed, by chance
    default=suites.FUZZ_EXAMPLES,
    envvar="MAX_EXAMPLES",
    show_default=True,
)
@click.option(
    "--minutes", type=click.FloatRange(0, 24 * 60), default=0, envvar="MINUTES", help="Go on for so many minutes."
)
@DB
def fuzz(name: str, seed: int | None, examples: int, minutes: float, db: str) -> None:
    """Send requests that the OpenAPI document suggests or forbids, with each kind of key and without a key."""
    _needs(db)
    seed = random.randrange(1, 1_000_000) if seed is None else seed
    click.echo(f"SEED={seed} MAX_EXAMPLES={examples} MINUTES={minutes:g} STAGE={name} DB={db} ./ws fuzz repeats this.")
    end(testing.run_all([suites.fuzz_run(stage(name), db, seed=seed, examples=examples, minutes=minutes)]))


@click.command("test-equivalence")
@click.option("--seed", type=int, envvar="SEED", help="The seed of an earlier run. Default: a new seed.")
@click.option("--histories", type=click.IntRange(2), default=suites.HISTORIES, envvar="HISTORIES", show_default=True)
@DB
@click.option("--stages", "names", default="", envvar="STAGES", help="all, or some by name. Default: before and after.")
def equivalence(seed: int | None, histories: int, db: str, names: str) -> None:
    """Test that all stages behave alike: generated histories, OpenAPI, and one database for two stages."""
    _needs(db)
    seed = random.randrange(1, 1_000_000) if seed is None else seed
    click.echo(f"SEED={seed} HISTORIES={histories} DB={db} STAGES={names} ./ws test-equivalence repeats this.")
    end(testing.run_all([suites.equivalence_run(db, seed=seed, histories=histories, stages=names)]))


@click.command()
@STAGE
@click.option("--minutes", type=click.FloatRange(0, 24 * 60), default=10, envvar="MINUTES", show_default=True)
@click.option("--seed", type=int, envvar="SEED", help="The seed of an earlier run. Default: a new seed.")
@DB
def soak(name: str, minutes: float, seed: int | None, db: str) -> None:
    """Cause random faults for some minutes, then count: no delivery lost, none invented."""
    given = [stage(name).name, str(stage(name).folder), db, str(minutes), *([] if seed is None else [str(seed)])]
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execv(setup.interpreter(), [str(setup.interpreter()), "tests/soak", *given])


@click.command("mutants")
@click.argument("name", default="before", envvar="STAGE", metavar="[STAGE]")
@click.option("--only", default="", envvar="ONLY", help="Only mutants whose names contain this.")
def hunt_mutants(name: str, only: str) -> None:
    """Plant mistakes in a copy of a stage; the shared suite must notice each of them."""
    found, target = mutants.read_all(ROOT / "tests" / "mutants", only), stage(name)
    if not found:
        raise CommandFailed("No mutant in tests/mutants/ has that in its name.")
    suite = mutants.Suite()
    click.echo(f"{counted(len(found), 'mutant')} for {name}. First the unchanged stage, which must be green.")
    if not mutants.healthy(target, found, suite):
        raise CommandFailed("The tests fail on the unchanged stage. Fix that first.")
    fates = []
    with Console().status("Two at a time"):
        for verdict in mutants.hunt(target, found, suite):
            fates.append(verdict.fate)
            word = f"{verdict.fate.value:<8} {verdict.mutant.name} ({verdict.seconds:.0f} s)"
            click.echo(f"{len(fates):>3}/{len(found)} {word}\n        {verdict.detail}")
    killed, elsewhere = fates.count(mutants.Fate.KILLED), fates.count(mutants.Fate.NOT_HERE)
    click.echo(f"mutants: {killed} passed, {len(fates) - killed - elsewhere} failed, {elsewhere} skipped")
    end(killed > 0 and killed + elsewhere == len(fates))


@click.command("kill-rate")
@click.argument("names", nargs=-1)
@click.option("--sample", "size", type=click.IntRange(1), default=300, envvar="SAMPLE", show_default=True)
@click.option("--seed", type=int, default=1, envvar="SEED", show_default=True)
@click.option("--only", default="", envvar="ONLY", help="Only mutants whose names contain this.")
def kill_rate(names: tuple[str, ...], size: int, seed: int, only: str) -> None:
    """Make small mistakes in the business rules, and count how many each stage's own tests notice."""
    names = names or tuple(os.environ.get("STAGE", "").split())
    found = [stage(name) for name in names] or stages()
    rates = []
    enough = True
    for each in found:
        drawn = kill_rates.draw(each, size, seed, only)
        click.echo(
            f"{each.name}: {len(drawn.mutants)} of {drawn.possible} mutants, seed {seed}; {drawn.known} change nothing."
        )
        verdicts = []
        with Console().status("Two at a time"):
            for verdict in kill_rates.trials(each, side_of(each), drawn.mutants):
                verdicts.append(verdict)
                if not verdict.killed:
                    click.echo(f"SURVIVED {verdict.mutant.name} (line {verdict.mutant.lines[0]})")
        rate = kill_rates.Rate(each.name, verdicts)
        without = rate.killed_without_database
        killed = f"{rate.killed} of {rate.total} killed ({rate.killed / max(rate.total, 1):.1%})"
        rates.append(f"{rate.stage}: {killed}, {without} without a database ({without / max(rate.total, 1):.1%})")
        enough &= rate.reaches(side_of(each).floor)
    click.echo("\n".join(rates))
    end(enough)


def _needs(db: str) -> None:
    if db == "postgres" and (reason := testing.why_no_postgres()):
        raise CommandFailed(f"PostgreSQL does not answer: {reason}")
