"""The figures of the samples: each with its unit and, if it has one, its target."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

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


@dataclass(frozen=True)
class Target:
    """A bound that a figure keeps or misses."""

    words: str
    meets: Callable[[float], bool]


@dataclass(frozen=True)
class Figure:
    """A row of the table. `of` calculates it from the samples: None if they were not taken.

    `better` is None for a figure by which two stages are not compared: a limit of the machine, or a quotient of two
    figures of one stage, which gets worse when the divisor improves.
    """

    group: str
    label: str
    of: Calculation
    unit: str = ""
    digits: int = 0
    target: Target | None = None
    better: Literal["higher", "lower"] | None = None

    @property
    def title(self) -> str:
        return f"{self.group}, {self.label}"

    def shown(self, value: float) -> str:
        return f"{value:,.{self.digits}f} {self.unit}".rstrip()

    def share(self, of: Samples, against: Samples) -> float | None:
        """One side's value divided by the other's, if both were measured and the other is not zero."""
        above, below = self.of(of), self.of(against)
        return None if above is None or not below else above / below

    def keeps_up(self, of: Samples, against: Samples) -> bool | None:
        """Whether one side is as good as the other, within the bound of AS_GOOD; None if they are not compared."""
        sides = (of, against) if self.better == "higher" else (against, of)
        share = self.share(*sides) if self.better else None
        return None if share is None else AS_GOOD.meets(share)

    def verdict(self, samples: Samples) -> bool | None:
        """Whether the figure keeps its target; None without a target or without a value."""
        value = self.of(samples)
        return None if value is None or self.target is None else self.target.meets(value)


def at_least(bound: float) -> Target:
    return Target(f"≥ {bound:g}", lambda value: value >= bound)


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


def rate(group: str, label: str, name: str, target: Target | None = None) -> Figure:
    """A rate by which two stages are compared."""
    return Figure(group, label, middle(name), target=target, better="higher")


def limit(group: str, label: str, name: str) -> Figure:
    """A limit of the machine."""
    return Figure(group, label, middle(name))


LIMITS = "Limits, per second"
DRAINING = "One worker, deliveries per second"
ACCEPTING = "Events accepted per second"
WAITING = f"Accept to arrival, {EVENTS_A_SECOND} events/s"
MEMORY = "Peak memory"

OF_THE_LOOP = ratio(f"drain_{BACKLOGS[1]}", "requests_1")
OF_THE_SHORTEST = ratio(f"drain_{BACKLOGS[-1]}", f"drain_{BACKLOGS[0]}")
OF_THE_BARE_VIEW = ratio("accept_1", "accept_bare")
COST = ratio(*(f"alone_{count}" for count in FEWEST_AND_MOST))

FIGURES = (
    limit(LIMITS, "requests.Session, bare loop", "requests_1"),
    limit(LIMITS, "urllib3, bare loop", "urllib3_1"),
    limit(LIMITS, f"requests.Session, {CONCURRENCY} threads", f"requests_{CONCURRENCY}"),
    limit(LIMITS, f"urllib3, {CONCURRENCY} threads", f"urllib3_{CONCURRENCY}"),
    limit(LIMITS, "commits of one row", "commits"),
    *(rate(DRAINING, f"instant sink, {count:,} waiting", f"drain_{count}") for count in BACKLOGS),
    Figure(DRAINING, "of the requests.Session loop", OF_THE_LOOP, "×", 2, at_least(0.75), "higher"),
    Figure(DRAINING, f"{BACKLOGS[-1]:,} waiting, of {BACKLOGS[0]:,}", OF_THE_SHORTEST, "×", 2, at_least(0.8)),
    rate(
        DRAINING,
        f"{SLOW_MS} ms clients, --concurrency {CONCURRENCY_FOR_SLOW}",
        f"drain_to_{SLOW_MS}_ms",
        at_least(300),
    ),
    rate(DRAINING, "nine good clients, one hanging", "nine_good"),
    Figure(DRAINING, "lost to the hanging one", loss("nine_good", "ten_good"), "%", target=under(5)),
    *(rate(ACCEPTING, f"{count} subscribed", f"accept_{count}") for count in SUBSCRIBERS),
    limit(ACCEPTING, "limit: a bare view, 1 subscribed", "accept_bare"),
    Figure(ACCEPTING, "of the bare view", OF_THE_BARE_VIEW, "×", 2, at_least(0.8), "higher"),
    *(rate(ACCEPTING, f"one after another, {count} subscribed", f"alone_{count}") for count in FEWEST_AND_MOST),
    Figure(ACCEPTING, f"cost for {SUBSCRIBERS[-1]}, of that for one", COST, "×", 1, under(4)),
    Figure(WAITING, "p50", percentile("arrival", 0.5), "ms", better="lower"),
    Figure(WAITING, "p99", percentile("arrival", 0.99), "ms", better="lower"),
    Figure(MEMORY, "worker", most("memory_worker"), "MiB", better="lower"),
    Figure(MEMORY, "server process", most("memory_server"), "MiB", better="lower"),
)
