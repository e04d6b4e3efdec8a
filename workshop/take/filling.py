"""Fills the templates of a starter with names and facts of the reader's project, and finds where its test goes."""

import keyword
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from workshop.base.problems import CommandFailed
from workshop.take.project import App, Project

TEMPLATES = Path(__file__).parent / "templates"
IMPORTS = re.compile(r"(?:^from \S+ import [\w, ]+\n)+", re.M)
SHORT_LINE = 79  # characters, which no project's formatter breaks
MOST_OTHERS = 7  # other apps that the answer names


@dataclass(frozen=True)
class Starter:
    """New files for a project, with their texts; why these names; and what the reader does next."""

    files: Mapping[Path, str]
    about: str
    then: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """What the reader asked for: the project, and the app and the name if they were given."""

    project: Project
    app: str | None
    name: str | None

    def choose(self, fits: Callable[[App], object], wanted: str = "code") -> tuple[App, str]:
        """The app that was named, or the largest that fits, and a sentence that says so. Raises CommandFailed."""
        fitting = sorted(filter(fits, self.project.apps), key=lambda app: (-app.lines, app.module))
        if not fitting:
            raise CommandFailed(f"No app in {self.project.folder} has a {wanted}, and this starter is made from one.")
        if self.app is None:
            others = ", ".join(app.label for app in fitting[1:][:MOST_OTHERS])
            more = f" --app names another, such as {others}." if others else ""
            return fitting[0], f"In the app {fitting[0].module}, the largest that fits.{more}"
        app = self.project.app(self.app)
        if app not in fitting:
            listed = ", ".join(one.label for one in fitting)
            raise CommandFailed(f"The app {app.label} has no {wanted}. --app names one of these: {listed}.")
        return app, f"In the app {app.module}."

    def class_name(self, default: str) -> str:
        """The name that was given, or the default. Raises CommandFailed if it cannot be a class."""
        if self.name is None:
            return default
        if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", self.name) or keyword.iskeyword(self.name):
            way_out = f"Write it like {default}: a capital first, then letters and digits."
            raise CommandFailed(f"--name {self.name!r} cannot name a class. {way_out}")
        return self.name


def starter(
    asked: Asked, app: App, about: str, name: str, files: Mapping[str, str], test: str, more: Mapping[str, str]
) -> Starter:
    """The files, each from its template, and the test: `test` is the folder of its template and the name that it gets."""
    its_noun = more.get("noun", noun(name))
    facts = {"Name": name, "name": snake(name), "NAME": snake(name).upper(), "app": app.label, "module": app.module}
    facts |= {"noun": its_noun, "nouns": plural(its_noun), "nouns_snake": plural(its_noun).replace(" ", "_")}
    facts |= {"a_noun": f"{'an' if its_noun[0] in 'aeiou' else 'a'} {its_noun}", **more}
    runner = "pytest" if asked.project.uses_pytest else "unittest"
    template, _, tested = test.partition("/")
    folder, is_new = _test_folder(asked.project, app)
    file = folder / f"test_{tested}.py"
    texts = {app.folder / path: filled(source, facts) for path, source in files.items()}
    texts |= {folder / "__init__.py": ""} if is_new else {}
    texts[file] = filled(f"{template}/{runner}.py", facts)
    dotted = ".".join(file.relative_to(app.import_root).with_suffix("").parts)
    run = f"manage.py test {dotted}" if runner == "unittest" else f"pytest {file.relative_to(asked.project.top)}"
    there = asked.project.folder if runner == "unittest" else asked.project.top
    return Starter(texts, f"{about} --name gives another name than {name}.", (f"Run its tests in {there}: {run}",))


def _test_folder(project: Project, app: App) -> tuple[Path, bool]:
    """The folder where the app's tests are, and whether it is a new package. Without tests, it is a new tests/."""
    own = app.folder / "tests"
    outer = project.tests_only_in
    if project.uses_pytest and outer and not any(own.is_relative_to(one) for one in outer):
        return next((one / app.label for one in outer if (one / app.label).is_dir()), outer[0]), False
    if (own / "__init__.py").exists() or (own.is_dir() and project.uses_pytest):
        return own, False
    if own.is_dir() or (app.folder / "tests.py").exists():
        return app.folder, False
    shared = project.folder / "tests"
    if project.uses_pytest and shared.is_dir():
        return (shared / app.label if (shared / app.label).is_dir() else shared), False
    return own, True


def filled(template: str, facts: Mapping[str, str]) -> str:
    """A template with the facts in it, its imports in order; an empty text for no template."""
    text = (TEMPLATES / f"{template}.txt").read_text(encoding="utf-8") if template else ""
    return IMPORTS.sub(_in_order, Template(text).substitute(facts))


def _in_order(block: re.Match[str]) -> str:
    """Lines of imports sorted as linters want them. Names that do not fit into a short line have a line each."""
    names: dict[str, set[str]] = {}
    for line in block[0].splitlines():
        _, module, _, *listed = line.replace(",", "").split()
        names.setdefault(module, set()).update(listed)
    lines = []
    for module in sorted(names):
        listed = sorted(names[module], key=lambda name: (not name.isupper(), name[0].islower(), name.lower()))
        line = f"from {module} import {', '.join(listed)}\n"
        lines.append(line if len(line) <= SHORT_LINE else f"from {module} import (\n{listing(*listed)}\n)\n")
    return "".join(lines)


def refuse_a_taken_class(app: App, name: str) -> None:
    """Raises CommandFailed if a module of the app has a class of that name at its top."""
    files = [app.folder / "models.py", *app.folder.glob("*.py"), *app.folder.glob("models/*.py")]
    if any(re.search(rf"^class {name}\b", file.read_text(errors="replace"), re.M) for file in files if file.is_file()):
        raise CommandFailed(f"{app.module} has a class {name} already. --name gives the starter another name.")


def listing(*texts: str) -> str:
    """Each text on a line of its own, in an indented list."""
    return "\n".join(f"    {text}," for text in texts)


def snake(name: str) -> str:
    """A class's name as a module's: blog_post for BlogPost."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def noun(name: str) -> str:
    """A class's name in a sentence: blog post for BlogPost."""
    return snake(name).replace("_", " ")


def plural(noun: str) -> str:
    """The plural of a regular noun."""
    ending = "es" if noun.endswith(("s", "x", "ch", "sh")) else "s"
    return re.sub(r"(?<![aeiou])y$", "ie", noun) + ending
