"""From step to step the walls only tighten: an import that .importlinter forbids at one stage, it forbids at the next.

The check compares forbidden imports, not the names of contracts: a contract may replace another, or be part of a wider
one. It covers all pairs of forbidding contracts, the allowed importers of protected modules, and the modules that inner
layers must not import. The outer layers may be rearranged, because their code moves. A rule about a removed module no
longer counts, and a new exception is allowed only for a new rule or a new module.
"""

import configparser
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

CONTRACT = "importlinter:contract:"
WALLS = "walls"

Exists = Callable[[str], bool]
Section = Mapping[str, str]


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

    def is_gone(module: str) -> bool:
        return module.split(".")[0] in ours and "." in module and not is_module(module)

    def is_written_now(module: str) -> bool:
        place = module.removesuffix(".**").replace(".", "/")
        return place.split("/")[0] in ours and not was_file(place) and not was_file(f"{place}.py")

    inner = [place.removesuffix(".py").replace("/", ".") for place in before.places.get("inner", [])]
    held = [
        *before.edges,
        *(edge for edge in before.layered if any(_covers(module, edge.importer) for module in inner)),
    ]
    held = [edge for edge in dict.fromkeys(held) if not is_gone(edge.importer) and not is_gone(edge.imported)]
    for edge in held:
        if not after.forbids(edge):
            yield f"{edge} is no longer forbidden"
    for importer, imported in after.exceptions:
        is_new = not any(_ends(exception) == _ends((importer, imported)) for exception in before.exceptions)
        if is_new and not is_written_now(imported) and any(_touches(edge, importer, imported) for edge in held):
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
    parser = configparser.ConfigParser()
    parser.read_string(text)
    found = Walls()
    for name in parser.sections():
        section = parser[name]
        if name == WALLS:
            found.places = {key: _list(section, key) for key in section}
        elif name.startswith(CONTRACT):
            _add(found, section)
    return found


def _add(found: Walls, section: Section) -> None:
    kind = section.get("type", "")
    if kind == "forbidden":
        directly = section.get("allow_indirect_imports", "").strip().lower() == "true"
        found.edges += [
            Edge(importer, imported, directly)
            for importer in _list(section, "source_modules")
            for imported in _list(section, "forbidden_modules")
        ]
    elif kind == "layers":
        for container in _list(section, "containers"):
            found.layered += _layered(container, _list(section, "layers"))
            if section.get("exhaustive", "").strip().lower() == "true":
                found.exhaustive.add(container)
    elif kind == "protected":
        for module in _list(section, "protected_modules"):
            found.protected[module] = set(_list(section, "allowed_importers"))
    for exception in _list(section, "ignore_imports"):
        importer, _, imported = exception.partition("->")
        found.exceptions.append((importer.strip(), imported.strip()))


def _layered(container: str, layers: Sequence[str]) -> Iterator[Edge]:
    """A layer may not import the layers above it, nor those next to it that `|` separates."""
    named = [[name.strip(" ()") for name in layer.replace("|", ":").split(":")] for layer in layers]
    for place, layer in enumerate(named):
        siblings = layer if "|" in layers[place] else []
        above = [name for higher in named[:place] for name in higher]
        for importer in layer:
            for imported in [*above, *(name for name in siblings if name != importer)]:
                yield Edge(f"{container}.{importer}", f"{container}.{imported}")


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


def _list(section: Section, key: str) -> list[str]:
    return [line.strip() for line in section.get(key, "").splitlines() if line.strip()]
