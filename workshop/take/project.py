"""The reader's Django project: where it is, its apps, its models, and how it runs its tests. Nothing of it is run."""

import os
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base.problems import CommandFailed
from workshop.take.models import Model, models_in

SKIPPED = ("node_modules", "site-packages", "__pycache__", "build", "dist", "venv", "env")
TESTS = {"test", "tests", "testing"}
DEEPEST = 4  # folders below the path that was given
PACKAGES = ("requirements*.txt", "requirements*/*.txt", "requirements*.in", "pyproject.toml", "Pipfile", "setup.cfg")
PYTEST_SETTINGS = ("pytest.ini", ".pytest.ini", "pyproject.toml", "pytest.toml", "tox.ini", "setup.cfg")


@dataclass(frozen=True)
class App:
    """A Django app: its folder, its dotted name as INSTALLED_APPS has it, its models, and how long its code is."""

    folder: Path
    module: str
    models: Sequence[Model]
    lines: int

    @property
    def label(self) -> str:
        """The last part of its name."""
        return self.module.rpartition(".")[2]

    @property
    def import_root(self) -> Path:
        """The folder from which the app's dotted name is imported."""
        return self.folder.parents[self.module.count(".")]


@dataclass(frozen=True)
class Project:
    """A Django project: the folder of manage.py, the top of its repository, and the folders that `testpaths` names."""

    folder: Path
    top: Path
    apps: Sequence[App]
    uses_pytest: bool
    tests_only_in: Sequence[Path]

    def app(self, name: str) -> App:
        """The app of a label or dotted name. Raises CommandFailed."""
        found = [app for app in self.apps if name in (app.label, app.module)]
        if len(found) == 1:
            return found[0]
        listed = ", ".join(app.module if found else app.label for app in found or self.apps)
        raise CommandFailed(
            f"There is {'more than one' if found else 'no'} app {name!r} in {self.folder}. Name one of these: {listed}."
        )


def read(path: Path) -> Project:
    """The project at a path, or the only one below it. Raises CommandFailed, which says what to name instead."""
    folder = _folder_of_manage_py(path)
    top = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)
    apps = sorted(_apps(folder), key=lambda app: app.module)
    if not apps:
        raise CommandFailed(
            f"No app was found in {folder}: no package there has apps.py, models.py or migrations/."
            " Begin one with manage.py startapp NAME, then run this again."
        )
    return Project(folder, top, apps, _uses_pytest(folder, top), [*_testpaths(folder, top)])


def _folder_of_manage_py(path: Path) -> Path:
    try:
        folder = path.resolve(strict=True)
        os.scandir(folder).close()
    except (OSError, RuntimeError) as error:
        way_out = "Name the folder of your project, with manage.py in it."
        raise CommandFailed(f"{path} is no folder that can be read. {way_out}") from error
    around = (folder, *folder.parents)
    if any(map(_is_a_workshop, around)):
        raise CommandFailed(
            f"{path} is in the workshop itself. Name the folder of your own Django project,"
            " or copy this one to a folder outside the workshop first."
        )
    if _has_manage_py(folder):
        return folder
    below = [here for here in _folders(folder, DEEPEST) if _has_manage_py(here)]
    if len(below) == 1:
        return below[0]
    if below:
        listed = "\n".join(f"  {one}" for one in below)
        raise CommandFailed(f"There are {len(below)} Django projects below {path}. Name one of them:\n{listed}")
    above = next(filter(_has_manage_py, around), None)
    way_out = f"It is part of the project in {above}. Name that folder." if above else "Name the folder with manage.py."
    raise CommandFailed(f"There is no Django project in {path}, {DEEPEST} folders deep. {way_out}")


def _is_a_workshop(folder: Path) -> bool:
    return folder == ROOT or (folder / "workshop" / "find-python").exists()


def _has_manage_py(folder: Path) -> bool:
    file = folder / "manage.py"
    return file.is_file() and os.access(file, os.R_OK) and b"django" in file.read_bytes()


def _folders(folder: Path, deepest: int) -> Iterator[Path]:
    """The folders below one that can hold code of the project: no links, no environments, no workshop."""
    for path, names, _ in os.walk(folder):
        here = Path(path)
        is_deepest = len(here.relative_to(folder).parts) == deepest
        kept = [] if is_deepest else [name for name in names if not name.startswith(".") and name not in SKIPPED]
        kept = [name for name in kept if not (here / name / "pyvenv.cfg").exists() and not _is_a_workshop(here / name)]
        names[:] = sorted(kept)
        if here != folder:
            yield here


def _apps(folder: Path) -> Iterator[App]:
    for here in _folders(folder, 2 * DEEPEST):
        has = {
            name for name in ("__init__.py", "apps.py", "models.py", "models", "migrations") if (here / name).exists()
        }
        is_package = bool(has & {"__init__.py", "apps.py"}) and here.name.isidentifier()
        if is_package and has - {"__init__.py"} and not TESTS & {*here.relative_to(folder).parts}:
            module = _module_of(folder, here)
            own = [
                file for file in here.rglob("*.py") if file.is_file() and not TESTS & {*file.relative_to(here).parts}
            ]
            lines = sum(file.read_bytes().count(b"\n") for file in own if "migrations" not in file.parts)
            yield App(here, module, [*_models(here, module)], lines)


def _models(here: Path, module: str) -> Iterator[Model]:
    for file in (here / "models.py", *sorted((here / "models").rglob("*.py"))):
        parts = file.relative_to(here).with_suffix("").parts
        try:
            yield from models_in(text_of(file), ".".join([module, *(part for part in parts if part != "__init__")]))
        except (SyntaxError, CommandFailed):
            continue  # not there, a file of templates, or of another Python: no starter needs it


def _module_of(folder: Path, here: Path) -> str:
    """The name that its AppConfig states, if it fits the folder; otherwise that of the packages around it."""
    parts = here.relative_to(folder).parts
    if (here / "apps.py").is_file():
        for stated in re.findall(
            r"""^\s+name\s*(?::\s*\w+\s*)?=\s*["']([\w.]+)["']""", text_of(here / "apps.py"), re.M
        ):
            if tuple(stated.split(".")) == parts[-stated.count(".") - 1 :]:
                return str(stated)
    outside = [at for at in range(1, len(parts)) if not (here.parents[at - 1] / "__init__.py").is_file()]
    return ".".join(parts[-min(outside, default=len(parts)) :])


def text_of(file: Path) -> str:
    """A source file's text in its own encoding. Raises CommandFailed."""
    try:
        with tokenize.open(file) as opened:
            return opened.read()
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{file} cannot be read: {error}.") from error


def _uses_pytest(folder: Path, top: Path) -> bool:
    """Whether the settings of pytest name Django's, or a list of packages names pytest-django."""
    configured = any("DJANGO_SETTINGS_MODULE" in text for _, text in _texts(folder, top, PYTEST_SETTINGS))
    return configured or any(re.search("pytest[-_]django", text, re.I) for _, text in _texts(folder, top, PACKAGES))


def _testpaths(folder: Path, top: Path) -> Iterator[Path]:
    for place, text in _texts(folder, top, PYTEST_SETTINGS):
        for paths in re.findall(r"^testpaths\s*=\s*(\[[^\]]*\]|.*(?:\n[ \t]+.+)*)", text, re.M):
            named = (place / name for name in re.findall(r"[\w./-]+", paths))
            yield from filter(Path.is_dir, named)


def _texts(folder: Path, top: Path, patterns: Sequence[str]) -> Iterator[tuple[Path, str]]:
    """The settings of tools, which can be in any folder from manage.py up to the top of the repository."""
    for place in (one for one in (folder, *folder.parents) if one.is_relative_to(top)):
        for file in (file for pattern in patterns for file in sorted(place.glob(pattern)) if file.is_file()):
            yield place, file.read_text(encoding="utf-8", errors="replace")


def place_of_installed_apps(project: Project) -> str:
    """Where the settings list the apps, as ` in config/settings.py:33`; nothing if that was not found."""
    named = re.search(r"""DJANGO_SETTINGS_MODULE["'],\s*["']([\w.]+)["']""", text_of(project.folder / "manage.py"))
    parts = named[1].split(".") if named else []
    for root in dict.fromkeys((project.folder, *(app.import_root for app in project.apps))) if parts else ():
        file = root.joinpath(*parts).with_suffix(".py")
        package = file.parent if len(parts) > 2 else root.joinpath(*parts)
        for one in (file, *sorted(package.glob("*.py"))):
            lines = text_of(one).splitlines() if one.is_file() else []
            if found := next(
                (at for at, line in enumerate(lines, 1) if re.match(r"INSTALLED_APPS\s*(:.*)?=", line)), 0
            ):
                return f" in {one.relative_to(root)}:{found}"
    return ""
