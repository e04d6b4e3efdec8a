"""`./ws dev change`, `rebase`, `export` and `measure`: for maintainers who change a step of the migration."""

from collections.abc import Sequence
from pathlib import Path

import click

from workshop import ROOT
from workshop.base import setup
from workshop.base.git import Git
from workshop.base.names import number_of, stage_name
from workshop.base.problems import CommandFailed
from workshop.maintaining import measure
from workshop.maintaining.change import Change
from workshop.maintaining.road.export import export as export_steps
from workshop.maintaining.road.rebase import Rebase
from workshop.walk.walk import Walk


@click.command()
@click.argument("step", required=False)
@click.option("--continue", "go_on", is_flag=True, help="Go on after you fixed the problem.")
@click.option("--abort", is_flag=True, help="Give up; an unfinished rebase is undone.")
def change(step: str | None, go_on: bool, abort: bool) -> None:
    """Take a change in walk/ through all steps: rebase, export, excerpts, measure, figures, transcripts, check."""
    _one_of(step, go_on, abort)
    changing = Change(ROOT)
    if abort:
        lines = changing.abort()
    else:
        lines = changing.go_on() if step is None else changing.start(number_of(stage_name(step)))
    for line in lines:
        click.echo(line)


@click.command()
@click.argument("step", required=False)
@click.option("--continue", "go_on", is_flag=True, help="Go on after you fixed a conflict.")
@click.option("--abort", is_flag=True, help="Undo the unfinished rebase.")
def rebase(step: str | None, go_on: bool, abort: bool) -> None:
    """Carry what you changed in walk/ at an early step forward over all later ones."""
    _one_of(step, go_on, abort)
    carrying = Rebase(Walk(ROOT))
    if step is not None:
        said = carrying.start(number_of(stage_name(step)))
    else:
        said = carrying.go_on() if go_on else carrying.abort()
    click.echo("\n".join(said))


@click.command()
@click.option("--from", "source", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Not walk/.")
@click.option("--before", is_flag=True, help="Write before/ from the tag before, too.")
@click.option("--after", is_flag=True, help="Write after/ from the last stage, too.")
def export(source: Path | None, before: bool, after: bool) -> None:
    """Turn the commits of walk/, or of another repository with the same tags, into steps/."""
    found = Walk(ROOT)
    if source is None and not found.is_laid_out:
        raise CommandFailed("There is no walk/ yet: make walk makes it.")
    done = export_steps(Git(source.resolve()) if source else found.git, ROOT, before=before, after=after)
    click.echo("\n".join(done.told()))
    if source is None:
        found.adopt()


@click.command("measure")
@click.argument("names", nargs=-1, metavar="[STAGE]…")
@click.option("--only", type=click.Choice([*measure.GROUPS, measure.TIMED]), help="One group of figures.")
def measure_stages(names: Sequence[str], only: str | None) -> None:
    """Measure all stages, or some, into steps/figures.json; the own tests take most of the time.

    `--only timed` compares the time that the own tests of before/ and of the rungs take; leave the machine alone
    meanwhile. No other option measures this.
    """
    setup.make(groups=[setup.BASE, "compare"])
    for line in measure.measure(names, only):
        click.echo(line)


def _one_of(step: str | None, go_on: bool, abort: bool) -> None:
    if [step is not None, go_on, abort].count(True) != 1:
        raise CommandFailed("Name a step, or use --continue or --abort.")
