"""The picture of a bench: what drains, what is accepted, and how long an event takes to its client."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from workshop.maintaining.bench.figures import middle
from workshop.maintaining.bench.phases import BACKLOGS, EVENTS_A_SECOND, SUBSCRIBERS
from workshop.maintaining.bench.report import Report

COLOURS = ("#3b6ea5", "#c0722c", "#7d9fc4", "#dba877")


@dataclass(frozen=True)
class Bars:
    """A panel of bars: a value for each label and series, None where it was not measured."""

    title: str
    labels: Sequence[str]
    values: dict[str, list[float | None]]


def bars(report: Report) -> list[Bars]:
    """The panels that the samples are enough for."""
    drained = ["requests_1", *(f"drain_{count}" for count in BACKLOGS), "drain_to_100_ms"]
    labels = ["bare\nrequests", *(f"{count:,}\nwaiting" for count in BACKLOGS), "clients\nof 100 ms"]
    accepted = [f"accept_{count}" for count in SUBSCRIBERS]
    panels = [
        Bars("Deliveries per second, one worker", labels, _medians(report, drained)),
        Bars(
            "Events accepted per second", [f"{count}\nsubscribed" for count in SUBSCRIBERS], _medians(report, accepted)
        ),
    ]
    return [panel for panel in panels if any(value is not None for row in panel.values.values() for value in row[1:])]


def _medians(report: Report, names: Sequence[str]) -> dict[str, list[float | None]]:
    return {series: [middle(name)(samples) for name in names] for series, samples in report.series().items()}


def arrivals(report: Report) -> dict[str, list[float]]:
    """The milliseconds from accept to arrival, in order, of each series where they were measured."""
    return {series: sorted(found["arrival"]) for series, found in report.series().items() if found.get("arrival")}


def draw(report: Report, file: Path) -> bool:
    """Writes a PNG. False where there is nothing to draw; then matplotlib is not needed either."""
    panels: list[Callable[[Any], None]] = [partial(_draw_bars, panel) for panel in bars(report)]
    if times := arrivals(report):
        panels.append(partial(_draw_arrivals, times))
    if not panels:
        return False
    from matplotlib.figure import Figure  # it takes a second to load

    figure = Figure(figsize=(5.5 * len(panels), 4.5), layout="constrained")
    figure.suptitle(f"{report.title}, {report.began:%Y-%m-%d %H:%M} UTC")
    for position, panel in enumerate(panels, 1):
        axes = figure.add_subplot(1, len(panels), position)
        axes.spines[["top", "right"]].set_visible(False)
        panel(axes)
    figure.savefig(file, dpi=120)
    return True


def _draw_bars(panel: Bars, axes: Any) -> None:
    width = 0.8 / len(panel.values)
    for position, (series, values) in enumerate(panel.values.items()):
        places = [number - 0.4 + (position + 0.5) * width for number in range(len(values))]
        drawn = axes.bar(
            places, [value or 0 for value in values], width, label=series, color=COLOURS[position % len(COLOURS)]
        )
        axes.bar_label(drawn, ["" if value is None else f"{value:,.0f}" for value in values], fontsize=8)
    axes.set_title(panel.title)
    axes.set_xticks(range(len(panel.labels)), panel.labels)
    axes.legend(frameon=False)


def _draw_arrivals(times: dict[str, list[float]], axes: Any) -> None:
    for position, (series, ordered) in enumerate(times.items()):
        shares = [(number + 1) / len(ordered) * 100 for number in range(len(ordered))]
        colour = COLOURS[position % len(COLOURS)]
        axes.plot(ordered, shares, label=f"{series}, median {median(ordered):,.0f} ms", color=colour)
    axes.set_title(f"From accept to arrival, {EVENTS_A_SECOND} events a second")
    axes.set_xlabel("milliseconds")
    axes.set_ylabel("% of the events have arrived")
    axes.set_xlim(left=0)
    axes.legend(frameon=False)
