"""Measures the stages, one figure after another, and reports."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from pathlib import Path

from rich.console import Console

from workshop import ROOT
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage
from workshop.harness.inside import ask
from workshop.harness.inside.statements import places
from workshop.harness.own_tests import own_tests
from workshop.maintaining import measure
from workshop.maintaining.compare import report
from workshop.maintaining.compare.figures import Measured, sections
from workshop.maintaining.compare.turns import speeds
from workshop.maintaining.kill_rate.run import Rate, draw, trials
from workshop.maintaining.kill_rate.sides import side_of
from workshop.maintaining.measure import Figures

RESULTS = ROOT / "compare-results"
STARTS = 3  # the quickest counts
SAMPLE, SEED = 30, 1  # `./ws kill-rate` takes more mutants, and more time


def main(stages: Sequence[Stage], results: Path = RESULTS, *, quick: bool = False) -> bool:
    """Whether every figure could be measured, and the stages' own tests were green. `quick` leaves these tests out."""
    console = Console()
    left_out = ["The stages' own tests were left out."] if quick else []
    names = [stage.name for stage in stages]
    takes = "about one minute" if quick else "two to four minutes"
    console.print(f"Measuring {' and '.join(names)}; it takes {takes}.")
    measured = {}
    with console.status("Speed, in turns") as status:
        speed = speeds(stages)
        for stage in stages:
            status.update(f"{stage.name}: start, size, rules, SQL")
            starts = [ask(stage, "start") for _ in range(STARTS)]
            figures = measure.read(stage) | ask(stage, "hops") | min(starts, key=itemgetter("start.seconds"))
            lines = places(ask(stage, "statements"))
            for figures_of in () if quick else (tested, kill_rates):
                status.update(f"{stage.name}: its own tests")
                figures |= _attempted(figures_of, stage, left_out)
            measured[stage.name] = Measured(figures, lines, speed[stage.name])
    shown = sections(list(measured.values()))
    report.show(console, names, shown, left_out)
    report.write(results, shown, measured, left_out)
    console.print(f"Written: compare.md and compare.json in {results}", markup=False, soft_wrap=True)
    return quick or not left_out


def tested(stage: Stage) -> Figures:
    """The number and the time of the stage's own tests. Raises CommandFailed if one fails."""
    tests = own_tests(stage)
    if tests.failed:
        raise CommandFailed(f"{tests.failed} of {stage.name}'s own tests fail: ./ws test {stage.name} shows them.")
    return {
        "tests": tests.total,
        "tests.database": tests.touching,
        "own.seconds": round(tests.seconds, 1),
        "own.seconds.without": round(tests.seconds_without, 1),
    }


def kill_rates(stage: Stage) -> Figures:
    """The mutants of the rules that the stage's own tests notice: a sample, the same for the same rules."""
    mutants = draw(stage, SAMPLE, SEED).mutants
    rate = Rate(stage.name, list(trials(stage, side_of(stage), mutants)))
    return {
        "kills": f"{rate.killed} of {rate.total}",
        "kills.without": f"{rate.killed_without_database} of {rate.total}",
    }


def _attempted(figures_of: Callable[[Stage], Figures], stage: Stage, left_out: list[str]) -> Figures:
    """These figures; none if they cannot be measured, and then the text below the table says why."""
    try:
        return figures_of(stage)
    except CommandFailed as failure:
        left_out.append(str(failure))
        return {}
