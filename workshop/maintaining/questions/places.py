"""A stage of the server or the start of an exercise, in a copy with changes: what a proof looks at."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from workshop import ROOT
from workshop.ask.questions import Proof
from workshop.base import leftovers, stages
from workshop.base.calls import output_of
from workshop.base.problems import CommandFailed
from workshop.base.toml_table import Table
from workshop.exercises import catalogue, trees
from workshop.exercises.catalogue import Exercise

IGNORED = shutil.ignore_patterns(*leftovers.LEFTOVERS)


@dataclass(frozen=True)
class Edit:
    """A text of a file that becomes another text. It must occur exactly once. Without `find`, the file is new."""

    file: str
    find: str
    put: str

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
    """A stage, or the start of an exercise, and the changes to make in a copy."""

    stage: str
    exercise: str
    patches: tuple[Path, ...]
    edits: tuple[Edit, ...]

    @property
    def unchanged(self) -> "Place":
        return replace(self, patches=(), edits=())

    @property
    def is_changed(self) -> bool:
        return self != self.unchanged

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


def place(table: Table, proof: Proof) -> Place:
    """The place that a proof names: `stage` or `exercise`, and `patches` and `edits` as the changes."""
    stage, exercise = table.text("stage", optional=True), table.text("exercise", optional=True)
    if bool(stage) == bool(exercise):
        raise table.problem("stage", "name a stage or an exercise, and not both")
    patches = tuple(_patch(table, name, proof) for name in table.texts("patches", optional=True))
    edits = tuple(_edit(each, proof) for each in table.dicts("edits", optional=True))
    return Place(stage, exercise, patches, edits)


def _patch(table: Table, name: str, proof: Proof) -> Path:
    """A patch next to the questions, or anywhere in the repository."""
    found = next((path for path in (proof.file.parent / name, ROOT / name) if path.is_file()), None)
    if found is None:
        raise table.problem("patches", f"there is no patch {name}")
    return found


def _edit(values: dict[str, object], proof: Proof) -> Edit:
    table = Table(values, proof.file, f"{proof.place}edits.")
    texts = [values.get(key, "") for key in ("file", "find", "put")]
    if unknown := values.keys() - {"file", "find", "put"}:
        raise table.problem(", ".join(sorted(unknown)), "is not a known key")
    if not all(isinstance(text, str) for text in texts) or not texts[0] or not (texts[1] or texts[2]):
        raise table.problem("file", "an edit needs a `file`, the text to `find`, and the text to `put` there")
    return Edit(*map(str, texts))


def _apply(patch: Path, folder: Path) -> None:
    """Applies a patch that was made in the stage's folder, or one of tests/mutants, made one folder above."""
    depth = 2 if "\n+++ b/before/" in patch.read_text(encoding="utf-8") else 1
    around = os.environ | {"GIT_CEILING_DIRECTORIES": str(folder.parent)}
    command = ["git", "apply", "--whitespace=nowarn", f"-p{depth}", str(patch.resolve())]
    output_of(command, f"{patch.name} does not apply", folder, around)
