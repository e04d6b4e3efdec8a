"""Whether every link of the built site leads somewhere: to a file, to an anchor in it, to a line of a stage in the Road.

Nothing that a page loads may come from outside its folder.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from workshop import ROOT
from workshop.base import addresses
from workshop.base.problems import Problem
from workshop.base.stages import all_stages

LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
INSIDE_CSS = re.compile(r"""url\(\s*["']?([^"')]+)""")


@dataclass
class Page(HTMLParser):
    """What a page or a style sheet links to and loads, each with its line, and the anchors that it has."""

    links: list[tuple[int, str]] = field(default_factory=list)
    loads: list[tuple[int, str]] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append((self.getpos()[0], given["href"]))
        if tag in LOADED and LOADED[tag] in given:
            self.loads.append((self.getpos()[0], given[LOADED[tag]]))


class Site:
    """The pages and style sheets of a folder, each read once, and the folders of the stages that the Road shows."""

    def __init__(self, folder: Path, root: Path = ROOT) -> None:
        self.folder = folder
        self.stages = {stage.name: stage.folder for stage in all_stages(root)}
        files = [file for file in sorted(folder.rglob("*")) if file.suffix in (".html", ".css")]
        self.pages = {file.relative_to(folder).as_posix(): _read(file) for file in files}


def problems(folder: Path) -> Iterator[Problem]:
    """Everything in the built site that leads nowhere or loads from outside."""
    site = Site(folder)
    for name, page in site.pages.items():
        found = [(line, _link(site, name, target)) for line, target in page.links]
        found += [(line, _load(site, name, target)) for line, target in page.loads]
        yield from (Problem(Path(name), line, what) for line, what in found if what)


def _read(file: Path) -> Page:
    page, text = Page(), file.read_text(encoding="utf-8")
    if file.suffix == ".css":
        page.loads += [(1, target) for target in INSIDE_CSS.findall(text)]
    else:
        page.feed(text)
    return page


def _link(site: Site, page: str, target: str) -> str | None:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return None  # a reader may follow it where there is network
    path = _path(page, parts)
    if not (site.folder / path).is_file():
        return f"{target} leads to {path}, which is not in the site"
    if path == addresses.ROAD:
        return _place(site, parts.fragment)
    if path in site.pages and parts.fragment and unquote(parts.fragment) not in site.pages[path].anchors:
        return f"{target}: {path} has no anchor {parts.fragment}"
    return None


def _load(site: Site, page: str, target: str) -> str | None:
    parts = urlsplit(target)
    if parts.scheme == "data":
        return None
    if parts.scheme or parts.netloc:
        return f"it loads {target} from outside"
    if not (site.folder / _path(page, parts)).is_file():
        return f"it loads {target}, which is not in the site"
    return None


def _path(page: str, parts: SplitResult) -> str:
    """The path in the site that an address on a page means."""
    return normpath(PurePosixPath(page).parent / unquote(parts.path)) if parts.path else page


def _place(site: Site, fragment: str) -> str | None:
    """What is wrong with a place in the Road."""
    asked = dict(parse_qsl(fragment))
    stage, file = asked.get("stage", ""), asked.get("file", "")
    if asked and stage not in site.stages:
        return f"the Road has no stage {stage!r}"
    if not file:
        return None
    path = site.stages[stage] / file
    if not path.is_file():
        return f"the Road has no file {file} at {stage}"
    lines = len(path.read_text(encoding="utf-8").splitlines())
    last = int(asked.get("line", "0").split("-")[-1])
    return f"{file} at {stage} has {lines} lines, so no line {last}" if last > lines else None
