"""What the book adds to the pages while Sphinx reads them: a way from each excerpt to its lines in the Road, and a place
for each link that leads into the repository instead of to a page.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from posixpath import normpath

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from workshop.base import addresses
from workshop.base.names import STAGES, STEPS, folder_name
from workshop.maintaining.documents.excerpts import COMMENT, HERE

OF_THE_SITE = ".webp"  # pictures of pages that the reader has at hand here
STEP_OF_FOLDER = {folder_name(number): number for number in range(1, len(STEPS) + 1)}


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.connect("doctree-read", _read, priority=100)  # before Sphinx notes which files can be downloaded
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _read(app: Sphinx, doctree: nodes.document) -> None:
    page = f"{app.env.docname}.md"
    for number, (comment, block) in enumerate(_excerpts(doctree), start=1):
        named = COMMENT.fullmatch(comment.astext().strip())
        if named and named["stage"] != HERE:
            _lead_to_road(page, number, block, named["stage"], named["file"], named["lines"] or "")
    for comment in [node for node in doctree.findall(nodes.raw) if node.astext().strip().startswith("<!--")]:
        comment.parent.remove(comment)
    for picture in [picture for picture in doctree.findall(nodes.image) if picture["uri"].endswith(OF_THE_SITE)]:
        picture.parent.remove(picture)
    for cell in [cell for head in doctree.findall(nodes.thead) for cell in head.findall(nodes.entry)]:
        if not cell.astext().strip():  # the corner of a table: a screen reader names it
            cell[:] = [nodes.paragraph("", "", nodes.inline("", "Row", classes=["visually-hidden"]))]
    for link in [*doctree.findall(addnodes.pending_xref), *doctree.findall(addnodes.download_reference)]:
        if address := _in_the_repository(page, str(link["reftarget"])):
            link.replace_self(nodes.reference("", "", *link.children, refuri=addresses.up(page) + address))


def _excerpts(doctree: nodes.document) -> Iterator[tuple[nodes.raw, nodes.literal_block]]:
    """Each comment that names an excerpt, with its block."""
    for comment in doctree.findall(nodes.raw):
        if COMMENT.fullmatch(comment.astext().strip()):
            block = comment.next_node(nodes.literal_block, siblings=True, descend=False)
            if isinstance(block, nodes.literal_block):
                yield comment, block


def _lead_to_road(page: str, number: int, block: nodes.literal_block, stage: str, file: str, lines: str) -> None:
    """Puts a line with the file, the stage and the way to the Road above a block."""
    first_to_last = f"{lines.split('-')[0]}-{lines.rsplit('-', 1)[1]}" if lines else ""
    address = addresses.up(page) + addresses.in_road(stage, file, first_to_last)
    said = f"{file} at {stage}" + (f", lines {lines.replace('-', '–').replace(',', ', ')}" if lines else "")
    line = nodes.paragraph("", "", nodes.reference("", said, refuri=address), classes=["to-road"])
    line["ids"].append(addresses.excerpt_anchor(number))
    block.parent.insert(block.parent.index(block), line)


def _in_the_repository(page: str, target: str) -> str | None:
    """The place in the Road for a link to a stage's folder or to a commit of a step; None for any other link."""
    if target in (addresses.ROAD, addresses.TWINS):
        return target
    path = PurePosixPath(normpath(str(PurePosixPath(page).parent / target.split("#")[0])))
    if path.parts and path.parts[0] in STAGES:
        return addresses.in_road(path.parts[0])
    if path.suffix == ".patch" and path.parent.name in STEP_OF_FOLDER:
        number = STEP_OF_FOLDER[path.parent.name]
        return addresses.in_road(STAGES[number], commit=int(path.name.split("-")[0]))
    return None
