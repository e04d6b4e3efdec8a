"""The rows of the comparison: what each figure is called, where it stands, and how it reads."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workshop.base.counting import counted
from workshop.harness.inside.hops import RULES
from workshop.harness.source import RINGS, Branch, Complexity, Size
from workshop.maintaining.compare.kills import KillRates
from workshop.maintaining.compare.own_tests import OwnTests
from workshop.maintaining.compare.turns import Speed

KILOBYTE = 1024


@dataclass(frozen=True)
class Measured:
    """All that was measured of one stage. What is None was not, and has no row."""

    own_tests: OwnTests | None
    kill_rates: KillRates | None
    statements: Sequence[Mapping[str, Any]]
    complexity: Complexity
    branches: Sequence[Branch]
    sizes: Mapping[str, Size]
    hops: Sequence[Mapping[str, Any]]
    speed: Speed


@dataclass(frozen=True)
class Row:
    """One figure of every stage: its text, and the number behind it."""

    title: str
    texts: Mapping[str, str]
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    title: str
    rows: Sequence[Row]


def sections(measured: Mapping[str, Measured]) -> list[Section]:
    """The whole comparison. One table has gains and price, in sections by topic."""
    found = [
        Section("Tests of its own", _tests(measured)),
        Section("Where the rules are", _rules(measured)),
        Section("Places that send SQL, by package", _places(measured)),
        Section("What there is to read", _reading(measured)),
        Section("At work", _work(measured)),
    ]
    return [section for section in found if section.rows]


def row(
    title: str,
    measured: Mapping[str, Measured],
    number: Callable[[Measured], float],
    text: Callable[[float], str] = str,
) -> Row:
    """A row of one number each."""
    numbers = {name: number(one) for name, one in measured.items()}
    return Row(title, {name: text(value) for name, value in numbers.items()}, numbers)


def places(statements: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many lines ask for SQL, by package: a folder of adapters is one, and so is a file next to the folders.

    A line counts once, however many statements it asks for. Those that Django makes by itself, for a session or a list
    of the admin, have no line of ours and no place here.
    """
    lines = {statement["stack"][0] for statement in statements if statement["stack"]}
    return dict(sorted(Counter(package_of(line.partition(":")[0]) for line in lines).items()))


def package_of(path: str) -> str:
    """`webhooks/adapters/orm` for a file in it, `webhooks/views.py` for that file, `clients` for all of clients/."""
    ring, *inner = path.split("/")
    if ring != "webhooks":
        return ring
    layer = inner[0]
    depth = 2 if layer == "adapters" else 1
    return "/".join([ring, *inner[:depth]])


def _tests(measured: Mapping[str, Measured]) -> list[Row]:
    rows = []
    ran = {name: one.own_tests for name, one in measured.items() if one.own_tests}
    if ran:
        rows += [
            Row(
                "Tests",
                {name: f"{one.total}" + (f", {one.failed} FAILED" if one.failed else "") for name, one in ran.items()},
                {name: one.total for name, one in ran.items()},
            ),
            _of("Seconds for all of them", ran, lambda one: one.seconds, lambda value: f"{value:.1f}"),
            _of("Share that needs the database", ran, lambda one: one.share_touching, lambda value: f"{value:.0%}"),
            _of("Seconds for the others", ran, lambda one: one.seconds_without, lambda value: f"{value:.1f}"),
        ]
    rates = {name: one.kill_rates for name, one in measured.items() if one.kill_rates}
    if rates:
        rows += [
            _killed("Rule mutants killed, no database", rates, {n: one.without_database for n, one in rates.items()}),
            _killed("Rule mutants killed, with one", rates, {n: one.with_database for n, one in rates.items()}),
        ]
    return rows


def _killed(title: str, rates: Mapping[str, KillRates], killed: Mapping[str, int]) -> Row:
    texts = {name: f"{killed[name]} of {one.mutants}" for name, one in rates.items()}
    return Row(title, texts, {name: killed[name] / max(one.mutants, 1) for name, one in rates.items()})


def _of(title: str, ran: Mapping[str, Any], number: Callable[[Any], float], text: Callable[[float], str]) -> Row:
    numbers = {name: number(one) for name, one in ran.items()}
    return Row(title, {name: text(value) for name, value in numbers.items()}, numbers)


def _rules(measured: Mapping[str, Measured]) -> list[Row]:
    modules = {name: len({branch.path for branch in one.branches}) for name, one in measured.items()}
    texts = {name: f"{len(one.branches)} in {counted(modules[name], 'module')}" for name, one in measured.items()}
    branching = Row("Branches on a format's name", texts, {name: len(one.branches) for name, one in measured.items()})
    rows = [branching]
    for rule in RULES:
        ways = {name: next(way for way in one.hops if way["rule"] == rule) for name, one in measured.items()}
        texts = {
            name: f"{counted(way['functions'], 'function')}, {counted(way['files'], 'file')}"
            for name, way in ways.items()
        }
        rows.append(Row(f"To the rule: {rule}", texts, {name: way["functions"] for name, way in ways.items()}))
    return rows


def _places(measured: Mapping[str, Measured]) -> list[Row]:
    by_stage = {name: places(one.statements) for name, one in measured.items()}
    packages = sorted({package for counted in by_stage.values() for package in counted})
    rows = [
        Row(
            package,
            {name: str(counted.get(package, "–")) for name, counted in by_stage.items()},
            {name: counted.get(package, 0) for name, counted in by_stage.items()},
        )
        for package in packages
    ]
    sums = {name: sum(counted.values()) for name, counted in by_stage.items()}
    return [*rows, Row("All", {name: str(value) for name, value in sums.items()}, sums)]


def _reading(measured: Mapping[str, Measured]) -> list[Row]:
    rows = []
    for ring in (*RINGS, "tests"):
        texts = {
            name: f"{counted(one.sizes[ring].lines, 'line')}, {counted(one.sizes[ring].files, 'file')}"
            for name, one in measured.items()
        }
        rows.append(Row(f"{ring}/", texts, {name: one.sizes[ring].lines for name, one in measured.items()}))
    rows.append(row("Functions", measured, lambda one: one.complexity.functions, lambda value: f"{value:.0f}"))
    rows.append(row("Cognitive complexity, median", measured, lambda one: one.complexity.median, lambda v: f"{v:g}"))
    worst = {
        name: f"{one.complexity.worst} {one.complexity.worst_function.rpartition(' ')[2]}"
        for name, one in measured.items()
    }
    numbers = {name: one.complexity.worst for name, one in measured.items()}
    return [*rows, Row("Cognitive complexity, worst", worst, numbers)]


def _work(measured: Mapping[str, Measured]) -> list[Row]:
    speeds = {name: one.speed for name, one in measured.items()}
    rows = []
    for request in next(iter(speeds.values())).queries:
        texts = {
            name: f"{counted(one.queries[request], 'query', 'queries')}, {one.milliseconds[request]:.1f} ms{_times(one.ratios[request])}"
            for name, one in speeds.items()
        }
        rows.append(Row(request, texts, {name: one.milliseconds[request] for name, one in speeds.items()}))
    rates = {name: f"{one.deliveries_per_second:.0f}{_times(one.deliveries_ratio)}" for name, one in speeds.items()}
    rows.append(Row("Deliveries a second", rates, {name: one.deliveries_per_second for name, one in speeds.items()}))
    rows.append(row("Seconds to start", measured, lambda one: one.speed.start_seconds, lambda value: f"{value:.2f}"))
    rows.append(
        row("Memory when started", measured, lambda one: one.speed.start_bytes / KILOBYTE**2, lambda v: f"{v:.1f} MiB")
    )
    return rows


def _times(ratio: float) -> str:
    """Beside the first stage; nothing for that one itself."""
    return "" if ratio == 1 else f" (×{ratio:.2f})"
