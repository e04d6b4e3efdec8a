"""Whether every link of the built site leads somewhere: to a file, to an anchor in it, to a line of a stage in the Road.

Nothing that a page loads may come from outside its folder.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from posixpath import normpath
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from workshop.base import addresses
from workshop.base.problems import Problem

LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
INSIDE_CSS = re.compile(r"""url\(\s*["']?([^"')]+)""")
DATA = re.compile(r'ROAD\.got\("[^"]+",(.*)\)\s*', re.DOTALL)


@dataclass
class Page(HTMLParser):
    """What a page links to, with the line, what it loads, and the anchors that it has."""

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
    """The pages of a folder, each read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages = {file.relative_to(folder).as_posix(): _read(file) for file in sorted(folder.rglob("*.html"))}

    @cached_property
    def lines(self) -> Mapping[str, Mapping[str, int]]:
        """How many lines each file of each stage in the Road has."""
        index = self._data("index")
        ends = {stage["commit"]: stage["name"] for stage in index["stages"]}
        tree: dict[str, int] = {}
        counts: dict[str, list[int]] = {}
        found = {}
        for number, commit in enumerate(index["commits"]):
            for file, version in commit["files"].items():
                path = index["paths"][int(file)]
                if version < 0:
                    del tree[path]
                    continue
                if path not in counts:
                    counts[path] = [sum(runs[1::2]) for runs in self._data(f"f{file}")["versions"]]
                tree[path] = counts[path][version]
            if number in ends:
                found[ends[number]] = dict(tree)
        return found | {name: found[meant] for name, meant in index["alias"].items()}

    def _data(self, name: str) -> Any:
        text = (self.folder / "road" / "data" / f"{name}.js").read_text(encoding="utf-8")
        found = DATA.fullmatch(text)
        return json.loads(found[1]) if found else {}


def problems(folder: Path) -> Iterator[Problem]:
    """Everything in the built site that leads nowhere or loads from outside."""
    site = Site(folder)
    for name, page in site.pages.items():
        for line, target in page.links:
            if what := _link(site, name, target):
                yield Problem(Path(name), line, what)
        for line, target in page.loads:
            if what := _load(folder, name, target):
                yield Problem(Path(name), line, what)
    for file in sorted(folder.rglob("*.css")):
        name = file.relative_to(folder).as_posix()
        for target in INSIDE_CSS.findall(file.read_text(encoding="utf-8")):
            if what := _load(folder, name, target):
                yield Problem(Path(name), 1, what)


def _read(file: Path) -> Page:
    page = Page()
    page.feed(file.read_text(encoding="utf-8"))
    return page


def _link(site: Site, page: str, target: str) -> str | None:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return None  # a reader may follow it where there is network
    path = normpath(str(Path(page).parent / unquote(parts.path))) if parts.path else page
    if not (site.folder / path).is_file():
        return f"{target} leads to {path}, which is not in the site"
    if path == addresses.ROAD:
        return _place(site, parts.fragment)
    if path in site.pages and parts.fragment and unquote(parts.fragment) not in site.pages[path].anchors:
        return f"{target}: {path} has no anchor {parts.fragment}"
    return None


def _place(site: Site, fragment: str) -> str | None:
    """What is wrong with a place in the Road."""
    asked = dict(parse_qsl(fragment))
    if not asked:
        return None
    stage, file = asked.get("stage", ""), asked.get("file", "")
    if stage not in site.lines:
        return f"the Road has no stage {stage!r}"
    if file and file not in site.lines[stage]:
        return f"the Road has no file {file} at {stage}"
    last = int(asked.get("line", "0").split("-")[-1])
    if file and last > site.lines[stage][file]:
        return f"{file} at {stage} has {site.lines[stage][file]} lines, so no line {last}"
    return None


def _load(folder: Path, page: str, target: str) -> str | None:
    parts = urlsplit(target)
    if parts.scheme == "data":
        return None
    if parts.scheme or parts.netloc:
        return f"it loads {target} from outside"
    if parts.path and not (folder / normpath(str(Path(page).parent / unquote(parts.path)))).is_file():
        return f"it loads {target}, which is not in the site"
    return None
