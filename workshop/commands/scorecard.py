"""`./ws scorecard`: what each change request costs at each rung. `./ws dev carry` brings its patches to changed stages."""

import click

from workshop import ROOT
from workshop.base import setup
from workshop.base.counting import counted
from workshop.base.problems import CommandFailed
from workshop.base.road import road
from workshop.commands import end
from workshop.maintaining.scorecard import forgotten, plot, proof, report
from workshop.maintaining.scorecard.carry import carry as carried
from workshop.maintaining.scorecard.cells import cells
from workshop.walk.requests.catalogue import RUNGS
from workshop.walk.requests.catalogue import request as named
from workshop.walk.requests.catalogue import requests as all_requests


@click.command()
@click.argument("name", required=False, metavar="[REQUEST]", envvar="REQUEST")
@click.option("--rung", type=click.Choice(list(RUNGS)), default=None, help="Only this rung.")
@click.option("--tests", is_flag=True, help="Test the answers: lint, own tests, the request's tests, the shared suite.")
@click.option("--red", is_flag=True, help="Count the stage's own tests that fail if only production code changes.")
@click.option(
    "--forgotten", "leave_out", is_flag=True, help="Leave out each changed place, count what notices. Takes hours."
)
@click.option("--sample", type=click.IntRange(min=1), help="With --forgotten: at most this many places of each answer.")
def scorecard(name: str | None, rung: str | None, tests: bool, red: bool, leave_out: bool, sample: int | None) -> None:
    """Count what each change request costs at each rung, print it, and write the tables in the documents."""
    chosen = [named(name)] if name else all_requests()
    here = cells(chosen, rung or "")
    if not here:
        raise CommandFailed("There is no patch for that in steps/requests/.")
    if tests or leave_out:
        setup.make(groups=[setup.BASE, "lint"])
    if tests:
        end(proof.prove(road(ROOT), here))
    for cell in here if red else ():
        number = proof.red_tests(road(ROOT), cell)
        report.note(cell, {"own.red": number})
        click.echo(f"{cell.name}: {counted(number, 'own test')} red")
    for cell in here if leave_out else ():
        found = forgotten.counts(road(ROOT), cell, sample)
        report.note(cell, {f"forgotten.{key}": value for key, value in found.items()})
        click.echo(f"{cell.name}: " + ", ".join(f"{key} noticed {value}" for key, value in found.items()))
    report.keep(report.count_again())
    for each in chosen if name else ():
        click.echo(f"{each.number} {each.title}\n\n{report.of_request(each, report.kept())}")
    if not name:
        click.echo(report.index(report.kept(), chosen))
        click.echo(report.medians(report.kept(), chosen))
    for document in report.write():
        click.echo(f"wrote {document}")
    click.echo(plot.write())


@click.command()
def carry() -> None:
    """Carry the patches in steps/requests/ over to stages changed since the last commit, and report each conflict."""
    conflicts = 0
    for line in carried(ROOT):
        conflicts += line.startswith("conflict")
        click.echo(line)
    end(not conflicts)
