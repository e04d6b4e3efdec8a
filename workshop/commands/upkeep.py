"""For maintainers: `./ws lint`, `lock`, `offline`, and `./ws dev` with `new`, `check`, `gate` and `fresh`."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from workshop import ROOT
from workshop.base import clean as cleaning
from workshop.base import doctor, setup
from workshop.base.commands import DEV
from workshop.base.counting import counted
from workshop.base.problems import CommandFailed
from workshop.commands import Sections, end
from workshop.exercises import catalogue
from workshop.exercises.judge import Judge
from workshop.maintaining import fresh_machine
from workshop.maintaining import lint as linting
from workshop.maintaining.exercises import upkeep
from workshop.maintaining.exercises.new import begin
from workshop.maintaining.packages import lock as locking
from workshop.maintaining.packages import offline as leaving
from workshop.maintaining.packages import wheels

GATE_SECONDS = 75 * 60  # after the start of `.ci/run`


@click.group(cls=Sections, sections=DEV)
def dev() -> None:
    """For maintainers of steps, documents and exercises."""


@click.command()
@click.option("--fix", is_flag=True, help="Let ruff format and fix the code, and check nothing else.")
def lint(fix: bool) -> None:
    """Check the code: ruff, mypy and the repository's own rules."""
    setup.make(groups=[setup.BASE, "lint"])
    if fix:
        end(linting.run_tools(linting.fixers()))
    green = linting.run_tools(linting.tools())
    end(linting.run_checks(linting.CHECKS) and green)


@click.command()
@click.option(
    "--upgrade", default="", envvar="UPGRADE", help="1 takes the newest versions of all packages; or name packages."
)
def lock(upgrade: str) -> None:
    """Lock all groups again after a change of pyproject.toml, and list the wheels for each Python and system."""
    groups = locking.groups()
    for written in locking.lock(groups, upgrade=upgrade):
        click.echo(f"locked {written}")
    found = {group: wheels.packages(group, locking.UV) for group in groups}
    Console().print(wheels.table(found))
    gaps = wheels.complaints(found)
    click.echo("\n".join(gaps) or "No wheel is missing: set-up need not build a package on any of these systems.")
    end(not gaps)


@click.command()
@click.option("--pythons", envvar="PYTHONS", help="Such as '3.11 3.12'. Default: the Pythons on this machine.")
@click.option("--systems", envvar="SYSTEMS", help=f"Some of {', '.join(leaving.SYSTEMS)}. Default: this system.")
@click.option("--to", "folder", type=click.Path(path_type=Path), default=leaving.FOLDER, envvar="TO")
def offline(pythons: str | None, systems: str | None, folder: Path) -> None:
    """Fill a folder with everything for a room without network, the site too."""
    setup.make(groups=[setup.BASE, "site"])
    from workshop.maintaining.site.build import build  # here: it needs the packages that were just installed

    named = [text.replace(",", " ").split() if text else None for text in (pythons, systems)]
    wanted = leaving.targets(named[0] or leaving.pythons_here(), named[1] or [doctor.system_name()])
    for line in build():
        click.echo(line)
    for line in leaving.fill(folder, wanted):
        click.echo(line)
    click.echo(f"{folder} is complete. Copy it onto a USB stick. On each machine, run sh begin.sh from the stick.")


@click.command()
def clean() -> None:
    """Remove everything that these commands made; asks before it deletes a database with data."""
    cleaning.main()


@click.command()
@click.argument("names", nargs=-1)
@click.option(
    "--commits",
    is_flag=True,
    help="With steps: the shared suite at every commit, which takes a minute or more for each.",
)
@click.option("--commits-since", metavar="REV", help="With steps: only at the commits that differ from that revision.")
def check(names: tuple[str, ...], commits: bool, commits_since: str | None) -> None:
    """Prove that the exercises work as described: all, or the named ones. `check steps` proves the migration."""
    if "steps" in names or commits or commits_since:
        from workshop.maintaining.checking import check_steps

        if names not in ((), ("steps",)):
            raise CommandFailed("Name exercises or steps, not both.")
        end(check_steps(all_commits=commits, since=commits_since))
    exercises = [catalogue.find(name) for name in names] or catalogue.read_all()
    count = 0
    with Judge(upkeep.SECONDS_A_JOB) as judge:
        for exercise in exercises:
            found = [*upkeep.form(exercise), *upkeep.behaviour(exercise, judge)]
            count += len(found)
            others = f"{counted(len(exercise.alternatives), 'alternative')}, {len(exercise.wrong)} wrong"
            result = counted(len(found), "problem") if found else "ok"
            click.echo(f"{exercise.name}: {result} (start, solution, {others})")
            for problem in found:
                click.echo(f"  {problem}")
    end(not count)


@click.command()
@click.argument("name")
def new(name: str) -> None:
    """Make a new exercise, NN-slug. It works, and WRITE: marks the places for its content."""
    made = begin(name, ROOT)
    click.echo(f"exercises/{made} and solutions/{made} are made. ./ws dev check {made} lists the missing texts.")


@click.command()
@click.option("--plan", "only_plan", is_flag=True, help="Show what would run, and run nothing.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), envvar="DAY", help="The turn of another day. Default: today.")
@click.option("--began", type=float, envvar="GATE_BEGAN", help="The start of `.ci/run`, as `date +%s` prints it.")
def gate(only_plan: bool, day: datetime | None, began: float | None) -> None:
    """Run the jobs that `.ci/run` adds to `make lint` and `make test`: those for a change, and the turn of the day.

    It leaves out jobs that would end later than 75 minutes after the start.
    """
    from workshop.maintaining.gate import run

    chosen = run.plan_of(day.date() if day else datetime.now(UTC).date())
    click.echo("\n".join(run.described(chosen)))
    if not only_plan:
        end(run.run(chosen, (began or time.time()) + GATE_SECONDS))


@click.command()
@click.argument("command", nargs=-1)
def fresh(command: tuple[str, ...]) -> None:
    """Run README's two commands, or others, as an ordinary user on the newest Debian. Needs root and debootstrap."""
    with fresh_machine.fresh_machine() as machine:
        for line in command or fresh_machine.COMMANDS:
            click.echo(f"$ {line}")
            ended = machine.run(line, shown=True)
            click.echo(f"{line} ended with {ended.returncode}.")
            if ended.returncode:
                sys.exit(1)
