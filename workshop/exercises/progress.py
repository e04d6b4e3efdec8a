"""A learner's progress: one small file in work/, always replaced in one step.

It holds no work of the learner's. If the file is lost or cannot be read, a new one begins and the work stays.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path

from workshop.base import files
from workshop.base.problems import CommandFailed
from workshop.exercises import trees
from workshop.exercises.catalogue import Exercise

VERSION = 1
EDITOR_ALWAYS, EDITOR_NEVER = "always", "never"  # what a learner answered about their editor; "" is no answer yet
LONGEST_PAUSE = 10 * 60  # seconds; a longer silence counts as a break


@dataclass
class Standing:
    """A learner's state in one exercise: `files` are digests of the exercise at its start, `seconds` the work time."""

    state: str = "begun"  # begun, done, caught up
    hints: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    seconds: float = 0

    @property
    def minutes(self) -> int:
        return round(self.seconds / 60)


@dataclass
class Progress:
    """The current exercise and the state of each. `laying` names the exercise whose set-up was interrupted.

    `seen` is the time of the last activity, in seconds since 1970; `sign` is the early warning sign that the learner found
    in their own project, and `commit` is their plan for home. `editor` says whether it may open red places by itself.
    """

    current: str | None = None
    laying: str | None = None
    exercises: dict[str, Standing] = field(default_factory=dict)
    seen: float | None = None
    commit: str = ""
    sign: str = ""
    editor: str = ""

    def of(self, exercise: Exercise) -> Standing:
        return self.exercises.setdefault(exercise.name, Standing())

    def spend(self, exercise: Exercise, now: float) -> None:
        """Counts the time since the last sign of work. A clock that was put back counts nothing."""
        if self.seen is not None and now > self.seen:
            self.of(exercise).seconds += min(now - self.seen, LONGEST_PAUSE)
        self.seen = now

    def state(self, exercise: Exercise) -> str:
        standing = self.exercises.get(exercise.name)
        return standing.state if standing else "open"


def read(file: Path) -> tuple[Progress, str | None]:
    """The progress, and a message for the learner if the file could not be used."""
    try:
        written = json.loads(file.read_text(encoding="utf-8"))
        if (version := written.pop("version")) != VERSION:
            raise ValueError(f"version {version}")
        standings = {name: Standing(**one) for name, one in written.pop("exercises").items()}
        seen = None if (time := written.pop("seen", None)) is None else float(time)
        words = {key: value and str(value) for key, value in written.items()}
        return Progress(exercises=standings, seen=seen, **words), None
    except FileNotFoundError:
        return Progress(), None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        kept = _put_aside(file)
        return Progress(), f"{file.name} could not be read ({error}). It is kept as {kept.name}; a new file begins."


def write(file: Path, progress: Progress) -> None:
    """Replaces the file in one step: a process killed here leaves the old one or the new one."""
    try:
        files.write(file, json.dumps({"version": VERSION, **asdict(progress)}, indent=1, sort_keys=True) + "\n")
    except OSError as error:
        raise CommandFailed(f"Progress could not be saved: {error.strerror}. Your work is untouched.") from error


def fingerprint(exercise: Exercise) -> dict[str, str]:
    """Digests of the files that a learner starts from and of the checks."""
    left_out = ("wrong/", "questions.toml")  # a change of these changes nothing in the learner's exercise
    files = {name: data for name, data in trees.contents(exercise.folder).items() if not name.startswith(left_out)}
    return {name: hashlib.sha256(data).hexdigest()[:16] for name, data in files.items()}


def changed_since(exercise: Exercise, standing: Standing) -> list[str]:
    """The files of the exercise that an update has changed since the learner began it."""
    now = fingerprint(exercise)
    if not standing.files:
        return []
    return sorted(name for name in now.keys() | standing.files.keys() if now.get(name) != standing.files.get(name))


def _put_aside(file: Path) -> Path:
    names = (file.with_name(f"{file.name}.unread-{number}") for number in count(1))
    return file.replace(next(name for name in names if not name.exists()))
