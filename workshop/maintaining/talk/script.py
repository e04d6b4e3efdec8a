"""The script of a talk: for each row of a schedule its slides, with their minutes and what to say.

A row has a file in `script/`, named after it. A slide shows a part of a page, and a few words of its own:

    [[slides]]
    title = "One method decides, draws and writes"
    minutes = 1.5                # left out, it takes what the other slides of the row leave
    talks = [45]                 # left out, it is in every talk that has the row
    notes = ["Read the marked lines. (click) ...", { page = "docs/tour.md", section = "...", begins = "..." }]
    code = { page = "docs/tour.md", section = "...", excerpt = "before webhooks/models.py", mark = ["random.uniform"] }

`content.py` has the kinds of content. Notes are Markdown, or a paragraph of a page by its first words. `{before branches}`
is a measured figure. `(click)` stands where the speaker goes on: as often as the slide has something to reveal.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workshop import ROOT
from workshop.base.problems import CommandFailed
from workshop.maintaining.documents.sections import plain, section
from workshop.maintaining.talk.content import KINDS, Content, filled, rich

FOLDER = Path(__file__).with_name("script")
WORDS_A_MINUTE = 120
CLICK = "(click)"
KEYS = {"title", "minutes", "talks", "notes", *KINDS}


@dataclass(frozen=True)
class Slide:
    """A slide as HTML, with the minutes that it takes, and what to say as paragraphs of HTML."""

    row: str
    title: str
    minutes: float
    content: Content
    notes: Sequence[str] = ()
    kind: str = ""


def has(row: str) -> bool:
    """Whether the script has a file for a row."""
    return _file(row).exists()


def slides(row: str, minutes: int, length: int, root: Path = ROOT) -> list[Slide]:
    """The slides of a row in the talk of that length. Their minutes are the row's. Raises CommandFailed."""
    chosen = [given for given in _read(row) if length in given.get("talks", [length])]
    known = sum(given["minutes"] for given in chosen if "minutes" in given)
    open_ended = [given["title"] for given in chosen if "minutes" not in given]
    rest = minutes - known
    if len(open_ended) > 1:
        raise CommandFailed(f"{_name(row)}: only one slide may leave out its minutes, not {' and '.join(open_ended)}.")
    if rest < 0 or (rest and not open_ended):
        raise CommandFailed(
            f"{_name(row)}: the slides of the talk of {length} minutes take {known:g} minutes, and the schedule has"
            f" {minutes} for {row}. Change the minutes of a slide."
        )
    return [_slide(row, given, given.get("minutes", rest), root) for given in chosen]


def _slide(row: str, given: Mapping[str, Any], minutes: float, root: Path) -> Slide:
    kinds = [kind for kind in KINDS if kind in given]
    try:
        if unknown := set(given) - KEYS:
            raise CommandFailed(f"{min(unknown)} is unknown; a slide has {', '.join(sorted(KEYS))}")
        if len(kinds) != 1:
            raise CommandFailed(f"it needs exactly one of {', '.join(KINDS)}")
        content = KINDS[kinds[0]](given[kinds[0]], root)
        notes = list(_notes(given.get("notes", []), root))
        _can_be_said(notes, minutes, content.clicks)
    except KeyError as missing:
        raise CommandFailed(f"{_name(row)}, slide {given['title']!r}: {kinds[0]} needs {missing}.") from missing
    except CommandFailed as problem:
        raise CommandFailed(f"{_name(row)}, slide {given['title']!r}: {problem}") from None
    return Slide(row, filled(given["title"], root), minutes, content, [rich(note, root) for note in notes], kinds[0])


def _notes(given: Sequence[str | Mapping[str, str]], root: Path) -> Iterator[str]:
    for note in given:
        if isinstance(note, str):
            yield " ".join(note.split())
        else:
            yield section(note["page"], note["section"], root).paragraph(note["begins"])


def _can_be_said(notes: Sequence[str], minutes: float, clicks: int) -> None:
    said = " ".join(notes)
    if said.count(CLICK) != clicks:
        raise CommandFailed(f"its notes have {CLICK} {said.count(CLICK)} times, and it has {clicks} to reveal")
    words = len(plain(said.replace(CLICK, "")).split())
    if words > minutes * WORDS_A_MINUTE:
        raise CommandFailed(f"{words} words cannot be said in {minutes:g} minutes, at {WORDS_A_MINUTE} a minute")


def _read(row: str) -> list[dict[str, Any]]:
    try:
        given: list[dict[str, Any]] = tomllib.loads(_file(row).read_text(encoding="utf-8"))["slides"]
    except tomllib.TOMLDecodeError as error:
        raise CommandFailed(f"{_name(row)}: {error}") from error
    return given


def _file(row: str) -> Path:
    return FOLDER / f"{row.removeprefix('step ')}.toml"


def _name(row: str) -> str:
    return f"script/{_file(row).name}"
