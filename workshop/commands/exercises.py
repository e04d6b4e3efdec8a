"""The commands on the exercises. Each is one call of a session; the loop does the same by key."""

import sys
from datetime import datetime

import click

from workshop import ROOT
from workshop.base import environment
from workshop.base.problems import CommandFailed
from workshop.commands import LearnersCommand
from workshop.exercises import editor, loop
from workshop.exercises.catalogue import Exercise
from workshop.exercises.judge import Judge, Verdict
from workshop.exercises.receipt import receipt
from workshop.exercises.session import Session

PROBLEMS = click.option("--problems", is_flag=True, help="Print a line for each red check, as FILE:LINE: error: TEXT.")


@click.command(cls=LearnersCommand)
@PROBLEMS
def start(problems: bool) -> None:
    """Continue the current exercise: check work/ each time you save. Without a terminal, check once."""
    session = Session()
    session.lists_problems = problems
    if loop.is_interactive():
        try:
            loop.watch(session)
        except KeyboardInterrupt:
            pass
        click.echo("Your work is in work/. ./ws continues it.")
        return
    exercise = session.resume()
    session.screen.title(exercise)
    verdict = _check(session, exercise)
    session.screen.say()
    session.screen.say("./ws hint gives a hint." if verdict.red else "./ws next compares your work with the solution.")
    sys.exit(0 if verdict.is_green else 1)


@click.command("list", cls=LearnersCommand)
def list_all() -> None:
    """List all exercises, and show how far you are."""
    session = Session()
    session.screen.listing(session.exercises, session.work.read())


@click.command(cls=LearnersCommand)
@click.argument("name")
def go(name: str) -> None:
    """Go to an exercise, by number or name. Your work is saved, and restored when you return."""
    session = Session()
    session.screen.title(session.go(name))


@click.command(cls=LearnersCommand)
@PROBLEMS
def check(problems: bool) -> None:
    """Check work/ once. The exit code is 1 if a check is red."""
    session = Session()
    session.lists_problems = problems
    sys.exit(0 if _check(session, session.current()).is_green else 1)


@click.command(cls=LearnersCommand)
def hint() -> None:
    """Show the next hint for the first red check."""
    session = Session()
    exercise = session.current()
    with Judge() as judge:
        session.hint(exercise, session.check(judge, exercise))


@click.command("next", cls=LearnersCommand)
@click.option("--anyway", is_flag=True, help="Go on even if a check is red. Your work is saved.")
def go_on(anyway: bool) -> None:
    """Compare with the solution and go on to the next exercise."""
    session = Session()
    exercise = session.current()
    if not anyway:
        with Judge() as judge:
            verdict = session.check(judge, exercise)
        if verdict.red:
            session.screen.verdict(verdict)
            raise CommandFailed("A check is still red. ./ws next --anyway goes on; your work will be saved.")
        session.compare(exercise)
    following = session.next(exercise)
    if following.name != exercise.name:
        session.screen.title(following)


@click.command(cls=LearnersCommand)
def reset() -> None:
    """Start the current exercise again; your work is saved first."""
    Session().reset()


@click.command(cls=LearnersCommand)
@click.argument("number", type=click.IntRange(1), required=False)
def restore(number: int | None) -> None:
    """Bring back saved work on the current exercise: the latest, or the copy with that number."""
    Session().restore(number)


@click.command(cls=LearnersCommand)
def solution() -> None:
    """Show your work next to the solution of the current exercise."""
    session = Session()
    session.compare(session.current())


@click.command(cls=LearnersCommand)
@click.argument("name", required=False)
@click.option("--step", "stage", metavar="STEP", help="Put walk/ at this step instead; your changes are saved.")
def catchup(name: str | None, stage: str | None) -> None:
    """Go to the next exercise, or to the named one, and read about those that you skipped."""
    if stage is not None:
        if name:
            raise CommandFailed("Name an exercise or a step, not both.")
        from workshop.walk.catching_up import reading, told  # here, so that the other commands start sooner
        from workshop.walk.walk import Walk

        arrival = Walk(ROOT).go(stage)
        click.echo("\n".join([*told(arrival), *reading(arrival, ROOT)]))
        return
    session = Session()
    session.screen.title(session.catch_up(name))


@click.command("editor", cls=LearnersCommand)
@click.argument("wish", type=click.Choice(["always", "never", "ask"]), required=False)
def set_editor(wish: str | None) -> None:
    """Say whether your editor opens the first place to fix by itself while ./ws runs: always, never or ask."""
    work = Session().work
    if wish:
        with work.changing() as state:
            state.editor = "" if wish == "ask" else wish
    found, kept = editor.find(environment.of_the_person()), work.read().editor
    click.echo(editor.described(found, kept))


@click.command("receipt", cls=LearnersCommand)
@click.option("--sign", help="The sign that you found in your own project. Without it, you are asked.")
@click.option("--commit", help="The first commit in your own project. Without it, you are asked.")
def show_receipt(sign: str | None, commit: str | None) -> None:
    """Print your results: exercises, minutes, bets, rungs, your sign and your first commit. Nothing is sent anywhere."""
    session = Session()
    known = session.work.read()
    sign = _answer(sign, known.sign, "The sign that you found in your own project (./ws signs PATH)")
    commit = _answer(commit, known.commit, "The first commit in your own project")
    if (sign, commit) != (known.sign, known.commit):
        with session.work.changing() as state:
            state.sign, state.commit = sign, commit
    for line in receipt(session.exercises, session.work, datetime.now().astimezone().date()):
        click.echo(line)


@click.command(cls=LearnersCommand)
@click.option("--explain", metavar="CODE", help="Explain a code that a learner read out to you.")
def doctor(explain: str | None) -> None:
    """Check that this machine has everything that the workshop needs. Works before any set-up."""
    from workshop.base import doctor as preflight  # here, so that the other commands start sooner

    sys.exit(preflight.main(["--explain", explain] if explain is not None else []))


def _answer(given: str | None, known: str, question: str) -> str:
    """What a learner says about their own project: the option, else the answer to a question, else what they said before."""
    if given is None and loop.is_interactive():
        return str(click.prompt(question, default=known, show_default=bool(known)))
    return known if given is None else given


def _check(session: Session, exercise: Exercise) -> Verdict:
    with Judge() as judge:
        verdict = session.check(judge, exercise)
    session.show(verdict)
    return verdict
