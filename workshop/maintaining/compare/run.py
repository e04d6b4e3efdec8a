"""Measures the stages, one figure after another, and reports."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from workshop import ROOT
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage
from workshop.harness.inside import ask
from workshop.harness.source import branches, complexity, sizes
from workshop.maintaining.compare import report
from workshop.maintaining.compare.figures import Measured, sections
from workshop.maintaining.compare.kills import kill_rates
from workshop.maintaining.compare.own_tests import own_tests
from workshop.maintaining.compare.turns import speeds

RESULTS = ROOT / "compare-results"

Figure = TypeVar("Figure")


def main(stages: Sequence[Stage], results: Path = RESULTS, *, quick: bool = False) -> bool:
    """Whether every figure could be measured, and the stages' own tests were green. `quick` leaves these tests out."""
    console = Console()
    left_out: list[str] = ["The stages' own tests were left out."] if quick else []
    names = [stage.name for stage in stages]
    console.print(
        f"Measuring {' and '.join(names)}; it takes {'about one minute' if quick else 'two to four minutes'}."
    )
    with console.status("") as status:

        def each(what: str, measure: Callable[[Stage], Figure]) -> dict[str, Figure]:
            found = {}
            for stage in stages:
                status.update(f"{stage.name}: {what}")
                found[stage.name] = measure(stage)
            return found

        own = {} if quick else each("its own tests", _attempted(own_tests, left_out))
        rates = {} if quick else each("mutants of the rules", _attempted(kill_rates, left_out))
        statements = each("where SQL comes from", lambda stage: ask(stage, "statements"))
        hops = each("the way to a rule", lambda stage: ask(stage, "hops"))
        status.update("Speed, in turns")
        speed = speeds(stages)
    measured = {
        stage.name: Measured(
            own_tests=own.get(stage.name),
            kill_rates=rates.get(stage.name),
            statements=statements[stage.name],
            complexity=complexity(stage.folder),
            branches=branches(stage.folder),
            sizes=sizes(stage.folder),
            hops=hops[stage.name],
            speed=speed[stage.name],
        )
        for stage in stages
    }
    if not quick and not any(rates.values()):
        left_out.append("Mutants of the rules were not counted.")
    shown = sections(measured)
    report.show(console, names, shown, left_out)
    for name, text in (
        ("compare.md", report.markdown(names, shown, left_out)),
        ("compare.json", report.as_json(shown, measured, left_out)),
    ):
        written = report.write(results, name, text)
        console.print(
            f"Written: {written.relative_to(ROOT) if written.is_relative_to(ROOT) else written}", markup=False
        )
    return all(quick or (one.own_tests and not one.own_tests.failed) for one in measured.values())


def _attempted(measure: Callable[[Stage], Figure | None], left_out: list[str]) -> Callable[[Stage], Figure | None]:
    """The same, except for figures that cannot be measured, which the text below the table names."""

    def attempt(stage: Stage) -> Figure | None:
        try:
            return measure(stage)
        except CommandFailed as failure:
            left_out.append(str(failure))
            return None

    return attempt
