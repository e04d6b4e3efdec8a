"""The definition of an exercise, read from exercise.toml. All other modules about exercises ask this one.

A folder `exercises/NN-slug/` holds README.md, exercise.toml, start/, checks/ and wrong/<name>/; the folder of the
same name in `solutions/` holds the solution, and alternatives/<name>/ other good solutions. Solutions and wrong
solutions hold only the files that differ from start/.
"""

import re
from dataclasses import astuple, dataclass, replace
from enum import Enum
from pathlib import Path

from workshop import ROOT
from workshop.base import toml
from workshop.base.names import STEPS
from workshop.base.problems import CommandFailed

HINT_LEVELS = ("means", "look", "idea", "skeleton", "hunk")
FOLDER_NAME = re.compile(r"(\d\d)-([a-z0-9]+(?:-[a-z0-9]+)*)")
READING = re.compile(r"([\w./-]+):(\d+)-(\d+)")
PLACEHOLDERS = {"file", "line", "found"}
NONE = "none"  # the step of an exercise that practises none


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


@dataclass(frozen=True)
class Hints:
    """The hints of a check, one for each level. A check that is green at the start asks for nothing new, so it has no
    skeleton and no hunk."""

    means: str
    look: str
    idea: str
    skeleton: str = ""
    hunk: str = ""

    @property
    def texts(self) -> list[str]:
        """The hints that there are, in the order in which a learner sees them."""
        return [text for text in astuple(self) if text]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One condition that must hold, with the message to show if it does not hold.

    `message` may hold {file}, {line} and {found}; a probe fills them in.
    """

    id: str
    light: Light
    red_at_start: bool = False
    message: str
    hints: Hints

    def __post_init__(self) -> None:
        if unknown := set(re.findall(r"{(\w*)}", self.message)) - PLACEHOLDERS:
            raise ValueError(f"message: {unknown} is not one of {sorted(PLACEHOLDERS)}")
        if self.red_at_start and len(self.hints.texts) < len(HINT_LEVELS):
            raise ValueError("hints: a check that is red at the start has a skeleton and a hunk")


@dataclass(frozen=True)
class Wrong:
    """A wrong solution that people really write: why it feels right, and the checks that must be red on it."""

    name: str
    feels: str
    refused_by: str
    also_red: tuple[str, ...] = ()

    @property
    def red(self) -> frozenset[str]:
        return frozenset([self.refused_by, *self.also_red])


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise. `dealt_after` is set for a request that comes unannounced after the exercise of that number.

    `bonus` holds files for learners with time left; the limits on editing do not count these files.
    """

    folder: Path
    title: str
    minutes: int
    need: Need
    practises: str
    why: str
    settings: str | None = None
    reading: tuple[str, ...]
    edit: tuple[str, ...]
    bonus: tuple[str, ...] = ()
    dealt_after: int | None = None
    checks: tuple[Check, ...]
    wrong: tuple[Wrong, ...]

    def __post_init__(self) -> None:
        if self.practises not in (*STEPS, NONE):
            listed = ", ".join(STEPS)
            raise ValueError(f"practises: there is no step {self.practises!r}; the steps are {listed}, or {NONE}")
        self.readings()
        ids = [check.id for check in self.checks]
        if twice := {check_id for check_id in ids if ids.count(check_id) > 1}:
            raise ValueError(f"checks: {', '.join(sorted(twice))} is there twice")
        for wrong in self.wrong:
            if unknown := wrong.red - {*ids}:
                raise ValueError(f"wrong: {wrong.name}: no check has the id {', '.join(sorted(unknown))}")

    @property
    def name(self) -> str:
        """The name of its folders: 04-untangle-the-fees."""
        return self.folder.name

    @property
    def number(self) -> int:
        return int(self.name[:2])

    @property
    def slug(self) -> str:
        return self.name[3:]

    @property
    def root(self) -> Path:
        return self.folder.parent.parent

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

    def of_light(self, light: Light) -> list[Check]:
        return [check for check in self.checks if check.light is light]

    def facts(self) -> str:
        """The first line of README.md, generated so that it cannot differ from exercise.toml."""
        is_none = self.practises == NONE
        step = "no step" if is_none else f"step {STEPS.index(self.practises) + 1}, `{self.practises}`"
        return f"{self.minutes} minutes · {self.need.value} · practises {step}"

    def readings(self) -> list[Reading]:
        """The lines to read first. Raises ValueError."""
        return [_reading(written) for written in self.reading]


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
    if not FOLDER_NAME.fullmatch(folder.name):
        raise CommandFailed(f"{folder.name}: an exercise's folder is named NN-slug, such as 04-untangle-the-fees.")
    exercise = toml.read(Exercise, folder / "exercise.toml", folder=folder)
    return replace(exercise, checks=tuple(check for light in Light for check in exercise.of_light(light)))


def _reading(written: str) -> Reading:
    parts = READING.fullmatch(written)
    if not parts or not 1 <= int(parts[2]) <= int(parts[3]):
        raise ValueError(f"reading: {written!r} is not file:from-to, such as payments/fees.py:12-40")
    return Reading(parts[1], int(parts[2]), int(parts[3]))
