"""The handout, a page of the site: two A4 pages for everybody in the room, made from the pages of the repository.

The first page leads from a sign to a pattern and to a rung. The second has the questions to ask and the commands. The
sentences are those of the pages; a section that is no longer there stops the build.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

from workshop import ROOT
from workshop.base.problems import CommandFailed
from workshop.maintaining.documents.sections import Section, inline, plain, section, subsections

NAME = "handout.html"
TEMPLATE = Path(__file__).with_name(NAME)
SIGNS, PATTERNS, WHEN, MONDAY, STEPS = (
    *("docs/signs.md", "docs/patterns/README.md", "docs/when.md", "docs/monday.md", "steps/README.md"),
)
LISTED = "Only listed"
LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
COMMAND = re.compile(r"(\S.*?)(?:\s+# (.+))?")
SENTENCE = re.compile(r".+?[.?!](?=\s|$)")
COMMANDS = (
    ("Your own project", SIGNS, "The early warning signs", "./ws signs"),
    ("A change request", "steps/requests/README.md", "Try it", "./ws request"),
    ("See it, test it", "README.md", "Two commands", "make demo"),
    ("Practise", "README.md", "Practise", "make start"),
    ("The ten steps", STEPS, "The migration", "make walk"),
)


def write(site: Path, root: Path = ROOT) -> None:
    """Writes the page into the folder of the site. Raises CommandFailed if a page lacks a part that the handout shows."""
    (site / NAME).write_text(page(root), encoding="utf-8")


def page(root: Path = ROOT) -> str:
    """The handout as HTML."""
    parts = {
        "signs": _rows(_signs(root)),
        "rungs": _list(section(STEPS, "Rungs: where to stay", root).items()),
        "patterns": _rows(section(PATTERNS, "Patterns: the toolbox", root).table()[1:]),
        "backlog": _list(section(WHEN, "Your backlog in ten minutes", root).items()),
        "month": inline(section(MONDAY, "What to measure after a month", root).paragraph("Three questions")),
        "first": _list(section(MONDAY, "The first pull request", root).leads()),
        "commands": "".join(_commands(root)),
    }
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(parts)


def _signs(root: Path) -> Iterator[list[str]]:
    """Each sign with its first sentence, its patterns and their rungs."""
    rungs = _rung_of_each_pattern(root)
    for part in subsections(section(SIGNS, "The signs", root), root):
        links, paragraphs = _patterns(part)
        if part.title == LISTED:
            leads = part.leads()
            if len(leads) != len(links):
                raise CommandFailed(
                    f"{SIGNS}, {LISTED!r}: {len(leads)} signs and {len(links)} patterns. Name one for each."
                )
            for lead, item, link in zip(leads, part.items(), links, strict=True):
                yield [lead, _first_sentence(item.partition(":")[2]), link, *_rungs([link], rungs)]
        else:
            sign = re.sub(r" \([a-z-]+\)", "", part.title)
            yield [sign, _first_sentence(paragraphs[0]), ", ".join(links), *_rungs(links, rungs)]


def _patterns(part: Section) -> tuple[list[str], list[str]]:
    """The patterns that the first paragraph of a sign names, and the other paragraphs."""
    paragraphs = part.paragraphs()
    if not paragraphs or not paragraphs[0].startswith("Pattern"):
        raise CommandFailed(f"{SIGNS}, {part.title!r}, does not begin with its pattern, as **Pattern: [Registry](…)**.")
    return [name for name, _ in LINK.findall(paragraphs[0])], paragraphs[1:]


def _rungs(patterns: Sequence[str], known: Mapping[str, str]) -> list[str]:
    """The rungs of a sign's patterns, as one cell."""
    if unknown := [pattern for pattern in patterns if pattern not in known]:
        raise CommandFailed(f"{PATTERNS} has no pattern {unknown[0]!r}, which {SIGNS} names.")
    return [", ".join(dict.fromkeys(known[pattern] for pattern in patterns))]


def _rung_of_each_pattern(root: Path) -> Mapping[str, str]:
    table = section(PATTERNS, "Patterns: the toolbox", root).table()
    return {plain(pattern): rung for _, pattern, rung in table[1:]}


def _first_sentence(text: str) -> str:
    found = SENTENCE.match(text.strip())
    sentence = found[0] if found else text.strip()
    return sentence[:1].upper() + sentence[1:]


def _commands(root: Path) -> Iterator[str]:
    for title, name, heading, begins in COMMANDS:
        rows = [COMMAND.fullmatch(line) for line in section(name, heading, root).block(begins)]
        shown = "".join(
            f"<tr><td><code>{escape(row[1])}</code></td><td>{escape(row[2] or '')}</td></tr>" for row in rows if row
        )
        yield f'<div class="commands"><h3>{escape(title)}</h3><table>{shown}</table></div>'


def _rows(rows: Iterator[list[str]] | Sequence[Sequence[str]]) -> str:
    return "".join("<tr>" + "".join(f"<td>{inline(cell)}</td>" for cell in row) + "</tr>" for row in rows)


def _list(items: Sequence[str]) -> str:
    return "".join(f"<li>{inline(item)}</li>" for item in items)
