"""The definition of an exercise, read from exercise.toml. All other modules about exercises ask this one.

A folder `exercises/NN-slug/` holds README.md, exercise.toml, start/, checks/ and wrong/<name>/; the folder of the
same name in `solutions/` holds the solution, and alternatives/<name>/ other good solutions. Solutions and wrong
solutions hold only the files that differ from start/.
"""

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from workshop import ROOT
from workshop.base.names import STEPS
from workshop.base.problems import CommandFailed
from workshop.exercises.toml_table import Table, read_table

HINT_LEVELS = ("means", "look", "idea", "skeleton", "hunk")
LEVELS_OF_ALL = HINT_LEVELS[:3]  # a check that is green at the start asks for nothing new, so it has no skeleton
FOLDER_NAME = re.compile(r"(\d\d)-([a-z0-9]+(?:-[a-z0-9]+)*)")
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
READING = re.compile(r"([\w./-]+):(\d+)-(\d+)")
PLACEHOLDERS = {"file", "line", "found"}


class Light(Enum):
    """The two lights: what the code does, and how it is built. Behaviour is shown first."""

    BEHAVIOUR = "behaviour"
    ARCHITECTURE = "architecture"


class Need(Enum):
    """The priority of an exercise for a group with little time."""

    MUST = "must"
    NICE = "nice"
    BONUS = "bonus"


@dataclass(frozen=True)
class Reading:
    """Lines of start/ to read, counted from 1, the last included."""

    file: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.file}:{self.first}-{self.last}"


@dataclass(frozen=True)
class Check:
    """One condition that must hold, with the message to show if it does not hold.

    `message` may hold {file}, {line} and {found}; a probe fills them in.
    """

    id: str
    light: Light
    red_at_start: bool
    message: str
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Wrong:
    """A wrong solution that people really write: why it feels right, and the checks that must be red on it."""

    name: str
    feels: str
    refused_by: str
    also_red: frozenset[str]

    @property
    def red(self) -> frozenset[str]:
        return self.also_red | {self.refused_by}


@dataclass(frozen=True)
class Exercise:
    """One exercise. `dealt_after` is set for a request that comes unannounced after the exercise of that number.

    `bonus` holds files for learners with time left; the limits on editing do not count these files.
    """

    number: int
    slug: str
    root: Path
    title: str
    minutes: int
    need: Need
    practises: str | None
    why: str
    settings: str | None
    reading: tuple[Reading, ...]
    edit: tuple[str, ...]
    bonus: tuple[str, ...]
    checks: tuple[Check, ...]
    wrong: tuple[Wrong, ...]
    dealt_after: int | None

    @property
    def name(self) -> str:
        """The name of its folders: 04-untangle-the-fees."""
        return f"{self.number:02}-{self.slug}"

    @property
    def folder(self) -> Path:
        return self.root / "exercises" / self.name

    @property
    def start(self) -> Path:
        return self.folder / "start"

    @property
    def solution(self) -> Path:
        return self.root / "solutions" / self.name

    @property
    def alternatives(self) -> list[Path]:
        return sorted(path for path in (self.solution / "alternatives").glob("*") if path.is_dir())

    @property
    def place(self) -> tuple[int, int]:
        """The place in the order: a request comes right after the exercise that `dealt_after` names."""
        return (self.number, 0) if self.dealt_after is None else (self.dealt_after, 1)

    def check(self, check_id: str) -> Check:
        return next(check for check in self.checks if check.id == check_id)

    def of_light(self, light: Light) -> list[Check]:
        return [check for check in self.checks if check.light is light]

    def facts(self) -> str:
        """The first line of README.md, generated so that it cannot differ from exercise.toml."""
        step = f"step {STEPS.index(self.practises) + 1}, `{self.practises}`" if self.practises else "no step"
        return f"{self.minutes} minutes · {self.need.value} · practises {step}"


def read_all(root: Path = ROOT) -> list[Exercise]:
    """Every exercise in the order in which a learner meets them."""
    folders = sorted(path.parent for path in (root / "exercises").glob("*/exercise.toml"))
    return sorted((read(folder) for folder in folders), key=lambda exercise: exercise.place)


def find(name: str, root: Path = ROOT) -> Exercise:
    """The exercise of that number, slug or folder name."""
    here = read_all(root)
    for exercise in here:
        if name in (exercise.name, exercise.slug) or (name.isdigit() and int(name) == exercise.number):
            return exercise
    listed = ", ".join(exercise.name for exercise in here if exercise.dealt_after is None) or "none"
    raise CommandFailed(f"There is no exercise {name!r}. The exercises are: {listed}.")


def read(folder: Path) -> Exercise:
    """The exercise in a folder. Raises CommandFailed if something is missing, unknown or of the wrong kind."""
    named = FOLDER_NAME.fullmatch(folder.name)
    if not named:
        raise CommandFailed(f"{folder.name}: an exercise's folder is named NN-slug, such as 04-untangle-the-fees.")
    table = read_table(folder / "exercise.toml")
    checks = tuple(_check(check) for check in table.tables("checks"))
    _no_twice(table, "checks", [check.id for check in checks])
    exercise = Exercise(
        number=int(named[1]),
        slug=named[2],
        root=folder.parent.parent,
        title=table.text("title"),
        minutes=table.number("minutes"),
        need=table.one_of("need", Need),
        practises=_step(table),
        why=table.text("why"),
        settings=table.text("settings", optional=True) or None,
        reading=tuple(_reading(table, lines) for lines in table.texts("reading")),
        edit=tuple(table.texts("edit")),
        bonus=tuple(table.texts("bonus", optional=True)),
        checks=tuple(sorted(checks, key=lambda check: list(Light).index(check.light))),
        wrong=tuple(_wrong(wrong, {check.id for check in checks}) for wrong in table.tables("wrong")),
        dealt_after=table.number("dealt_after", optional=True) or None,
    )
    _no_twice(table, "wrong", [wrong.name for wrong in exercise.wrong])
    table.must_be_used_up()
    return exercise


def _step(table: Table) -> str | None:
    practises = table.text("practises")
    if practises == "none":
        return None
    if practises not in STEPS:
        raise table.problem("practises", f"there is no step {practises!r}; the steps are {', '.join(STEPS)}, or none")
    return practises


def _reading(table: Table, written: str) -> Reading:
    parts = READING.fullmatch(written)
    if not parts or not 1 <= int(parts[2]) <= int(parts[3]):
        raise table.problem("reading", f"{written!r} is not file:from-to, such as payments/fees.py:12-40")
    return Reading(parts[1], int(parts[2]), int(parts[3]))


def _check(table: Table) -> Check:
    check_id = _identifier(table, "id")
    red = table.flag("red_at_start")
    message = table.text("message")
    if unknown := set(re.findall(r"{(\w*)}", message)) - PLACEHOLDERS:
        raise table.problem("message", f"{unknown} is not one of {sorted(PLACEHOLDERS)}")
    hints = table.table("hints")
    levels = HINT_LEVELS if red else LEVELS_OF_ALL
    texts = [hints.text(level, optional=level not in levels) for level in HINT_LEVELS]
    hints.must_be_used_up()
    light = table.one_of("light", Light)
    table.must_be_used_up()
    return Check(check_id, light, red, message, tuple(text for text in texts if text))


def _wrong(table: Table, known: set[str]) -> Wrong:
    wrong = Wrong(
        name=_identifier(table, "name"),
        feels=table.text("feels"),
        refused_by=table.text("refused_by"),
        also_red=frozenset(table.texts("also_red", optional=True)),
    )
    if unknown := wrong.red - known:
        raise table.problem("refused_by", f"no check has the id {', '.join(sorted(unknown))}")
    table.must_be_used_up()
    return wrong


def _identifier(table: Table, key: str) -> str:
    text = table.text(key)
    if not ID.fullmatch(text):
        raise table.problem(key, f"{text!r}: use only small letters, digits and single hyphens")
    return text


def _no_twice(table: Table, key: str, names: list[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise table.problem(key, f"{', '.join(twice)} is there twice")
