"""Writes a talk into a folder that a browser opens without a server: the slides, and next to them the speaker view.

    var/talk/index.html              the slides: what may be published
    var/talk/assets/                 their style and script, and reveal.js with its licence
    var/talk/speaker/                the speaker view with the notes: for the speaker alone

The slides do not know the speaker view. It opens them, and they report to the window that opened them where they are.
"""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate
from pathlib import Path
from string import Template

from workshop import ROOT
from workshop.base.talk import SPEAKER
from workshop.maintaining import frame
from workshop.maintaining.documents.schedule import Schedule
from workshop.maintaining.documents.sections import inline
from workshop.maintaining.talk import rows
from workshop.maintaining.talk.script import Slide

ASSETS = Path(__file__).with_name("assets")
TO_SITE = "../site"  # so it is in var/, and on a stick
TITLE = "Refactoring Django, step by step"


@dataclass(frozen=True)
class Talk:
    """A talk's title, speaker and event, as they are on the first slide, with its schedule and slides."""

    title: str
    speaker: str
    event: str
    planned: Schedule
    slides: Sequence[Slide]

    @property
    def begins(self) -> list[float]:
        """The minute at which each slide begins."""
        return [*accumulate((slide.minutes for slide in self.slides[:-1]), initial=0.0)]


def talk(length: int, *, title: str = "", speaker: str = "", event: str = "", root: Path = ROOT) -> Talk:
    """The talk of that length. Raises CommandFailed if a page does not have what the script shows."""
    planned = rows.schedule_of(length, root)
    return Talk(title or TITLE, speaker, event, planned, rows.slides(planned, root))


def write(
    made: Talk, target: Path, to_site: str = TO_SITE, *, check: Callable[[Path], None] = lambda folder: None
) -> None:
    """Replaces the folder by the slides and the speaker view. `to_site` leads from it to the Twins and the Road.

    `check` sees the new folder first. If it raises an error, the old folder stays.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=target.parent) as scratch:
        folder = Path(scratch) / "talk"
        speaker = folder / SPEAKER
        shutil.copytree(ASSETS, folder / "assets", ignore=shutil.ignore_patterns("*.html", "speaker.*", "handout.*"))
        speaker.mkdir()
        for name in ("speaker.css", "speaker.js"):
            shutil.copyfile(ASSETS / name, speaker / name)
        slides = "\n".join(_section(made, slide, to_site) for slide in made.slides)
        (folder / "index.html").write_text(
            _page("deck.html", title=escape(made.title), slides=slides), encoding="utf-8"
        )
        (speaker / "index.html").write_text(_page("speaker.html", title=escape(made.title)), encoding="utf-8")
        (speaker / "notes.js").write_text(f"TALK.got({frame.compact(_notes(made))})\n", encoding="utf-8")
        check(folder)
        if target.exists():
            target.rename(Path(scratch) / "old")
        folder.rename(target)


def _section(made: Talk, slide: Slide, to_site: str) -> str:
    html = slide.content.html.replace('data-src="SITE/', f'data-src="{to_site}/')
    if slide.kind == "opening":
        html = f"<p class=by>{escape(made.speaker)}</p><p class=event>{escape(made.event)}</p>"
    heading = escape(made.title) if slide.kind == "opening" else inline(slide.title)
    level = "h1" if slide.kind == "opening" else "h2"
    name = escape(slide.title)
    return f'<section class="of-{slide.kind}" data-name="{name}"><div class="slide"><{level}>{heading}</{level}>{html}</div></section>'


def _page(name: str, **words: str) -> str:
    return Template((ASSETS / name).read_text(encoding="utf-8")).substitute(words)


def _notes(made: Talk) -> dict[str, object]:
    """What the speaker view shows: for each slide its notes, its place in the schedule, and what could be cut then."""
    hints = {row.what: inline(row.how) for row in made.planned.rows}
    slides = [
        {
            "title": inline(slide.title),
            "row": slide.row,
            "at": at,
            "minutes": slide.minutes,
            "how": hints.pop(slide.row, ""),  # with the first slide of the row
            "notes": [*slide.notes],
        }
        for slide, at in zip(made.slides, made.begins, strict=True)
    ]
    ends = dict(
        zip((row.what for row in made.planned.rows), accumulate(row.minutes for row in made.planned.rows), strict=True)
    )
    cuts = [
        {"row": cut.row, "minutes": cut.minutes, "until": ends[cut.row], "text": inline(cut.text)}
        for cut in made.planned.cuts
    ]
    return {"title": made.title, "length": made.planned.length, "slides": slides, "cuts": cuts}
