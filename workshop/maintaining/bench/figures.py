"""The figures of the samples: each with its unit and, if it has one, its target."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median

from workshop.maintaining.bench.phases import (
    BACKLOGS,
    CONCURRENCY,
    CONCURRENCY_FOR_SLOW,
    EVENTS_A_SECOND,
    FEWEST_AND_MOST,
    SLOW_MS,
    SUBSCRIBERS,
)

Samples = Mapping[str, Sequence[float]]
Calculation = Callable[[Samples], float | None]


class Better(Enum):
    """Which of two values of a figure is the better one."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True)
class Target:
    """A bound that a figure keeps or misses."""

    words: str
    meets: Callable[[float], bool]


@dataclass(frozen=True)
class Figure:
    """Something that the table shows. `of` calculates it from the samples: None if they were not taken.

    `better` is None for a figure by which two stages are not compared: a limit of the machine, or a quotient of two
    figures of one stage, which gets worse when the divisor improves.
    """

    group: str
    label: str
    of: Calculation
    unit: str = ""
    digits: int = 0
    target: Target | None = None
    better: Better | None = None

    def shown(self, value: float) -> str:
        return f"{value:,.{self.digits}f} {self.unit}".rstrip()

    def share(self, of: Samples, against: Samples) -> float | None:
        """One side's value divided by the other's, if both were measured and the other is not zero."""
        above, below = self.of(of), self.of(against)
        return None if above is None or not below else above / below

    def keeps_up(self, of: Samples, against: Samples) -> bool | None:
        """Whether one side is as good as the other, within the bound of AS_GOOD; None if they are not compared."""
        sides = (of, against) if self.better is Better.HIGHER else (against, of)
        share = self.share(*sides) if self.better else None
        return None if share is None else AS_GOOD.meets(share)

    def verdict(self, value: float) -> bool | None:
        """Whether the value keeps its target; None without a target."""
        return self.target.meets(value) if self.target else None


def at_least(bound: float) -> Target:
    return Target(f"≥ {bound:g}", lambda value: value >= bound)


def at_most(bound: float) -> Target:
    return Target(f"≤ {bound:g}", lambda value: value <= bound)


def under(bound: float) -> Target:
    return Target(f"< {bound:g}", lambda value: value < bound)


AS_GOOD = at_least(0.97)  # the least ratio of the last stage to the first


def middle(name: str) -> Calculation:
    """The median of the rounds."""
    return lambda samples: median(samples[name]) if samples.get(name) else None


def most(name: str) -> Calculation:
    return lambda samples: max(samples[name]) if samples.get(name) else None


def ratio(above: str, below: str) -> Calculation:
    """The median of the rounds' ratios: both sides of each were measured within seconds of each other."""

    def calculate(samples: Samples) -> float | None:
        pairs = list(zip(samples.get(above, ()), samples.get(below, ()), strict=False))
        return median(one / other if other else 0.0 for one, other in pairs) if pairs else None

    return calculate


def loss(name: str, against: str) -> Calculation:
    """The loss from the second rate to the first, in per cent of the second."""

    def calculate(samples: Samples) -> float | None:
        share = ratio(name, against)(samples)
        return None if share is None else (1 - share) * 100

    return calculate


def percentile(name: str, share: float) -> Calculation:
    """The percentile of the samples, by nearest rank."""

    def calculate(samples: Samples) -> float | None:
        ordered = sorted(samples.get(name, ()))
        return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None

    return calculate


LIMITS = "Limits, per second"
DRAINING = "One worker, deliveries per second"
ACCEPTING = "Events accepted per second"
WAITING = f"Accept to arrival, {EVENTS_A_SECOND} events/s"
COSTS = "Queries and memory"

FIGURES = (
    Figure(LIMITS, "requests.Session, bare loop", middle("requests_1")),
    Figure(LIMITS, "urllib3, bare loop", middle("urllib3_1")),
    Figure(LIMITS, f"requests.Session, {CONCURRENCY} threads", middle(f"requests_{CONCURRENCY}")),
    Figure(LIMITS, f"urllib3, {CONCURRENCY} threads", middle(f"urllib3_{CONCURRENCY}")),
    Figure(LIMITS, "commits of one row", middle("commits")),
    *(
        Figure(DRAINING, f"instant sink, {count:,} waiting", middle(f"drain_{count}"), better=Better.HIGHER)
        for count in BACKLOGS
    ),
    Figure(
        DRAINING,
        "of the requests.Session loop",
        ratio(f"drain_{BACKLOGS[1]}", "requests_1"),
        "×",
        digits=2,
        target=at_least(0.75),
        better=Better.HIGHER,
    ),
    Figure(
        DRAINING,
        f"{BACKLOGS[-1]:,} waiting, of {BACKLOGS[0]:,}",
        ratio(f"drain_{BACKLOGS[-1]}", f"drain_{BACKLOGS[0]}"),
        "×",
        digits=2,
        target=at_least(0.8),
    ),
    Figure(
        DRAINING,
        f"{SLOW_MS} ms clients, --concurrency {CONCURRENCY_FOR_SLOW}",
        middle(f"drain_to_{SLOW_MS}_ms"),
        target=at_least(300),
        better=Better.HIGHER,
    ),
    Figure(DRAINING, "nine good clients, one hanging", middle("nine_good"), better=Better.HIGHER),
    Figure(DRAINING, "lost to the hanging one", loss("nine_good", "ten_good"), "%", target=under(5)),
    *(
        Figure(ACCEPTING, f"{count} subscribed", middle(f"accept_{count}"), better=Better.HIGHER)
        for count in SUBSCRIBERS
    ),
    Figure(ACCEPTING, "limit: a bare view, 1 subscribed", middle("accept_bare")),
    Figure(
        ACCEPTING,
        "of the bare view",
        ratio("accept_1", "accept_bare"),
        "×",
        digits=2,
        target=at_least(0.8),
        better=Better.HIGHER,
    ),
    *(
        Figure(ACCEPTING, f"one after another, {count} subscribed", middle(f"alone_{count}"), better=Better.HIGHER)
        for count in FEWEST_AND_MOST
    ),
    Figure(
        ACCEPTING,
        f"cost for {SUBSCRIBERS[-1]}, of that for one",
        ratio(*(f"alone_{count}" for count in FEWEST_AND_MOST)),
        "×",
        digits=1,
        target=under(4),
    ),
    Figure(
        ACCEPTING,
        "the same over four connections",
        ratio(*(f"accept_{count}" for count in FEWEST_AND_MOST)),
        "×",
        digits=1,
    ),
    Figure(WAITING, "p50", percentile("arrival", 0.5), "ms", better=Better.LOWER),
    Figure(WAITING, "p99", percentile("arrival", 0.99), "ms", better=Better.LOWER),
    *(
        Figure(
            COSTS, f"queries for an event to {count}", middle(f"queries_post_{count}"), digits=1, better=Better.LOWER
        )
        for count in SUBSCRIBERS
    ),
    Figure(
        COSTS, "queries for a delivery", middle("queries_delivery"), digits=2, target=at_most(1), better=Better.LOWER
    ),
    Figure(COSTS, "peak memory of the worker", most("memory_worker"), "MiB", better=Better.LOWER),
    Figure(COSTS, "peak memory of a server process", most("memory_server"), "MiB", better=Better.LOWER),
)
