"""From step to step the walls only tighten: an import that .importlinter forbids at one stage, it forbids at the next.

The check compares forbidden imports, not the names of contracts: a contract may replace another, or be part of a wider
one. It covers all pairs of forbidding contracts, the allowed importers of protected modules, and the modules that inner
layers must not import. The outer layers may be rearranged, because their code moves. A rule about a removed module no
longer counts, and a new exception is allowed only for a new rule or a new module.
"""

import configparser
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

CONTRACT = "importlinter:contract:"
WALLS = "walls"

Exists = Callable[[str], bool]


@dataclass(frozen=True)
class Edge:
    """A forbidden import, which includes all modules below either end; `directly` if an indirect import is allowed."""

    importer: str
    imported: str
    directly: bool = False

    def __str__(self) -> str:
        return f"{self.importer} -> {self.imported}"

    def holds(self, other: "Edge") -> bool:
        """Whether this rule forbids the other import, too."""
        is_as_strict = other.directly or not self.directly
        return is_as_strict and _covers(self.importer, other.importer) and _covers(self.imported, other.imported)


@dataclass
class Walls:
    """The compared parts of a file."""

    edges: list[Edge] = field(default_factory=list)
    layered: list[Edge] = field(default_factory=list)
    exceptions: list[tuple[str, str]] = field(default_factory=list)
    protected: dict[str, set[str]] = field(default_factory=dict)
    exhaustive: set[str] = field(default_factory=set)
    places: dict[str, list[str]] = field(default_factory=dict)

    def forbids(self, edge: Edge) -> bool:
        return any(rule.holds(edge) for rule in [*self.edges, *self.layered])


def loosened(old: str, new: str, is_module: Exists, was_file: Exists, is_file: Exists) -> Iterator[str]:
    """A line for each import that only the new file allows.

    `is_module` and `is_file` ask for modules and files of the new stage, `was_file` for files of the old one.
    """
    before, after = read(old), read(new)
    ours = {edge.importer.split(".")[0] for edge in [*before.edges, *before.layered]}

    def is_gone(*modules: str) -> bool:
        return any(name.split(".")[0] in ours and "." in name and not is_module(name) for name in modules)

    def is_written_now(module: str) -> bool:
        place = module.removesuffix(".**").replace(".", "/")
        return place.split("/")[0] in ours and not was_file(place) and not was_file(f"{place}.py")

    inner = [place.removesuffix(".py").replace("/", ".") for place in before.places.get("inner", [])]
    inward = [edge for edge in before.layered if any(_covers(module, edge.importer) for module in inner)]
    held = [edge for edge in dict.fromkeys([*before.edges, *inward]) if not is_gone(edge.importer, edge.imported)]
    yield from (f"{edge} is no longer forbidden" for edge in held if not after.forbids(edge))
    known = {_ends(exception) for exception in before.exceptions}
    for importer, imported in after.exceptions:
        is_new = _ends((importer, imported)) not in known and not is_written_now(imported)
        if is_new and any(_touches(edge, importer, imported) for edge in held):
            yield f"a new exception: {importer} -> {imported}"
    for module, importers in before.protected.items():
        if module not in after.protected and not is_gone(module):
            yield f"{module} is no longer protected"
        for importer in sorted(after.protected.get(module, set()) - importers):
            yield f"{importer} may import {module} now"
    for container in sorted(before.exhaustive - after.exhaustive):
        yield f"the layers of {container} are no longer exhaustive"
    yield from _of_files(before.places, after.places, was_file, is_file)


def read(text: str) -> Walls:
    """The imports that a file forbids."""
    parser, found = configparser.ConfigParser(), Walls()
    parser.read_string(text)
    for name in parser.sections():
        section = {
            key: [line.strip() for line in parser[name][key].splitlines() if line.strip()] for key in parser[name]
        }
        if name == WALLS:
            found.places = section
        elif name.startswith(CONTRACT):
            _add(found, defaultdict(list, section))
    return found


def _add(found: Walls, contract: Mapping[str, list[str]]) -> None:
    match contract["type"]:
        case ["forbidden"]:
            directly = contract["allow_indirect_imports"] in (["True"], ["true"])
            found.edges += [
                Edge(importer, imported, directly)
                for importer in contract["source_modules"]
                for imported in contract["forbidden_modules"]
            ]
        case ["layers"]:
            for container in contract["containers"]:
                found.layered += _layered(container, contract["layers"])
            if contract["exhaustive"] in (["True"], ["true"]):
                found.exhaustive.update(contract["containers"])
        case ["protected"]:
            for module in contract["protected_modules"]:
                found.protected[module] = set(contract["allowed_importers"])
    for exception in contract["ignore_imports"]:
        importer, _, imported = exception.partition("->")
        found.exceptions.append((importer.strip(), imported.strip()))


def _layered(container: str, layers: Sequence[str]) -> Iterator[Edge]:
    """A layer may not import the layers above it, nor those next to it that `|` separates."""
    above: list[str] = []
    for layer in layers:
        names = [name.strip(" ()") for name in re.split("[|:]", layer)]
        for importer in names:
            siblings = [name for name in names if name != importer] if "|" in layer else []
            for imported in [*above, *siblings]:
                yield Edge(f"{container}.{importer}", f"{container}.{imported}")
        above += names


def _of_files(
    old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]], was: Exists, now: Exists
) -> Iterator[str]:
    was_inner, inner = old.get("inner", []), new.get("inner", [])
    for place in was_inner:
        if now(place) and not any(_is_below(place, folder) for folder in inner):
            yield f"{place} is no longer inner"
    if set(inner) <= set(was_inner):
        for package in new.get("packages", []):
            if package not in old.get("packages", []):
                yield f"{package} may be imported inside now"
    # Modules that already used the tables may still read them.
    allowed = {"by_name": ["by_name"], "tables": ["tables"], "readers": ["readers", "tables"]}
    for key, former in allowed.items():
        known = [place for name in former for place in old.get(name, [])]
        for place in new.get(key, []):
            if was(place) and not any(_is_below(place, folder) for folder in known):
                yield f"{place} is one of {key} now"


def _touches(edge: Edge, importer: str, imported: str) -> bool:
    """Whether an exception allows an import that the edge forbids."""
    ends = (importer.removesuffix(".**"), imported.removesuffix(".**"))
    return (_covers(edge.importer, ends[0]) or _covers(ends[0], edge.importer)) and _covers(edge.imported, ends[1])


def _ends(exception: tuple[str, str]) -> tuple[str, ...]:
    """An exception without folders: this part stays the same when its modules move."""
    return tuple(module.removesuffix(".**").rsplit(".", 1)[-1] for module in exception)


def _covers(wide: str, module: str) -> bool:
    return module == wide or module.startswith(f"{wide}.")


def _is_below(place: str, folder: str) -> bool:
    return place == folder or place.startswith(f"{folder}/")
