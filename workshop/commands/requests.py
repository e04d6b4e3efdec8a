"""`./ws request`: a change request to answer in walk/ at a rung."""

from collections.abc import Mapping, Sequence

import click
from rich.console import Console
from rich.table import Table

from workshop import ROOT
from workshop.base import bets
from workshop.base.counting import counted
from workshop.commands import LearnersCommand, end
from workshop.harness import testing
from workshop.walk.catching_up import told
from workshop.walk.requests import trying
from workshop.walk.requests.catalogue import RUNGS
from workshop.walk.requests.catalogue import requests as all_requests
from workshop.walk.requests.cost import Cost
from workshop.walk.walk import Walk

ROWS = {
    "lines": "lines of production code",
    "test_lines": "lines of tests",
    "places": "definitions changed or new",
    "layers": "layers touched",
    "files": "standing files",
    "new_files": "new files",
}


@click.command(cls=LearnersCommand)
@click.argument("name", required=False, metavar="[REQUEST]")
@click.argument("files", nargs=-1)
@click.option("--rung", type=click.Choice(list(RUNGS)), default="before", show_default=True)
@click.option("--check", is_flag=True, help="Test your answer in walk/, and compare its cost with ours.")
def request(name: str | None, files: Sequence[str], rung: str, check: bool) -> None:
    """Answer a change request in walk/ at a rung: ./ws request 13 --rung core, then edit, then ./ws request --check.

    With files, you bet that your answer will change these.
    """
    walk = Walk(ROOT)
    if check:
        end(_check(walk))
    if name is None:
        for each in all_requests():
            click.echo(f"{each.number:>3}  {each.title}")
        click.echo("\n./ws request 13 --rung core deals one. The rungs are: " + ", ".join(RUNGS) + ".")
        return
    chosen, arrival = trying.deal(name, rung, walk)
    click.echo("\n".join(told(arrival)))
    click.echo(f"\n{chosen.text.strip()}\n")
    if files:
        bet = bets.place(trying.question(chosen, rung), files)
        click.echo(f"Your bet on {counted(len(bet.named), 'file')} is kept.")
    click.echo(f"The tests are in {chosen.tests.relative_to(ROOT)}. Edit walk/, then: ./ws request --check")


def _check(walk: Walk) -> bool:
    chosen, rung = trying.in_hand(walk)
    outcomes = [testing.execute(run, "-q") for run in trying.runs(chosen, walk)]
    click.echo()
    for outcome in outcomes:
        light = "green" if outcome.is_green else "RED"
        click.echo(f"{outcome.title:<24} {light}, {outcome.passed} of {outcome.passed + outcome.failed} tests pass")
    if not all(outcome.is_green for outcome in outcomes):
        click.echo(f"\nThe request again: {chosen.page.relative_to(ROOT)}")
        return False
    click.echo(f"\nRequest {chosen.number} at {rung}: your cost next to ours. Less is not always better.")
    Console().print(_side_by_side(trying.compared(chosen, rung, walk)))
    about = f"{chosen.name} at {rung}"
    if last := [bet for bet in bets.read_bets() if bet.about == about]:
        click.echo(
            f"Your bet: you named {len(last[-1].hits)} of the {len(last[-1].changed)} files that our patch changes."
        )
    click.echo(f"Our patch: {chosen.patch(rung).relative_to(ROOT)}. docs/when.md says what the figures mean.")
    return True


def _side_by_side(costs: Mapping[str, Cost]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for name in costs:
        table.add_column(name, justify="right")
    for key, title in ROWS.items():
        table.add_row(title, *(str(cost.as_figures()[key]) for cost in costs.values()))
    return table
