"""`./ws dev`: for those who write exercises, steps and documents."""

import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from workshop import ROOT, fresh_machine
from workshop import schedule as schedules
from workshop.excerpts import excerpts_are_true, mend
from workshop.exercises import ExerciseProblem, catalogue, upkeep
from workshop.exercises.judge import Judge

TEMPLATE = Path(__file__).with_name("template")


@click.group()
def dev() -> None:
    """For those who write exercises, steps and documents."""


@dev.command()
@click.argument("names", nargs=-1)
@click.option("--commits", is_flag=True, help="With steps: the shared suite at every commit; a minute and more each.")
@click.option("--commits-since", metavar="REV", help="With steps: at the commits that differ from that revision.")
def check(names: tuple[str, ...], commits: bool, commits_since: str | None) -> None:
    """Prove that exercises do what they say: all, or those named. `check steps` proves the migration."""
    if "steps" in names or commits or commits_since:
        from workshop.steps.checking import check_steps  # it builds on the runner of tests

        if names not in ((), ("steps",)):
            raise ExerciseProblem("Check exercises or steps, one at a time.")
        sys.exit(0 if check_steps(all_commits=commits, since=commits_since) else 1)
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
    sys.exit(1 if count else 0)


@dev.command()
@click.argument("name")
def new(name: str) -> None:
    """Start an exercise, NN-slug: one that works, with WRITE: where its content goes."""
    made = begin(name, ROOT)
    click.echo(f"exercises/{made} and solutions/{made} are there. ./ws dev check {made} lists what is to write.")


@dev.command()
@click.option("--plan", "only_plan", is_flag=True, help="Say what would run, and run nothing.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), envvar="DAY", help="Another day's turn; today's otherwise.")
@click.option(
    "--minutes", type=click.FloatRange(0), default=75, show_default=True, help="No turn begins that ends later."
)
@click.option("--began", type=float, envvar="GATE_BEGAN", help="When the minutes began, as `date +%s` says it.")
def gate(only_plan: bool, day: datetime | None, minutes: float, began: float | None) -> None:
    """What `.ci/run` adds to `make lint` and `make test`: what a change touches, and the turn of the day."""
    from workshop.gate import run  # it builds on the runner of tests

    chosen = run.plan_of(day.date() if day else datetime.now(UTC).date())
    click.echo("\n".join(run.described(chosen)))
    if not only_plan:
        sys.exit(0 if run.run(chosen, run.Limit(began or time.time(), minutes * 60)) else 1)


@dev.command()
def schedule() -> None:
    """Add up the minutes of the schedules in docs/facilitating.md: do they fit?"""
    lines = (ROOT / schedules.DOCUMENT).read_text(encoding="utf-8").splitlines()
    for one in schedules.schedules(lines):
        click.echo(f"{one.length} minutes: {one.total} planned, {one.length - one.total} left, {len(one.rows)} rows")
    problems = list(schedules.schedules_fit())
    for problem in problems:
        click.echo(f"  {problem}")
    sys.exit(1 if problems else 0)


@dev.command()
def excerpts() -> None:
    """Put new numbers into the documents where the lines of an excerpt have moved."""
    for said in mend():
        click.echo(said)
    problems = list(excerpts_are_true())
    for problem in problems:
        click.echo(str(problem))
    sys.exit(1 if problems else 0)


@dev.command("fresh")
@click.argument("command", nargs=-1)
def fresh(command: tuple[str, ...]) -> None:
    """Run README's two commands, or others, on the newest Debian as an ordinary user. Needs root and debootstrap."""
    commands = command or fresh_machine.COMMANDS
    with fresh_machine.fresh_machine() as machine:
        for line in commands:
            click.echo(f"$ {line}")
            ended = machine.run(line, shown=True)
            click.echo(f"{line} ended with {ended.code} after {ended.seconds:.0f} s.")
            if ended.code:
                sys.exit(1)


def begin(name: str, root: Path) -> str:
    """Makes a working exercise from the template and returns the name of its folders."""
    parts = catalogue.FOLDER_NAME.fullmatch(name)
    if not parts:
        raise ExerciseProblem(f"{name!r} is not NN-slug, such as 05-rename-without-fear.")
    targets = {"exercise": root / "exercises" / name, "solution": root / "solutions" / name}
    for target in targets.values():
        if target.exists():
            raise ExerciseProblem(f"{target.relative_to(root)} is there already.")
    title = parts[2].replace("-", " ").capitalize()
    for part, target in targets.items():
        shutil.copytree(TEMPLATE / part, target, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("README.md", "exercise.toml"):
        path = targets["exercise"] / file
        path.write_text(path.read_text(encoding="utf-8").replace("@TITLE@", title), encoding="utf-8")
    return name
