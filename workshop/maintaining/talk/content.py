"""The content of a slide as HTML: code, two pieces of code, lines, a table, figures, a picture, a page of the site."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from workshop import ROOT
from workshop.base.names import STAGES, folder_name, number_of
from workshop.base.problems import CommandFailed
from workshop.maintaining import measure
from workshop.maintaining.documents import curve
from workshop.maintaining.documents.figures import KEYS, number
from workshop.maintaining.documents.sections import inline, section
from workshop.maintaining.scorecard import plot
from workshop.maintaining.talk.code import LINE_HEIGHT, SIZES, WIDEST, Given, Listing, listing, place_of

MOST_LINES = 5
COLUMN = 514  # pixels for a line of code in one of two columns
HIGHEST_PAIR = 385  # pixels for the code of both, one below the other
NUMBER = re.compile(r"[\d,]+")
FIGURE = re.compile(r"\{([a-z0-9-]+) ([a-z.-]+)\}")  # {before branches}
PANEL = re.compile(r'<g transform="[^"]*">\n(.*?)</g>', re.DOTALL)
PICTURES = {picture.FILE.as_posix(): picture for picture in (curve, plot)}


@dataclass(frozen=True)
class Content:
    """A slide's HTML below its heading, and how often the speaker clicks before everything is shown."""

    html: str
    clicks: int = 0


def filled(text: str, root: Path = ROOT) -> str:
    """A text with each `{stage key}` replaced by the measured figure. Raises CommandFailed."""

    def measured(match: "re.Match[str]") -> str:
        value = measure.kept(root).get(match[1], {}).get(match[2])
        if value is None:
            raise CommandFailed(f"{match[2]} is not measured at {match[1]}: ./ws dev measure {match[1]}")
        return number(value)

    return FIGURE.sub(measured, text)


def rich(text: str, root: Path = ROOT) -> str:
    """A line of Markdown with figures, as HTML."""
    return inline(filled(text, root))


def lines(given: Sequence[str], root: Path) -> Content:
    if len(given) > MOST_LINES:
        raise CommandFailed(f"it has {len(given)} lines; at most {MOST_LINES} can be read while somebody speaks")
    return Content('<ul class="lines">' + "".join(f"<li>{rich(line, root)}</li>" for line in given) + "</ul>")


def opening(given: bool, root: Path) -> Content:
    """The first slide: the deck fills it, because it alone knows the title, the speaker and the event."""
    return Content("")


def said(given: str, root: Path) -> Content:
    """One sentence, as large as a heading."""
    return Content(f'<p class="said">{rich(given, root)}</p>')


def leads(given: Given, root: Path) -> Content:
    """The words in bold of a page's list."""
    return lines(section(given["page"], given["section"], root).leads(), root)


def code(given: Given, root: Path) -> Content:
    shown = listing(given, root)
    return Content(shown.html(0, shown.size()), 1 if shown.marked else 0)


def pair(given: Given, root: Path) -> Content:
    """Before and after, of which the second comes with the first click: two columns, or one below the other if lines are
    too long for a column and both fit."""
    left, right = (replace(side, caption=side.caption.rpartition("/")[2]) for side in _sides(given, root))
    clicks = 2 if left.marked or right.marked else 1

    def both_fit(size: int) -> bool:
        return (left.rows(size) + right.rows(size)) * size * LINE_HEIGHT <= HIGHEST_PAIR

    kind, size, widest = "pair", SIZES[-1], COLUMN
    if both_fit(size) and any(side.is_wider_than(size, COLUMN) for side in (left, right)):
        kind, size, widest = "pair stacked", min(left.size(), right.size()), WIDEST
        size = next(filter(both_fit, [one for one in SIZES if one <= size]), SIZES[-1])
    after = f'<div class="fragment" data-fragment-index="0">{right.html(1, size, widest)}</div>'
    return Content(f'<div class="{kind}"><div>{left.html(1, size, widest)}</div>{after}</div>', clicks)


def table(given: Given, root: Path) -> Content:
    """A table of a page: all of its rows and columns, or those to show."""
    head, *rows = section(given["page"], given["section"], root).table(given.get("number", 1))
    chosen = given.get("columns", list(range(len(head))))
    if begins := given.get("rows"):
        rows = [rows[place_of([row[0] for row in rows], words, "row")] for words in begins]
    return Content(_table([head[at] for at in chosen], [[row[at] for at in chosen] for row in rows], root))


def figures(given: Given, root: Path) -> Content:
    """Figures of stages next to each other. The costs are there first, the gains come with a click."""
    kept = measure.kept(root)
    names = [*given["stages"]]
    parts = []
    for kind, click in (("cost", ""), ("gain", ' class="fragment" data-fragment-index="0"')):
        cells = [[KEYS[key].title, *(KEYS[key].text(kept[name]) for name in names)] for key in given[kind]]
        rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in cells)
        heads = "".join(f"<th>{escape(name)}</th>" for name in names) if kind == "cost" else "<th></th>" * len(names)
        title = "It costs" if kind == "cost" else "It buys"
        parts.append(f'<tbody{click}><tr class="head"><th>{title}</th>{heads}</tr>{rows}</tbody>')
    return Content(f'<table class="figures">{"".join(parts)}</table>', 1)


def picture(given: Given, root: Path) -> Content:
    """One panel of a plot, as large as the slide, and at its right what its lines are if the panel does not say it."""
    file = given["file"]
    if file not in PICTURES:
        raise CommandFailed(f"there is no picture {file}; there are {', '.join(PICTURES)}")
    of, drawn = PICTURES[file], (root / file).read_text(encoding="utf-8")
    panels = [panel for panel in PANEL.findall(drawn) if f'font-weight="600">{escape(given["panel"])}</text>' in panel]
    if not panels:
        raise CommandFailed(f"{file} has no panel {given['panel']!r}")
    box = f"{-of.LEFT} {-of.TOP} {of.LEFT + of.WIDTH + 16} {of.HEIGHT + of.TOP + 42}"
    svg = f'<svg class="plot" viewBox="{box}" role="img" aria-label="{escape(given["panel"])}">{panels[0]}</svg>'
    legend = "".join(f"<li>{rich(line, root)}</li>" for line in given.get("legend", []))
    return Content(f'<div class="plotted">{svg}<ul class="legend">{legend}</ul></div>' if legend else svg)


def commits(given: Given, root: Path) -> Content:
    """The commits of a step, one line for each, as the step's tree.md lists them."""
    folder = folder_name(number_of(given["step"]))
    rows = section(f"steps/{folder}/tree.md", f"Step {number_of(given['step'])}, {folder[3:]}: commits and files", root)
    head, *listed = rows.table()
    return Content(_table([head[0], "lines"], [[row[0], row[-1]] for row in listed], root))


def frame(given: str, root: Path) -> Content:
    """A page of the site, such as the Twins. It is live: the speaker can click in it."""
    asked = re.search(r"stage=([^&]+)|left=([^&]+)", given)
    if asked and (asked[1] or asked[2]) not in STAGES:
        raise CommandFailed(f"{given} names no stage")
    return Content(
        f'<div class="frame"><iframe title="{escape(given.split("/")[0])}" data-src="{escape("SITE/" + given)}"></iframe></div>'
    )


KINDS: Mapping[str, Callable[[Any, Path], Content]] = {
    "opening": opening,
    "lines": lines,
    "said": said,
    "leads": leads,
    "code": code,
    "pair": pair,
    "table": table,
    "figures": figures,
    "picture": picture,
    "commits": commits,
    "frame": frame,
}


def _sides(given: Given, root: Path) -> list[Listing]:
    return [listing(given[side], root) for side in ("left", "right")]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], root: Path) -> str:
    """A table whose columns of numbers are aligned at the right."""
    numbers = [all(NUMBER.fullmatch(row[at]) for row in rows) for at in range(len(head))]

    def cells(tag: str, row: Sequence[str]) -> str:
        kinds = (' class="n"' if is_number else "" for is_number in numbers)
        return (
            "<tr>"
            + "".join(f"<{tag}{kind}>{rich(cell, root)}</{tag}>" for kind, cell in zip(kinds, row, strict=True))
            + "</tr>"
        )

    body = "".join(cells("td", row) for row in rows)
    return f"<table><thead>{cells('th', head)}</thead><tbody>{body}</tbody></table>"
