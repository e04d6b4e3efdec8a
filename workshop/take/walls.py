"""Import contracts that fit a project and hold today, written from the imports that its code has.

The first contract puts the parts of the project, mostly its apps, into layers. Imports that go up become named
exceptions if they are few; parts that import each other more often share a layer instead, which is narrower and true.
The second contract keeps models away from views and the like. import-linter checks the result before anybody sees it.
"""

import json
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop.base.calls import Done, call, last_words
from workshop.base.counting import counted
from workshop.base.problems import CommandFailed
from workshop.take.filling import Starter, filled
from workshop.take.project import Project

FEW = 5  # exceptions that a person will read, and remove one by one
OUTER = ("admin", "api", "forms", "serializers", "urls", "views", "viewsets", "schema")
ASIDE = ("tests", "test", "conftest", "migrations", "testing")  # parts of a module's name that no contract is about
SECTIONS = ((".importlinter", ""), ("setup.cfg", "[importlinter"), ("pyproject.toml", "[tool.importlinter"))
GRAPH = Path(__file__).with_name("graph.py")
Edge = tuple[str, str]
"""What imports, and what is imported: two modules, or two parts."""


@dataclass(frozen=True)
class Code:
    """The packages of a project, its apps, and for each module the modules of these packages that it imports."""

    packages: Sequence[str]
    apps: Sequence[str]
    imports: Mapping[str, Collection[str]]

    @property
    def edges(self) -> dict[str, Collection[str]]:
        """The imports, without those of tests and migrations, which may import everything."""
        return {module: () if _aside(module) else imported for module, imported in self.imports.items()}

    @property
    def parts(self) -> list[str]:
        """What gets a place: apps, and whatever is next to an app or to the settings."""
        found, waiting = [], [*self.packages]
        while waiting:
            part = waiting.pop()
            inner = [one for one in self.imports if one.rpartition(".")[0] == part and not _aside(one)]
            holds_apps = any(app.startswith(f"{part}.") for app in self.apps)
            if part not in self.apps and inner and (holds_apps or f"{part}.settings" in inner):
                waiting += inner
            else:
                found.append(part)
        return sorted(found)

    def ignored(self, exceptions: Collection[Edge] = ()) -> str:
        """The lines that except imports from a contract. A pattern must fit an import, or import-linter complains."""
        patterns = set()
        for module in (module for module, imported in self.imports.items() if imported):
            if name := _aside(module):
                is_last = module.endswith(f".{name}")
                alone = module if name not in ASIDE else f"**.{name}"
                patterns.add(alone if is_last else f"**.{name}.**")
        lines = [f"{pattern} -> **" for pattern in sorted(patterns)]
        if exceptions:
            lines.append("# Today's violations. When such an import is gone, import-linter asks you to delete its line")
            lines += [f"{importer} -> {imported}" for importer, imported in sorted(exceptions)]
        return "".join(f"{line}\n" for line in ["ignore_imports =", *(f"    {line}" for line in lines)] if lines)


def contracts_of(project: Project) -> Starter:
    """The contracts of a project. Raises CommandFailed if it has some already, or if nothing can be held apart."""
    roots = [app.import_root for app in project.apps]
    root = max(roots, key=lambda one: (roots.count(one), -len(one.parts)))
    for file, section in (
        (place / name, section) for place in (root, project.folder, project.top) for name, section in SECTIONS
    ):
        if file.is_file() and section in file.read_text(encoding="utf-8", errors="replace"):
            raise CommandFailed(f"{file} has contracts already. Add yours there by hand: no file is changed.")
    apps = [app.module for app in project.apps if app.import_root == root]
    near = [
        folder.name for folder in root.iterdir() if (folder / "__init__.py").is_file() and folder.name.isidentifier()
    ]
    packages = sorted({app.partition(".")[0] for app in apps} | {*near} - {*ASIDE} - sys.stdlib_module_names)
    with tempfile.TemporaryDirectory(prefix="walls-") as scratch:
        folder = Path(scratch)  # holds links to these packages, so that no other module of theirs is found by its name
        for package in packages:
            (folder / package).symlink_to(root / package, target_is_directory=True)
        read = _run(folder, *packages)
        if read.returncode:
            why = last_words(read.stderr, 1).replace(scratch, str(root))
            raise CommandFailed(f"import-linter cannot read {', '.join(packages)}. Correct this first:\n{why}")
        code = Code(packages, apps, json.loads(read.stdout))
        both = (_layers_contract(code), _models_contract(code))
        for contracts in (both, both[1:], both[:1]):
            kept = [contract for contract in contracts if contract]
            text = _filled("head", packages=packages) + "".join(contract for contract, _ in kept)
            (folder / ".importlinter").write_text(text, encoding="utf-8")
            if kept and _run(folder, "--check", ".importlinter").returncode == 0:
                then = f"It holds today. To check it: pip install import-linter, then lint-imports in {root}."
                return Starter({root / ".importlinter": text}, f"{'; '.join(said for _, said in kept)}.", (then,))
    raise CommandFailed(f"Nothing in {root} can be held apart today. ./ws signs {root} shows where to begin.")


def _run(folder: Path, *arguments: str) -> Done:
    return call([sys.executable, "-I", GRAPH, folder, *arguments], folder=folder)


def _filled(template: str, **lines: Iterable[str]) -> str:
    """A template with a line of its own for each value."""
    return filled(f"walls/{template}", {name: "\n    ".join(values) for name, values in lines.items()})


def _aside(module: str) -> str | None:
    return next((part for part in module.split(".")[1:] if part in ASIDE or part.startswith("test_")), None)


def _layers_contract(code: Code) -> tuple[str, str] | None:
    """The contract and what it says in a few words; None if all parts import each other."""
    parts = code.parts
    layers, exceptions = _layers(parts, code.edges)
    if len(parts) < 2 or (len(layers) == 1 and " : " in layers[0]):
        return None
    text = _filled("layers", layers=layers)
    kept = f"{counted(len(exceptions), 'exception')} for imports of today" if exceptions else "no exception"
    said = f"{counted(len(parts), 'part')} in {counted(len(layers), 'layer')}, with {kept}"
    return text + code.ignored(exceptions), said


def _models_contract(code: Code) -> tuple[str, str] | None:
    """The contract and what it says in a few words; None if the models reach all that they should not know."""
    models = [f"{app}.models" for app in code.apps if f"{app}.models" in code.imports]
    reached: set[str] = set()
    waiting = [module for module in code.edges if any(f"{module}.".startswith(f"{one}.") for one in models)]
    while waiting:
        new = {*code.edges[waiting.pop()]} - reached
        reached |= new
        waiting += new
    outer = [f"{app}.{name}" for app in code.apps for name in OUTER if f"{app}.{name}" in code.imports]
    free = [module for module in outer if not any(f"{one}.".startswith(f"{module}.") for one in reached)]
    if not models or not free:
        return None
    views = counted(len(free), "module with views, forms and the like", "modules with views, forms and the like")
    said = f"the models of {counted(len(models), 'app')} do not import {views}"
    return _filled("models", models=models, outer=free) + code.ignored(), said


def _layers(parts: Sequence[str], edges: Mapping[str, Collection[str]]) -> tuple[list[str], set[Edge]]:
    """The layers from the top, as import-linter reads them, and the imports that go up nevertheless, which are few."""
    between: dict[Edge, set[Edge]] = {}
    for importer, imported in ((one, other) for one, others in edges.items() for other in others):
        one, other = _part_of(importer, parts), _part_of(imported, parts)
        if one and other and one != other:
            between.setdefault((one, other), set()).add((importer, imported))
    exceptions: set[Edge] = set()
    while pairs := _cheapest_way_out(_circles(parts, between), between, FEW - len(exceptions)):
        exceptions |= {edge for pair in pairs for edge in between.pop(pair)}
    circles = _circles(parts, between)
    groups = [*circles, *([part] for part in parts if not any(part in circle for circle in circles))]
    group_of = {part: number for number, group in enumerate(groups) for part in group}
    above = {pair for one, other in between if (pair := (group_of[one], group_of[other])) and pair[0] != pair[1]}
    depth = [0] * len(groups)
    for _ in groups:
        for high, low in above:
            depth[low] = max(depth[low], depth[high] + 1)
    layers = []
    for level in range(max(depth, default=0) + 1):
        here = [group for group, its in zip(groups, depth, strict=True) if its == level]
        layers += [" : ".join(group) for group in here if len(group) > 1]
        layers += filter(None, [" | ".join(group[0] for group in here if len(group) == 1)])
    return layers, exceptions


def _part_of(module: str, parts: Collection[str]) -> str:
    while module and module not in parts:
        module = module.rpartition(".")[0]
    return module


def _circles(parts: Sequence[str], between: Mapping[Edge, object]) -> list[list[str]]:
    """The groups of parts that reach each other."""
    reach = {part: {other for one, other in between if one == part} for part in parts}
    for middle in parts:
        for part in parts:
            reach[part] |= reach[middle] if middle in reach[part] else set()
    found = {tuple(other for other in parts if other in reach[part] and part in reach[other]) for part in parts}
    return [list(group) for group in sorted(found) if len(group) > 1]


def _cheapest_way_out(circles: Sequence[Sequence[str]], between: Mapping[Edge, set[Edge]], most: int) -> list[Edge]:
    """The pairs to except so that one part leaves its circle, upwards or downwards; none if they take too many imports."""
    ways: list[tuple[int, list[Edge]]] = []
    for circle in circles:
        for part, end in ((part, end) for part in circle for end in (0, 1)):
            pairs = sorted(pair for pair in between if pair[end] == part and pair[1 - end] in circle)
            ways.append((sum(len(between[pair]) for pair in pairs), pairs))
    imports, pairs = min(ways, default=(0, []))
    return pairs if imports <= most else []
