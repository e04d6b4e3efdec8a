"""The commands of `./ws`. Each is one call of a session; the loop does the same by key."""

import sys
from datetime import datetime
from typing import Any

import click

from workshop import doctor as preflight
from workshop.exercises import ExerciseProblem, loop
from workshop.exercises.catalogue import Exercise
from workshop.exercises.judge import Judge, Verdict
from workshop.exercises.receipt import receipt
from workshop.exercises.session import Session, explain


class Command(click.Command):
    """A command that says in words what went wrong with the disk."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except OSError as error:
            raise ExerciseProblem(explain(error)) from error


@click.command(cls=Command)
def start() -> None:
    """Go on with the current exercise: watch work/ and answer each save. In a pipe: check once."""
    if loop.is_interactive():
        try:
            loop.watch(Session())
        except KeyboardInterrupt:
            pass
        click.echo("Your work is in work/. ./ws goes on.")
        return
    session = Session()
    exercise = session.resume()
    session.screen.title(exercise)
    verdict = _check(session, exercise)
    session.screen.say()
    session.screen.say("./ws hint gives a hint." if verdict.red else "./ws next compares yours with the solution.")
    sys.exit(0 if verdict.is_green else 1)


@click.command("list", cls=Command)
def list_all() -> None:
    """All exercises, and how far you are."""
    session = Session()
    session.screen.listing(session.exercises, session.work.read())


@click.command(cls=Command)
@click.argument("name")
def go(name: str) -> None:
    """Go to an exercise, by number or name; your work is saved, and brought back when you return."""
    session = Session()
    session.screen.title(session.go(name))


@click.command(cls=Command)
def check() -> None:
    """Check work/ once. Ends with 1 where something is red."""
    session = Session()
    sys.exit(0 if _check(session, session.current()).is_green else 1)


@click.command(cls=Command)
def hint() -> None:
    """The next hint for what is red first."""
    session = Session()
    exercise = session.current()
    with Judge() as judge:
        session.hint(exercise, session.check(judge, exercise))


@click.command("next", cls=Command)
@click.option("--anyway", is_flag=True, help="Even where something is red; your work is saved.")
def go_on(anyway: bool) -> None:
    """Compare with the solution and go on to the next exercise."""
    session = Session()
    exercise = session.current()
    if not anyway:
        with Judge() as judge:
            verdict = session.check(judge, exercise)
        if verdict.red:
            session.screen.verdict(verdict)
            raise ExerciseProblem("Something is still red. ./ws next --anyway leaves it, with your work saved.")
        session.compare(exercise)
    following = session.next(exercise)
    if following.name != exercise.name:
        session.screen.title(following)


@click.command(cls=Command)
def reset() -> None:
    """Begin the current exercise again; your work is saved first."""
    Session().reset()


@click.command(cls=Command)
@click.argument("number", type=click.IntRange(1), required=False)
def restore(number: int | None) -> None:
    """Bring saved work on the current exercise back: the latest, or the copy of that number."""
    Session().restore(number)


@click.command(cls=Command)
def solution() -> None:
    """Your work beside the solution of the current exercise."""
    session = Session()
    session.compare(session.current())


@click.command(cls=Command)
@click.argument("name", required=False)
@click.option("--step", "stage", metavar="STEP", help="Not an exercise: put walk/ at this step, yours saved.")
def catchup(name: str | None, stage: str | None) -> None:
    """Go to where the room is, the next exercise or the one named, and read what you passed."""
    if stage is not None:
        from workshop.steps.commands import catch_up  # it builds on this module

        if name:
            raise ExerciseProblem("Catch up with an exercise or with a step, one at a time.")
        catch_up(stage)
        return
    session = Session()
    session.screen.title(session.catch_up(name))


@click.command("receipt", cls=Command)
@click.option("--commit", "commit", help="The first commit in your own project; asked for otherwise.")
def show_receipt(commit: str | None) -> None:
    """What you take home: exercises, minutes, bets, rungs and your first commit, as text. It goes nowhere by itself."""
    session = Session()
    promised = session.work.read().commit
    if commit is None and loop.is_interactive():
        commit = click.prompt("The first commit in your own project", default=promised, show_default=bool(promised))
    if commit is not None and commit != promised:
        with session.work.changing() as state:
            state.commit = commit
    today = datetime.now().astimezone().date()
    for line in receipt(session.exercises, session.work, promised if commit is None else commit, today):
        click.echo(line)


@click.command(cls=Command)
@click.option("--explain", metavar="CODE", help="What the code says that somebody reads out.")
def doctor(explain: str | None) -> None:
    """Whether this machine has what is needed. Works before any set-up."""
    sys.exit(preflight.main(["--explain", explain] if explain is not None else []))


def _check(session: Session, exercise: Exercise) -> Verdict:
    with Judge() as judge:
        verdict = session.check(judge, exercise)
    session.screen.verdict(verdict)
    return verdict


LEARNER = (doctor, start, list_all, go, check, hint, go_on, reset, restore, solution, catchup, show_receipt)
