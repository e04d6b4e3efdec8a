"""What the pages say about lines of code: the prose around each excerpt, which the Road shows next to these lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import normpath

from markdown_it import MarkdownIt
from markdown_it.token import Token

from workshop import ROOT
from workshop.base import addresses
from workshop.maintaining.documents import excerpts
from workshop.maintaining.documents.excerpts import Excerpt

HEADING = re.compile(r"#+ (.*)")
NO_PROSE = ("#", "|", "```", "<!--", "![", "    ")


@dataclass(frozen=True)
class Note:
    """Prose about lines of a file at a stage, as HTML, with the page and the heading that it stands under.

    `address` leads from the Road to the excerpt. A note on a whole file has `first` 1 and `last` 1.
    """

    stage: str
    file: str
    first: int
    last: int
    page: str
    heading: str
    address: str
    html: str


def notes(root: Path = ROOT) -> Iterator[Note]:
    """The notes of all pages, in their order."""
    for document in excerpts.documents(root):
        text = (root / document).read_text(encoding="utf-8")
        found = [one for one in excerpts.read(document, text) if isinstance(one, Excerpt)]
        for number, excerpt in enumerate(found, start=1):
            if excerpt.stage != excerpts.HERE:
                yield _note(excerpt, number, text.splitlines())


def _note(excerpt: Excerpt, number: int, lines: Sequence[str]) -> Note:
    page = excerpt.document.as_posix()
    titles = [found[1] for line in lines[: excerpt.line] if (found := HEADING.fullmatch(line))]
    above = _paragraph(lines, excerpt.line - 2, -1)
    below = _paragraph(lines, excerpt.first + len(excerpt.block), 1)
    prose = "\n\n".join(part for part in (above, below) if part)
    pieces = excerpt.pieces or (excerpts.Lines(1, 1),)
    address = f"../{addresses.of_page(page)}#{addresses.excerpt_anchor(number)}"
    first, last = pieces[0].first, pieces[-1].last
    title = _plain(titles[0] if titles else page)
    return Note(
        excerpt.stage,
        excerpt.file,
        first,
        last,
        title,
        _plain(titles[-1] if titles else ""),
        address,
        _html(prose, page),
    )


def _paragraph(lines: Sequence[str], at: int, step: int) -> str:
    """The paragraph that ends or begins at a line, seen upwards (-1) or downwards; empty if there is none."""
    while 0 <= at < len(lines) and not lines[at].strip():
        at += step
    found: list[str] = []
    while 0 <= at < len(lines) and lines[at].strip():
        if lines[at].startswith(NO_PROSE):
            return ""
        found.append(lines[at])
        at += step
    return "\n".join(found[::step])


def _html(prose: str, page: str) -> str:
    markdown = MarkdownIt("commonmark")
    tokens = markdown.parse(prose)
    for token in tokens:
        token.children = list(_from_the_road(token.children, page)) if token.children is not None else None
    return str(markdown.renderer.render(tokens, markdown.options, {})).strip()


def _from_the_road(tokens: Sequence[Token], page: str) -> Iterator[Token]:
    """Inline tokens with the links as the Road needs them: to a page of the book, to the network, or none."""
    dropped: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            target = str(token.attrs["href"])
            path, _, anchor = target.partition("#")
            within = normpath(str(PurePosixPath(page).parent / path)) if path else page
            is_page = within.endswith(".md")
            if is_page:
                token.attrs["href"] = f"../{addresses.of_page(within)}" + (f"#{anchor}" if anchor else "")
            dropped.append(not is_page and "://" not in target)
            if dropped[-1]:
                continue
        elif token.type == "link_close" and dropped.pop():
            continue
        elif token.type == "html_inline":
            continue  # the comments around a figure
        yield token


def _plain(title: str) -> str:
    return re.sub(r"[`*]", "", title)
