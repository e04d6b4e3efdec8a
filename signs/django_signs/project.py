"""The whole project: its files, apps and models, and the meaning of a name in a file."""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from .facts import Class, File, Function
from .kinds import kind_of
from .options import Options
from .parsing import Unreadable
from .reading import read, read_test
from .sources import Sources, Unread

MODEL_BASES = {
    "Model", "AbstractUser", "AbstractBaseUser", "MPTTModel", "Page", "TimeStampedModel", "TimeStampedUUIDModel",
    "PolymorphicModel", "SoftDeletableModel", "MP_Node", "TreeNode",
}  # fmt: skip
NO_MODEL = ("forms.", "serializers.", "django_filters.", "filters.", "graphene.", "tables.", "form_fields.", "wtforms.")
DEEPEST = 8
PYTHON = f"Python {sys.version_info[0]}.{sys.version_info[1]}"


@dataclass(frozen=True, slots=True)
class Place:
    """A function in its file."""

    file: File
    function: Function

    @property
    def name(self) -> str:
        """The file's module and the function's qualified name."""
        return f"{self.file.module}.{self.function.qualified}".rstrip(".")


@dataclass(slots=True)
class Resolved:
    """The meaning of a dotted name: a class, a function, a module of the project, or a name outside it."""

    file: File | None = None
    cls: Class | None = None
    function: Function | None = None
    outside: str = ""
    rest: str = ""


@dataclass(slots=True)
class Project:
    """All files that were read, by module and by kind."""

    name: str
    options: Options
    files: list[File] = field(default_factory=list)
    unread: Unread = field(default_factory=Unread)
    modules: dict[str, list[File]] = field(default_factory=lambda: defaultdict(list))
    tests: list[File] = field(default_factory=list)
    apps: list[str] = field(default_factory=list)
    migrations: int = 0
    atomic_requests: bool = False
    models: dict[str, Class] = field(default_factory=dict)
    """By module and qualified name."""
    model_names: dict[str, list[Class]] = field(default_factory=lambda: defaultdict(list))
    related: dict[str, list[Class]] = field(default_factory=lambda: defaultdict(list))
    query_methods: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    _files_of_classes: dict[int, File] = field(default_factory=dict)
    _packages: set[str] = field(default_factory=set)
    _memory: dict[tuple[str, str], Resolved] = field(default_factory=dict)

    def code(self, *kinds: str) -> Iterator[File]:
        """The files of these kinds; of `code` without any."""
        wanted = kinds or ("code",)
        return (file for file in self.files if file.kind in wanted)

    def places(self, *kinds: str) -> Iterator[Place]:
        """The functions of these files, in order."""
        return (Place(file, function) for file in self.code(*kinds) for function in file.functions)

    def file_of(self, found: Class) -> File:
        """The place of a class."""
        return self._files_of_classes[id(found)]

    @property
    def lines(self) -> int:
        """Lines of application code, without blank ones."""
        return sum(file.lines for file in self.code())

    def resolve(self, file: File, dotted: str) -> Resolved:
        """The meaning of a name as written in a file."""
        key = (file.path, dotted)
        if key not in self._memory:
            self._memory[key] = self._resolve(file, dotted, 0)
        return self._memory[key]

    def _resolve(self, file: File, dotted: str, depth: int) -> Resolved:
        head, _, rest = dotted.partition(".")
        if depth > DEEPEST:
            return Resolved(outside=dotted)
        if head in file.classes:
            return self._inside_class(file, file.classes[head], rest)
        if head in file.top:
            return Resolved(file=file, function=file.top[head], rest=rest)
        if head in file.names:
            return self._absolute(file, ".".join(filter(None, (file.names[head], rest))), depth + 1)
        if head in file.looked_up:
            owners = self.model_names.get(file.looked_up[head], [])
            if len(owners) == 1:
                return self._inside_class(self.file_of(owners[0]), owners[0], rest)
        for star in file.stars:
            found = self._absolute(file, f"{star}.{dotted}", depth + 1)
            if found.cls or found.function:
                return found
        return Resolved(outside=dotted)

    def _absolute(self, near: File, dotted: str, depth: int) -> Resolved:
        parts = dotted.split(".")
        for length in range(len(parts), 0, -1):
            file = self.module(".".join(parts[:length]), near)
            if file is None:
                continue
            rest = ".".join(parts[length:])
            if not rest:
                return Resolved(file=file)
            if file is near and depth > 1:
                return Resolved(outside=dotted)
            found = self._resolve(file, rest, depth + 1)
            if found.cls or found.function or found.file:
                return found
            return Resolved(file=file, rest=rest, outside="" if "." not in found.outside else found.outside)
        return Resolved(outside=dotted)

    def _inside_class(self, file: File, found: Class, rest: str) -> Resolved:
        while rest:
            head, _, tail = rest.partition(".")
            inner = file.classes.get(f"{found.qualified}.{head}")
            if inner is None:
                break
            found, rest = inner, tail
        method = found.methods.get(rest) if rest else None
        return Resolved(file=file, cls=found, function=method, rest=rest)

    def class_named(self, file: File, text: str) -> Class | None:
        """A class by its name in a file, or by its model name if only one model has it."""
        found = self.resolve(file, text).cls
        owners = self.model_names.get(text.rpartition(".")[2], [])
        return found or (owners[0] if len(owners) == 1 else None)

    def module_of(self, target: str, near: File) -> File | None:
        """The file that an import of a dotted target reads, if it is one of the project's."""
        parts = target.split(".")
        found = (self.module(".".join(parts[:length]), near) for length in range(len(parts), 0, -1))
        return next((file for file in found if file is not None), None)

    def module(self, dotted: str, near: File | None = None) -> File | None:
        """The file of an absolute module name; the nearest one if several roots have it."""
        found = self.modules.get(dotted)
        if not found:
            return None
        if len(found) == 1 or near is None:
            return found[0]
        return max(found, key=lambda file: _shared(file.path, near.path))

    def bases(self, found: Class, depth: int = 0) -> Iterator[Class]:
        """The classes of the project that a class inherits from, nearest first."""
        if depth > DEEPEST:
            return
        for text in found.bases:
            base = self.resolve(self.file_of(found), text).cls
            if base is not None and base is not found:
                yield base
                yield from self.bases(base, depth + 1)

    def base_names(self, found: Class) -> set[str]:
        """The last names of all bases, of those outside the project too."""
        names = {text.removesuffix("[]").rpartition(".")[2] for text in found.bases}
        for base in self.bases(found):
            names |= {text.removesuffix("[]").rpartition(".")[2] for text in base.bases}
        return names

    def method(self, found: Class, name: str) -> Place | None:
        """A method of a class or of one of its bases."""
        for base in (found, *self.bases(found)):
            if name in base.methods:
                return Place(self.file_of(base), base.methods[name])
        return None

    def model_key(self, found: Class) -> str:
        """A model's name in findings: its app and its class."""
        file = self.file_of(found)
        return f"{file.app}.{found.qualified}" if file.app else found.qualified


def load(name: str, sources: Sources, options: Options) -> Project:
    """Reads a project."""
    project = Project(name, options)
    paths = sources.paths()
    folders = {path.rpartition("/")[0] for path in paths if path.endswith("/__init__.py")}
    kinds = {path: kind_of(path) for path in paths if not options.leaves_out(path)}
    app_folders = _app_folders(paths)
    project.migrations = sum(kind == "migration" for kind in kinds.values())
    wanted = [path for path, kind in kinds.items() if kind not in ("migration", "aside")]
    for source in sources.read(wanted, project.unread):
        kind = kinds[source.path]
        module, is_package = _module_name(source.path)
        file = File(source.path, module, kind, app=_app_of(source.path, app_folders, folders))
        try:
            if kind == "test":
                read_test(file, source.text)
                project.tests.append(file)
                continue
            if kind == "settings" and not project.atomic_requests:
                project.atomic_requests = _sets_atomic_requests(source.text)
            read(file, source.text, is_package=is_package, on_commit=options.on_commit, atomic=options.atomic)
        except Unreadable as error:
            project.unread.reasons[source.path] = f"does not parse with {PYTHON} ({error})"
            continue
        project.files.append(file)
        for known_as in _known_as(source.path, module, folders):
            project.modules[known_as].append(file)
    project.apps = sorted({file.app for file in project.code() if file.app})
    _collect_classes(project)
    return project


def _collect_classes(project: Project) -> None:
    for file in project.files:
        for found in file.classes.values():
            project._files_of_classes[id(found)] = file
    for file in project.code():
        for found in file.classes.values():
            if _is_model(project, found):
                project.models[f"{file.module}.{found.qualified}"] = found
                project.model_names[found.name].append(found)
                for field in found.fields.values():
                    if field.related_name:
                        project.related[field.related_name].append(found)
            elif any(name.endswith(("QuerySet", "Manager")) for name in (found.name, *project.base_names(found))):
                for name, method in found.methods.items():
                    project.query_methods[name].append(Place(file, method))


def _is_model(project: Project, found: Class) -> bool:
    if any(field.kind.startswith(NO_MODEL) for field in found.fields.values()):
        return False
    names = project.base_names(found)
    if any(name.endswith(("Serializer", "Form", "FilterSet", "ObjectType", "Mutation", "Table")) for name in names):
        return False
    if names & MODEL_BASES or any(text.endswith("models.Model") for text in found.bases):
        return True
    own = [found, *project.bases(found)]
    if any(field.kind.startswith("models.") for each in own for field in each.fields.values()):
        return bool(found.bases)
    return any(name.endswith("Model") and not name.endswith(("AdminModel", "BaseModel")) for name in names) and any(
        each.fields for each in own
    )


def _module_name(path: str) -> tuple[str, bool]:
    parts = path.removesuffix(".py").split("/")
    if parts[-1] == "__init__":
        return ".".join(parts[:-1]), True
    return ".".join(parts), False


def _known_as(path: str, module: str, packages: set[str]) -> list[str]:
    """The names that an import may use: from the folder looked at, and from each folder that is no package itself."""
    names = [module]
    folders = path.split("/")
    for start in range(1, module.count(".") + 1):
        if "/".join(folders[:start]) not in packages:
            names.append(".".join(module.split(".")[start:]))
    return names


def _app_folders(paths: list[str]) -> set[str]:
    """Folders with files that only an app has."""
    found = set()
    for path in paths:
        folder, _, name = path.rpartition("/")
        above, _, last = folder.rpartition("/")
        if name in ("models.py", "apps.py", "admin.py"):
            found.add(folder)
        elif name == "__init__.py" and last in ("models", "migrations"):
            found.add(above)
    inner = {"models", "migrations", "admin", "management", ""}
    return {folder for folder in found if folder.rpartition("/")[2] not in inner}


def _app_of(path: str, folders: set[str], packages: set[str]) -> str:
    """The nearest folder that looks like an app; without one, the first package inside the outermost."""
    parts = path.split("/")[:-1]
    for length in range(len(parts), 0, -1):
        if "/".join(parts[:length]) in folders:
            return parts[length - 1]
    start = next((number for number in range(len(parts)) if "/".join(parts[: number + 1]) in packages), len(parts) - 1)
    inner = parts[max(start, 0) : max(start, 0) + 2]
    return inner[-1] if inner else ""


def _sets_atomic_requests(text: str) -> bool:
    return re.search(r"""ATOMIC_REQUESTS["']?\]?\s*[:=][^#\n]*\bTrue""", text) is not None


def _shared(one: str, other: str) -> int:
    return sum(1 for left, right in zip(one.split("/"), other.split("/"), strict=False) if left == right)
