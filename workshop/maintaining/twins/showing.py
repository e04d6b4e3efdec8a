"""One scenario at one stage, ready to be shown: in the terminal, and on the page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from workshop.base.counting import counted
from workshop.maintaining.twins import calls, tour
from workshop.maintaining.twins.calls import FRAME, LAYERS, Row, Sources
from workshop.maintaining.twins.tour import Stop

PALETTE = ("blue", "cyan", "yellow", "red", "magenta", "green", "bright_blue", "default", "bright_black")
COLOURS = dict(zip(LAYERS, PALETTE, strict=True))
PLACES = 72  # the column in which files begin


@dataclass(frozen=True)
class View:
    """The acts with their rows, the figures of the price and the gain, what was sent, and what came of it."""

    acts: Sequence[tuple[str, Sequence[Row]]]
    figures: Mapping[str, int]
    sent: Sequence[tuple[str, str, str]]
    answers: Sequence[str]
    ended: str


def view(
    played: Mapping[str, Any], sources: Sources, name: str, stops: Sequence[Stop], *, everything: bool = False
) -> View:
    """A played scenario of the stage of that name; with `everything`, plumbing/ is in its place and nothing is closed."""
    acts = [(title, calls.rows_of(found, sources)) for title, found in played["acts"]]
    figures = calls.figures([row for _, rows in acts for row in rows], sources)
    if not everything:
        acts = [(title, calls.merged(calls.without_plumbing(rows))) for title, rows in acts]
    together = [row for _, rows in acts for row in rows]
    tour.attach(together, name, stops)
    if not everything:
        calls.fold(together)
    return View(acts, figures, [tuple(sent) for sent in played["sent"]], played["answers"], played["ended"])


def show(shown: View, console: Console) -> None:
    """Prints a view, a line for each row, the same in a pipe and without colour."""
    for line in _lines(shown):
        console.print(line, soft_wrap=True, highlight=False)


def _lines(shown: View) -> Iterator[Text]:
    used = {row.layer for _, rows in shown.acts for row in calls.every(rows)}
    yield Text(", ".join(f"{letter} {name}" for letter, name in LAYERS.items() if letter in used), "dim")
    yield Text("pure: no SQL, no clock, no Django in here", "dim")
    for title, rows in shown.acts:
        yield Text(f"\n{title}", "bold")
        yield from _rows(rows)
    yield Text("\nWhat came of it", "bold")
    for answer in shown.answers:
        yield Text(f"The API answered {answer}")
    for content_type, body, answer in shown.sent:
        size = len(body.encode())
        yield Text(f"{size} bytes of {content_type} went out, and the client answered {answer}:")
        yield Text(body, "green")
    yield Text(f"The delivery is {shown.ended}.")
    yield from map(Text, price_and_gain(shown.figures))


def price_and_gain(figures: Mapping[str, int]) -> Iterator[str]:
    """What a stage costs and what it buys, as two sentences: calls, files and statements; calls that only decide."""
    calls, files = counted(figures["calls"], "call"), counted(figures["files"], "file")
    yield f"Price: {calls} in {files}, {counted(figures['sql'], 'SQL statement')}."
    decide = "decides" if figures["pure"] == 1 else "decide"
    pure = f"{counted(figures['pure'], 'call')} {decide} without a database"
    yield f"Gain: {pure}, in {counted(figures['pure.lines'], 'line')}."


def _rows(rows: Sequence[Row]) -> Iterator[Text]:
    inside = 0
    for depth, row in calls.visible(rows):
        ends = row.name in FRAME[1:]
        bar = "└" if ends else "┌" if row.name == FRAME[0] else "│" if inside else " "
        inside += (row.name == FRAME[0]) - ends
        line = Text(f"{row.layer or ' '} ", COLOURS.get(row.layer, ""))
        line.append(f"{bar} {'  ' * depth}", "dim")
        line.append(row.name, COLOURS.get(row.layer, "red"))
        line.append(" " * max(PLACES - len(line), 2) + f"{row.file}:{row.line}", "dim")
        marks = (
            f"×{row.times}" if row.times > 1 else "",
            "pure" if row.is_pure else "",
            "nobody calls it: a signal does" if row.by_signal else "",
            "in a thread" if row.in_thread else "",
            *(f"stop {number} of the tour" for number in row.stops),
            "" if row.is_open else _inside(list(calls.every(row.inner))),
        )
        line.append("".join(f"  {mark}" for mark in marks if mark))
        yield line


def _inside(rows: Sequence[Row]) -> str:
    """How many rows a closed row hides."""
    statements = sum(row.is_statement for row in rows)
    return f"+{len(rows)} inside" + (f", {statements} SQL" if statements else "")
