"""A stage of the server or the start of an exercise, in a copy with changes: what a proof looks at."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from workshop.base import leftovers, stages
from workshop.base.calls import output_of
from workshop.base.problems import CommandFailed
from workshop.base.toml import Verbatim
from workshop.exercises import catalogue, trees
from workshop.exercises.catalogue import Exercise

IGNORED = shutil.ignore_patterns(*leftovers.LEFTOVERS)
NEW_FILE = Verbatim("")


@dataclass(frozen=True)
class Edit:
    """A text of a file that becomes another text. It must occur exactly once. Without `find`, the file is new."""

    file: str
    put: Verbatim
    find: Verbatim = NEW_FILE

    def make(self, folder: Path) -> None:
        """Changes the file. Raises CommandFailed."""
        path = folder / self.file
        if path.exists() != bool(self.find):
            raise CommandFailed(
                f"{self.file} is {'already' if path.exists() else 'not'} there, so the edit does not fit"
            )
        if not self.find:
            path.write_text(self.put, encoding="utf-8")
            return
        text = path.read_text(encoding="utf-8")
        if text.count(self.find) != 1:
            raise CommandFailed(f"{self.file} has {self.find!r} {text.count(self.find)} times; an edit needs it once")
        path.write_text(text.replace(self.find, self.put), encoding="utf-8")


@dataclass(frozen=True)
class Place:
    """A stage, or the start of an exercise, and the changes to make in a copy. Proofs about a place have these keys too."""

    stage: str = ""
    exercise: str = ""
    patches: tuple[Path, ...] = ()
    edits: tuple[Edit, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.stage) == bool(self.exercise):
            raise ValueError("stage: name a stage or an exercise, and not both")

    @property
    def place(self) -> "Place":
        """The place without the other keys of a proof: proofs about equal places run what they need only once."""
        return Place(self.stage, self.exercise, self.patches, self.edits)

    @property
    def without_changes(self) -> "Place":
        return Place(self.stage, self.exercise)

    @property
    def is_changed(self) -> bool:
        return bool(self.patches or self.edits)

    @cached_property
    def its_exercise(self) -> Exercise:
        return catalogue.find(self.exercise)

    @cached_property
    def original(self) -> Path:
        """The folder of the stage, or of the exercise's start. Never write there."""
        return stages.stage(self.stage).folder if self.stage else self.its_exercise.start

    @contextmanager
    def laid(self) -> Iterator[Path]:
        """A copy with the changes; removed at the end. Raises CommandFailed if a change does not fit."""
        with tempfile.TemporaryDirectory(prefix="question-") as made:
            folder = Path(made) / "copy"
            if self.stage:
                shutil.copytree(self.original, folder, ignore=IGNORED)
            else:
                trees.lay(folder, self.original)
            for patch in self.patches:
                _apply(patch, folder)
            for edit in self.edits:
                edit.make(folder)
            yield folder


def _apply(patch: Path, folder: Path) -> None:
    """Applies a patch that was made in the stage's folder, or one of tests/mutants, made one folder above."""
    depth = 2 if "\n+++ b/before/" in patch.read_text(encoding="utf-8") else 1
    around = os.environ | {"GIT_CEILING_DIRECTORIES": str(folder.parent)}
    command = ["git", "apply", "--whitespace=nowarn", f"-p{depth}", str(patch.resolve())]
    output_of(command, f"{patch.name} does not apply", folder, around)
