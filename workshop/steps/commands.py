"""The commands on the walk: `./ws walk`, `step`, `diff`, and for maintainers `./ws dev export` and `rebase`."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from workshop import ROOT, setup, stages
from workshop.exercises.commands import Command
from workshop.exercises.maintaining import dev
from workshop.steps import StepsProblem, bets, curve, figures, measure, transcripts
from workshop.steps.catching_up import reading
from workshop.steps.changes import DIFF
from workshop.steps.export import Exported
from workshop.steps.export import export as export_steps
from workshop.steps.git import Git
from workshop.steps.names import RUNGS, folder_name, number_of, stage_name, title
from workshop.steps.rebase import Rebase
from workshop.steps.road import road
from workshop.steps.walk import Arrival, Walk
from workshop.testing import why_no_postgres

TIMED = "timed"
MOST_NAMED = 8
READER_LEFT = (-signal.SIGPIPE, 128 + signal.SIGPIPE)  # `./ws diff 4 5 | head` is no failure


@click.command(cls=Command)
def walk() -> None:
    """Lay the migration out in walk/ as a git repository, a tag a stage; the same commit ids everywhere."""
    _lay_out(Walk(ROOT))


@click.command(cls=Command)
@click.argument("stage")
def step(stage: str) -> None:
    """Put walk/ at a stage: 5, before, after. What you changed there is saved on a branch of yours first."""
    _tell(Walk(ROOT).go(stage))


@click.command(cls=Command)
@click.argument("old", metavar="FROM")
@click.argument("new", metavar="TO")
@click.argument("paths", nargs=-1)
@click.option("--stat", is_flag=True, envvar="STAT", help="Only which files, and how many lines.")
def diff(old: str, new: str, paths: Sequence[str], stat: bool) -> None:
    """What differs between two stages, or only in some paths of them."""
    laid = road(ROOT)
    ends = [f"refs/tags/{laid.require(name)}" for name in (old, new)]
    sys.exit(_show(laid.git, ["diff", *DIFF[:-1], *_colour(), *(["--stat=100"] if stat else []), *ends, "--", *paths]))


@dev.command()
@click.option("--from", "source", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Not walk/.")
@click.option("--before", is_flag=True, help="Write before/ from the tag before, too.")
@click.option("--after", is_flag=True, help="Write after/ from the last stage, too.")
def export(source: Path | None, before: bool, after: bool) -> None:
    """Turn the commits of walk/, or of another repository with the same tags, into steps/."""
    found = Walk(ROOT)
    if source is None and not found.is_laid_out:
        raise StepsProblem("walk/ is not laid out: make walk.")
    repository = Git(source.resolve()) if source else found.git
    done = export_steps(repository, ROOT, before=before, after=after)
    _tell_export(done)
    if source is None:
        found.adopt()


@dev.command()
@click.argument("step", required=False)
@click.option("--continue", "go_on", is_flag=True, help="A conflict is mended.")
@click.option("--abort", is_flag=True, help="Back to where you stood.")
def rebase(step: str | None, go_on: bool, abort: bool) -> None:
    """Carry what you changed in walk/ at an early step forward over all later ones."""
    if [step is not None, go_on, abort].count(True) != 1:
        raise StepsProblem("Say which step, or --continue, or --abort.")
    under_way = Rebase(Walk(ROOT))
    if step is not None:
        said = under_way.start(number_of(stage_name(step)))
    else:
        said = under_way.go_on() if go_on else under_way.abort()
    for line in said:
        click.echo(line)


@dev.command("measure")
@click.argument("names", nargs=-1, metavar="[STAGE]…")
@click.option("--only", type=click.Choice([*measure.GROUPS, TIMED]), help="One group of figures.")
def measure_stages(names: Sequence[str], only: str | None) -> None:
    """Measure all stages, or some, into steps/figures.json; the own tests take most of the time.

    `--only timed` compares the time that the own tests of before/ and of the rungs take; leave the machine alone
    meanwhile. Nothing else measures it.
    """
    setup.make(groups=[setup.BASE, "compare"])
    kept, laid = measure.kept(ROOT), road(ROOT)
    if only == TIMED:
        chosen = [stages.stage(name) for name in names] or stages.rungs()
        for name, found in measure.timed(chosen, stages.stage("before")).items():
            click.echo(f"{name}: {found}")
            kept.setdefault(name, {}).update(found)
        measure.keep(kept, ROOT)
        return

    def measured(each: stages.Stage) -> measure.Figures:
        found = dict(kept.get(each.name, {})) | measure.walked(laid, each.name)
        for group, figures_of in measure.GROUPS.items():
            if only in (None, group):
                click.echo(f"{each.name}: {group}")
                found |= figures_of(each)
        return found

    chosen = [stages.stage(name) for name in names] or stages.all_stages()
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # most of it waits for a process of its own
        for each, found in zip(chosen, threads.map(measured, chosen), strict=True):
            kept[each.name] = found
            measure.keep(kept, ROOT)


@dev.command("figures")
def write_figures() -> None:
    """Write steps/figures.json into the tables and sentences of the documents, and draw steps/curve.svg."""
    try:
        for document in figures.write(ROOT):
            click.echo(f"wrote {document}")
    except figures.Unknown as unknown:
        raise StepsProblem(str(unknown)) from unknown
    _draw_curve()


@dev.command("transcripts")
@click.argument("names", nargs=-1, metavar="[PAGE]…")
@click.option("--write", is_flag=True, help="Put new numbers into the printed answers.")
def run_transcripts(names: Sequence[str], write: bool) -> None:
    """Run the commands that the pages show, and compare what they print: all, or those of pages named in part."""
    chosen = [one for one in transcripts.transcripts() if not names or any(name in one.name for name in names)]
    if not chosen:
        raise StepsProblem(f"No page with commands has {' or '.join(names)} in its name.")
    problems = 0
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        playground = transcripts.Playground(Path(folder) / "workshop")
        for one in chosen:
            if one.needs and (reason := why_no_postgres()):
                click.echo(f"{one.name}: not run, no PostgreSQL: {reason}")
                continue
            written = list(transcripts.rewrite(one, playground)) if write else []
            found = list(transcripts.differences(one, playground)) if not write else []
            problems += len(found)
            click.echo(f"{one.name}: {f'{len(found)} problems' if found else 'ok'}")
            for line in [*written, *map(str, found)]:
                click.echo(f"  {line}")
    commands = sum(len(one.commands) for one in chosen)
    click.echo(f"{commands} commands in {len(chosen)} blocks, {problems} problems.")
    sys.exit(1 if problems else 0)


@dev.command("curve")
def draw_curve() -> None:
    """Draw steps/curve.svg from steps/figures.json."""
    _draw_curve()


def _draw_curve() -> None:
    kept = measure.kept(ROOT)
    if missing := [name for name in curve.STAGES_DRAWN if name not in kept]:
        raise StepsProblem(f"{missing[0]} is not measured yet: ./ws dev measure {missing[0]}")
    (ROOT / curve.FILE).write_text(curve.draw(kept), encoding="utf-8")
    click.echo(f"drew {curve.FILE}")


def _tell_export(done: Exported) -> None:
    for word, names in (("wrote", done.written), ("removed", done.removed)):
        for name in names:
            click.echo(f"{word} {name}")
    if not (done.written or done.removed):
        click.echo("steps/ says this already.")
    if done.differing:
        named = ", ".join(done.differing[:MOST_NAMED]) + (" and more" if len(done.differing) > MOST_NAMED else "")
        click.echo(f"after/ is not {done.end}: {len(done.differing)} files differ: {named}.")
        click.echo("./ws dev export --after brings after/ along.")
    if (ROOT / ".git").exists() and Git(ROOT).ask("ls-files", "--others", "--exclude-standard", "before", "after"):
        click.echo("A new file in before/ or after/ counts once git knows it: git add before after")


@click.command(cls=Command)
@click.argument("step", required=False)
@click.argument("files", nargs=-1)
@click.option("--exercise", metavar="N", help="Not a step: an exercise, by number or name.")
def bet(step: str | None, files: Sequence[str], exercise: str | None) -> None:
    """Bet which files a step will change, then see what you missed. Without files you are asked."""
    if exercise is not None:
        files = [name for name in (step, *files) if name is not None]
        question = bets.of_exercise(exercise, ROOT)
    elif step is None:
        raise StepsProblem("Bet on which step? ./ws bet 3, or ./ws bet --exercise 4.")
    else:
        question = bets.of_step(step, ROOT)
    placed = bets.place(question, files or _asked(question))
    _tell_bet(question, placed)
    if question.about == folder_name(0):
        click.echo("\nLook: grep -n slack_blocks before/webhooks/*.py")
        click.echo("Then plant a mistake, and see the shared suite notice: make mutants ONLY=threshold")


def _asked(question: bets.Question) -> list[str]:
    if not sys.stdin.isatty():
        raise StepsProblem(f"Name files, such as: {' '.join(question.here[:2])}. A folder ends with a /.")
    click.echo(question.asked)
    for number, path in enumerate(question.here, start=1):
        click.echo(f"{number:>4}  {path}")
    said = click.prompt("Numbers, or paths for what will be new").replace(",", " ").split()
    return [
        question.here[int(word) - 1] if word.isdigit() and 0 < int(word) <= len(question.here) else word
        for word in said
    ]


def _tell_bet(question: bets.Question, placed: bets.Bet) -> None:
    click.echo(f"{question.about}: you named {len(placed.named)}, {len(placed.changed)} change.")
    for word, paths in (("hit", placed.hits), ("unseen", placed.unseen)):
        for path in paths:
            click.echo(f"  {word:<7} {path}: {question.changed[path]}")
    for path in placed.misses:
        is_there = any(there == path or there.startswith(f"{path.rstrip('/')}/") for there in question.here)
        click.echo(f"  miss    {path}: {'stays as it is' if is_there else 'there is none, and none comes'}")
    click.echo(f"You saw {len(placed.hits)} of {len(placed.changed)}.")


def catch_up(stage: str) -> None:
    """Puts walk/ at a stage for whoever fell behind, and says in two lines what to read."""
    arrival = Walk(ROOT).go(stage)
    _tell(arrival)
    for line in reading(arrival, ROOT):
        click.echo(line)


def _lay_out(found: Walk) -> None:
    _tell(found.lay_out())
    laid = road(found.root)
    click.echo()
    for name, commit in laid.tags().items():
        rung = RUNGS.get(number_of(name)) if name != "after" else None
        click.echo(f"  {commit[:10]}  {title(name)}" + (f" (rung: {rung})" if rung else ""))
    click.echo("\n./ws step 1 goes to the first step; ./ws diff before 1 shows what it changes.")


def _tell(arrival: Arrival) -> None:
    for saved in arrival.saved:
        click.echo(f"Saved: {saved.what} is on the branch {saved.branch}.")
        click.echo(f"  git -C {os.environ.get('WS_WALK') or 'walk'} checkout {saved.branch} brings it back.")
    click.echo(f"walk/ is at {title(arrival.stage)}.")


def _show(git: Git, arguments: Sequence[str]) -> int:
    """Runs git with its output going to the reader, through their pager where that is a terminal."""
    call = git.command(*(["--paginate"] if sys.stdout.isatty() else ["--no-pager"]), *arguments)
    environment = git.environment()
    environment.pop("GIT_PAGER")
    if os.environ.get("GIT_PAGER"):
        environment["GIT_PAGER"] = os.environ["GIT_PAGER"]
    ended = subprocess.run(call, cwd=git.folder, env=environment).returncode
    return 0 if ended in READER_LEFT else ended


def _colour() -> list[str]:
    return ["--color=never" if os.environ.get("NO_COLOR") else "--color=auto"]


LEARNER = (walk, step, diff, bet)
