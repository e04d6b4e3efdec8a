"""docs/tour.md as a tour inside an editor: .tours/, in the format of the CodeTour extension.

Each excerpt of the page is a step at the same lines of the same file, with the words around it. The last words of a
stop, which compare the two sides, are part of its last step. Words without an excerpt are a step without a file.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import normpath
from typing import Any

from workshop import ROOT
from workshop.base.problems import Problem
from workshop.maintaining.documents import excerpts
from workshop.maintaining.documents.excerpts import HERE, Excerpt, Lines

PAGE = Path("docs") / "tour.md"
FILE = Path(".tours") / "one-event.tour"
COMMENT = re.compile(r"<!--.*?-->")
LINK = re.compile(r"\]\((?![a-z]+:)([^)#\s]*)(?:#[^)\s]*)?\)")
HEADING = re.compile(r"#{1,2} (?P<title>.+)")
KEEPS_ITS_LINES = re.compile(r"\s*(?:[-*] |[|>]|\d+\. |```)")


@dataclass
class Step:
    """One step of the tour: the words above an excerpt, the excerpt, and the last words of its stop."""

    title: str
    excerpt: Excerpt | None = None
    words: list[str] = field(default_factory=list)
    last_words: list[str] = field(default_factory=list)


def written(root: Path = ROOT) -> str:
    """The tour that the page makes. The files must exist, which `tours_are_current` checks."""
    heading, *steps = _steps((root / PAGE).read_text(encoding="utf-8"))
    tour = {
        "title": heading.title,
        "description": "docs/tour.md inside the editor. ./ws dev tours writes this file.",
        "isPrimary": True,
        "steps": [_as_json(step, root) for step in (heading, *steps)],
    }
    return json.dumps(tour, indent=2, ensure_ascii=False) + "\n"


def write(root: Path = ROOT) -> str:
    """Writes the tour and reports it."""
    (root / FILE).parent.mkdir(exist_ok=True)
    (root / FILE).write_text(written(root), encoding="utf-8")
    return f"wrote {FILE}"


def tours_are_current(root: Path = ROOT) -> Iterator[Problem]:
    """A problem if the tour differs from its page, and one for each step whose line does not exist."""
    if not (root / PAGE).exists():
        return
    if not (root / FILE).exists() or (root / FILE).read_text(encoding="utf-8") != written(root):
        yield Problem(FILE, 1, f"differs from {PAGE.as_posix()}; ./ws dev tours writes it")
        return
    for number, step in enumerate(json.loads((root / FILE).read_text(encoding="utf-8"))["steps"], start=1):
        if "file" in step and not 1 < step["line"] <= len(_lines(root / step["file"])):
            yield Problem(FILE, 1, f"step {number} is at {step['file']}:{step['line']}, which does not exist")


def _steps(text: str) -> Iterator[Step]:
    """The steps of the page, in its order. The first has the page's own title."""
    lines = text.splitlines()
    found = {each.line: each for each in excerpts.read(PAGE, text) if isinstance(each, Excerpt)}
    steps: list[Step] = []
    words: list[str] = []
    at = 0
    is_in_block = False
    while at < len(lines):
        line, excerpt = lines[at], found.get(at + 1)
        heading = None if is_in_block else HEADING.fullmatch(line)
        if heading:
            yield from _closed(steps, words)
            steps, words = [Step(heading["title"])], []
        elif excerpt:
            steps.append(Step(f"{steps[0].title}: {excerpt.stage}/", excerpt, words))
            words = []
            at = excerpt.first + len(excerpt.block)  # after the line that closes the block
            continue
        else:
            is_in_block ^= line.startswith("```")
            words.append(line)
        at += 1
    yield from _closed(steps, words)


def _closed(steps: list[Step], words: list[str]) -> Iterator[Step]:
    """The steps below one heading: the last words belong to the last excerpt, or to the heading itself."""
    if steps:
        steps[-1].last_words = words
        yield from steps[1:] or steps


def _as_json(step: Step, root: Path) -> dict[str, Any]:
    if not step.excerpt:
        return {"title": step.title, "description": _said(step.last_words)}
    file = step.excerpt.file if step.excerpt.stage == HERE else f"{step.excerpt.stage}/{step.excerpt.file}"
    source = _lines(root / file)
    first, *others = step.excerpt.pieces or [Lines(1, len(source))]
    goes_on = f"It goes on in the lines {' and '.join(map(str, others))}." if others else ""
    said = "\n\n".join(filter(None, (_said(step.words), goes_on, _said(step.last_words))))
    end = len(source[first.last - 1]) + 1 if first.last <= len(source) else 1
    return {
        "title": step.title,
        "file": file,
        "line": first.last,  # the words appear below this line, so that they do not hide the code
        "selection": {
            "start": {"line": first.first, "character": 1},
            "end": {"line": first.last, "character": end},
        },
        "description": said or f"`{file}`, lines {first}.",
    }


def _said(words: Sequence[str]) -> str:
    """Words for the editor: a paragraph is one line there, and links begin at the repository's root."""
    said: list[str] = []
    is_in_block = is_paragraph = False
    for line in words:
        plain = line if is_in_block else LINK.sub(_from_the_root, COMMENT.sub("", line)).rstrip()
        if line.startswith("```"):
            is_in_block = not is_in_block
        keeps = is_in_block or bool(KEEPS_ITS_LINES.match(line))
        if is_paragraph and plain and not keeps:
            said[-1] += f" {plain}"
        else:
            said.append(plain)
        is_paragraph = bool(plain) and not keeps
    return re.sub(r"\n{3,}", "\n\n", "\n".join(said)).strip()


def _from_the_root(link: re.Match[str]) -> str:
    target = normpath((PAGE.parent / link[1]).as_posix()) if link[1] else PAGE.as_posix()
    return f"](./{target})"


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {"the tour in the editor is docs/tour.md": tours_are_current}
