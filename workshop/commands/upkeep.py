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


@click.group(cls=Sections, sections=DEV)
def dev() -> None:
    """For those who write steps, documents and exercises."""


@click.command()
@click.option("--fix", is_flag=True, help="Let ruff lay the code out and fix what it can, and check nothing else.")
def lint(fix: bool) -> None:
    """ruff, mypy and the repository's own rules."""
    setup.make(groups=[setup.BASE, "lint"])
    if fix:
        end(sum(not linting.run_tool(tool) for tool in linting.fixers()) == 0)
    console, green = Console(), True
    for name, tool in linting.tools().items():
        console.rule(name, align="left")
        green &= linting.run_tool(tool)
    for name, check_ in linting.CHECKS.items():
        console.rule(name, align="left")
        problems = list(check_())
        click.echo("\n".join(map(str, problems)) or "ok")
        green &= not problems
    end(green)


@click.command()
@click.option("--upgrade", default="", envvar="UPGRADE", help="1 takes the newest versions; or name the packages.")
def lock(upgrade: str) -> None:
    """Locks all groups again after pyproject.toml has changed, and shows for which Pythons and systems there are wheels."""
    groups = locking.groups()
    for written in locking.lock(groups, upgrade=upgrade):
        click.echo(f"locked {written}")
    found = locking.wheels_of(groups)
    Console().print(wheels.table(found))
    gaps = wheels.complaints(found)
    click.echo("\n".join(gaps) or "No gap: set-up builds nothing on any of these.")
    end(not gaps)


@click.command()
@click.option("--pythons", envvar="PYTHONS", help="Such as '3.11 3.12'; those on this machine otherwise.")
@click.option("--systems", envvar="SYSTEMS", help=f"Of {', '.join(leaving.SYSTEMS)}; this one otherwise.")
@click.option("--to", "folder", type=click.Path(path_type=Path), default=leaving.FOLDER, envvar="TO")
def offline(pythons: str | None, systems: str | None, folder: Path) -> None:
    """Fills a folder with everything for a room without network."""
    named = [text.replace(",", " ").split() if text else None for text in (pythons, systems)]
    wanted = leaving.targets(named[0] or leaving.pythons_here(), named[1] or [doctor.system_name()])
    for line in leaving.fill(folder, wanted):
        click.echo(line)
    click.echo(f"{folder} is complete. Copy it onto a stick; from there, sh begin.sh does the rest.")


@click.command()
def clean() -> None:
    """Remove what these commands made; asks before a database with data goes."""
    cleaning.main()


@click.command()
@click.argument("names", nargs=-1)
@click.option("--commits", is_flag=True, help="With steps: the shared suite at every commit; a minute and more each.")
@click.option("--commits-since", metavar="REV", help="With steps: at the commits that differ from that revision.")
def check(names: tuple[str, ...], commits: bool, commits_since: str | None) -> None:
    """Prove that exercises do what they say: all, or those named. `check steps` proves the migration."""
    if "steps" in names or commits or commits_since:
        from workshop.maintaining.checking import check_steps

        if names not in ((), ("steps",)):
            raise CommandFailed("Check exercises or steps, one at a time.")
        end(check_steps(all_commits=commits, since=commits_since))
    exercises = [catalogue.find(name) for name in names] or catalogue.read_all()
    count = 0
    with Judge(upkeep.SECONDS_A_JOB) as judge:
        for exercise in exercises:
            found = [*upkeep.form(exercise), *upkeep.behaviour(exercise, judge)]
            count += len(found)
            proved = f"start, solution, {len(exercise.alternatives)} alternatives, {len(exercise.wrong)} wrong"
            click.echo(f"{exercise.name}: {'ok' if not found else f'{len(found)} problems'} ({proved})")
            for problem in found:
                click.echo(f"  {problem}")
    end(not count)


@click.command()
@click.argument("name")
def new(name: str) -> None:
    """Start an exercise, NN-slug: one that works, with WRITE: where its content goes."""
    made = begin(name, ROOT)
    click.echo(f"exercises/{made} and solutions/{made} are there. ./ws dev check {made} lists what is to write.")


@click.command()
@click.option("--plan", "only_plan", is_flag=True, help="Say what would run, and run nothing.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), envvar="DAY", help="Another day's turn; today's otherwise.")
@click.option(
    "--minutes", type=click.FloatRange(0), default=75, show_default=True, help="No turn begins that ends later."
)
@click.option("--began", type=float, envvar="GATE_BEGAN", help="When the minutes began, as `date +%s` says it.")
def gate(only_plan: bool, day: datetime | None, minutes: float, began: float | None) -> None:
    """What `.ci/run` adds to `make lint` and `make test`: what a change touches, and the turn of the day."""
    from workshop.maintaining.gate import run

    chosen = run.plan_of(day.date() if day else datetime.now(UTC).date())
    click.echo("\n".join(run.described(chosen)))
    if not only_plan:
        end(run.run(chosen, run.Limit(began or time.time(), minutes * 60)))


@click.command()
@click.argument("command", nargs=-1)
def fresh(command: tuple[str, ...]) -> None:
    """Run README's two commands, or others, on the newest Debian as an ordinary user. Needs root and debootstrap."""
    with fresh_machine.fresh_machine() as machine:
        for line in command or fresh_machine.COMMANDS:
            click.echo(f"$ {line}")
            ended = machine.run(line, shown=True)
            click.echo(f"{line} ended with {ended.code} after {ended.seconds:.0f} s.")
            if ended.code:
                sys.exit(1)
