"""Parts of the repository's pages: sections, paragraphs, lists, tables, blocks and excerpts, found by their words.

The talk and the handout show them. A part that is no longer there raises CommandFailed, so that neither shows what the
pages do not say any more.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NoReturn, TypeVar

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from workshop import ROOT
from workshop.base.problems import CommandFailed
from workshop.maintaining.documents import excerpts
from workshop.maintaining.documents.excerpts import Excerpt

Found = TypeVar("Found")
PAGE = MarkdownIt("commonmark").enable("table")
INLINE = MarkdownIt("commonmark", {"html": False})
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
BOLD = re.compile(r"\*\*(.+?)\*\*")
NOT_SHOWN = ("link_open", "link_close", "image", "html_inline")


@dataclass(frozen=True)
class Section:
    """A part of a page from its heading to the next heading of the same level or a higher one."""

    page: str
    title: str
    nodes: Sequence[SyntaxTreeNode]
    excerpts: Sequence[Excerpt]

    def paragraphs(self) -> list[str]:
        """The paragraphs that are in no list and no quotation, as Markdown."""
        return [words(node) for node in self.nodes if node.type == "paragraph"]

    def paragraph(self, begins: str) -> str:
        """The paragraph, as Markdown, whose words begin so."""
        found = [words(node) for node in self._all("paragraph")]
        return self._first(found, lambda text: text.startswith(begins), f"paragraph that begins with {begins!r}")

    def items(self) -> list[str]:
        """The first paragraph of each list item, as Markdown."""
        return [words(item.children[0]) for item in self._all("list_item")] or self._missing("list")

    def leads(self) -> list[str]:
        """The words in bold at the beginning of each list item, without the full stop."""
        found = [match[1] for match in map(BOLD.match, self.items()) if match]
        return [lead.rstrip(".:,") for lead in found] or self._missing("list whose items begin in bold")

    def table(self, number: int = 1) -> list[list[str]]:
        """The rows of a table, its head first; each cell is Markdown. The tables are counted from 1."""
        tables = [*self._all("table")]
        if number > len(tables):
            self._missing(f"table number {number}")
        return [[words(cell) for cell in row.children] for part in tables[number - 1].children for row in part.children]

    def block(self, begins: str = "") -> list[str]:
        """The lines of the fenced block that begins so."""
        blocks = [node.content for node in self._all("fence")]
        return self._first(
            blocks, lambda text: text.startswith(begins), f"block that begins with {begins!r}"
        ).splitlines()

    def excerpt(self, source: str) -> Excerpt:
        """The excerpt of a file at a stage, such as `before webhooks/models.py`."""
        return self._first(self.excerpts, lambda one: f"{one.stage} {one.file}" == source, f"excerpt of {source}")

    def _all(self, kind: str) -> Iterator[SyntaxTreeNode]:
        for top in self.nodes:
            yield from (node for node in top.walk() if node.type == kind)

    def _first(self, found: Sequence[Found], fits: Callable[[Found], bool], what: str) -> Found:
        return next((each for each in found if fits(each)), None) or self._missing(what)

    def _missing(self, what: str) -> NoReturn:
        raise CommandFailed(f"{self.page}, section {self.title!r}, has no {what}. The talk or the handout shows it.")


def section(page: str, title: str, root: Path = ROOT) -> Section:
    """A section by its heading. Raises CommandFailed."""
    nodes, found = _read(page, root)
    heads = [node for node in nodes if node.type == "heading"]
    head = next((node for node in heads if plain(words(node)) == title), None)
    if head is None:
        raise CommandFailed(f"{page} has no section {title!r}. The talk or the handout shows it.")
    first = nodes.index(head)
    end = next((at for at in range(first + 1, len(nodes)) if _ends(nodes[at], head)), len(nodes))
    lines = range(_line(nodes[first]), _line(nodes[end]) if end < len(nodes) else 10**9)
    return Section(page, title, nodes[first + 1 : end], [one for one in found if one.line in lines])


def subsections(parent: Section, root: Path = ROOT) -> list[Section]:
    """The sections one level below a section."""
    heads = [node for node in parent.nodes if node.type == "heading"]
    top = min((node.tag for node in heads), default="")
    return [section(parent.page, plain(words(node)), root) for node in heads if node.tag == top]


def plain(markdown: str) -> str:
    """Markdown's words without the signs around them."""
    return re.sub(r"[`*]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)).strip()


def words(node: SyntaxTreeNode) -> str:
    """The Markdown of a paragraph, heading or cell on one line, without comments."""
    inline = next((child for child in node.children if child.type == "inline"), None)
    return " ".join(COMMENT.sub("", inline.content).split()) if inline else ""


def inline(markdown: str) -> str:
    """A line of Markdown as HTML, without links and pictures. Markup in it is shown, not obeyed."""
    (token,) = INLINE.parseInline(markdown)
    kept = [child for child in token.children or [] if child.type not in NOT_SHOWN]
    return str(INLINE.renderer.render(kept, INLINE.options, {}))


def _ends(node: SyntaxTreeNode, head: SyntaxTreeNode) -> bool:
    return node.type == "heading" and node.tag <= head.tag


def _line(node: SyntaxTreeNode) -> int:
    return node.map[0] + 1 if node.map else 0


@cache
def _read(page: str, root: Path) -> tuple[list[SyntaxTreeNode], list[Excerpt]]:
    """The top nodes of a page, and its excerpts."""
    try:
        text = (root / page).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CommandFailed(f"There is no page {page}. The talk or the handout shows a part of it.") from None
    found = [one for one in excerpts.read(Path(page), text) if isinstance(one, Excerpt)]
    return SyntaxTreeNode(PAGE.parse(text)).children, found
