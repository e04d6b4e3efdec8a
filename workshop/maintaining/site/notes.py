"""What the pages say about lines of code: the prose around each excerpt, which the Road shows next to these lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import normpath

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from workshop import ROOT
from workshop.base import addresses
from workshop.maintaining.documents import excerpts
from workshop.maintaining.documents.excerpts import Excerpt
from workshop.maintaining.documents.sections import plain, words

MARKDOWN = MarkdownIt("commonmark").enable("table")
PROSE = ("paragraph", "bullet_list", "ordered_list", "blockquote")
NO_TEXT = ("html_inline", "image")  # the comments around a figure, and pictures, which are not in the Road's folder


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
        nodes = list(_nodes(text, document.as_posix()))
        found = [one for one in excerpts.read(document, text) if isinstance(one, Excerpt)]
        for number, excerpt in enumerate(found, start=1):
            if excerpt.stage != excerpts.HERE:
                yield _note(excerpt, number, nodes)


def _nodes(text: str, page: str) -> Iterator[SyntaxTreeNode]:
    """The parts of a page from top to bottom, with its links as the Road needs them."""
    tokens = MARKDOWN.parse(text)
    for token in tokens:
        if token.children:
            token.children = list(_from_the_road(token.children, page))
    return SyntaxTreeNode(tokens).walk(include_self=False)


def _note(excerpt: Excerpt, number: int, nodes: Sequence[SyntaxTreeNode]) -> Note:
    page = excerpt.document.as_posix()
    above = [node for node in nodes if node.map and node.map[0] < excerpt.line]
    titles = [plain(words(node)) for node in above if node.type == "heading"] or [page]
    pieces = excerpt.pieces or (excerpts.Lines(1, 1),)
    return Note(
        stage=excerpt.stage,
        file=excerpt.file,
        first=pieces[0].first,
        last=pieces[-1].last,
        page=titles[0],
        heading=titles[-1],
        address=f"../{addresses.of_page(page)}#{addresses.excerpt_anchor(number)}",
        html="\n".join(map(_html, _prose_around(above[-1]))),
    )


def _prose_around(comment: SyntaxTreeNode) -> Iterator[SyntaxTreeNode]:
    """The prose above the comment that names an excerpt, and the prose below its block."""
    block = comment.next_sibling
    for node in (comment.previous_sibling, block and block.next_sibling):
        if node and node.type in PROSE:
            yield node


def _html(prose: SyntaxTreeNode) -> str:
    return str(MARKDOWN.renderer.render(prose.to_tokens(), MARKDOWN.options, {})).strip()


def _from_the_road(tokens: Sequence[Token], page: str) -> Iterator[Token]:
    """Inline tokens with the links as the Road needs them: to a page of the book, to the network, or none."""
    is_kept = True
    for token in tokens:
        if token.type == "link_open":
            target = str(token.attrs["href"])
            path, mark, anchor = target.partition("#")
            within = normpath(PurePosixPath(page).parent / path) if path else page
            if within.endswith(".md"):
                token.attrs["href"] = f"../{addresses.of_page(within)}{mark}{anchor}"
            is_kept = within.endswith(".md") or "://" in target
        is_link = token.type in ("link_open", "link_close")
        if token.type not in NO_TEXT and (is_kept or not is_link):
            yield token
