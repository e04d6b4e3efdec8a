"""work/: the one folder that a learner edits. No file in it is overwritten before a copy is complete.

The copies are in work.saved/, next to work/, so removing work/ to start again removes none of them. A new exercise is
put into work/ in these steps, and the process may be killed after any of them:

1. The present files are copied to work.saved/<exercise>/<number>.
2. The new files are made in the hidden folder .next.
3. progress notes the new exercise.
4. The old files move into the saved copy, so that even a line written a moment ago is there.
5. The new files move into work/.
6. progress removes the note.

A process that finds the note repeats the steps.
"""

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from workshop import ROOT
from workshop.base import leftovers
from workshop.base.locks import locked
from workshop.base.problems import CommandFailed
from workshop.exercises import progress, trees
from workshop.exercises.catalogue import Exercise
from workshop.exercises.progress import Progress

SECONDS_TO_WAIT = 5
UNNAMED = "unnamed"  # the name of a copy if the exercise is unknown
INTERRUPTED = "interrupted"  # the name of a copy of half-written files


class WorkFolder:
    """The learner's folder, with .progress.json and .lock hidden in it, and next to it the folder of saved copies."""

    def __init__(self, folder: Path = ROOT / "work") -> None:
        self.folder = Path(os.path.abspath(folder))
        self.saved = self.folder.with_name(f"{self.folder.name}.saved")
        self._next = self.folder / ".next"
        self.progress_file = folder / ".progress.json"
        self.notes: list[str] = []  # messages that the learner has not seen yet

    def read(self) -> Progress:
        """The present progress, read again because another terminal may have changed it."""
        found, note = progress.read(self.progress_file)
        if note:
            self.notes.append(note)
        return found

    @contextmanager
    def changing(self, expected: str | None = None) -> Iterator[Progress]:
        """The progress, for changes by one process at a time; written at the end.

        With `expected`, only if that is still the current exercise, so that two terminals do not move on twice.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        busy = f"Another command is changing {self.folder.name}/. Wait until it ends, then try again."
        with locked(self.folder / ".lock", busy, SECONDS_TO_WAIT):
            self._move_out()
            found = self.read()
            if expected is not None and found.current != expected:
                raise CommandFailed(f"Another terminal has gone on to {found.current}. Nothing was changed here.")
            yield found
            progress.write(self.progress_file, found)

    def lay(self, exercise: Exercise, *, expected: str | None = None) -> Path | None:
        """Makes this exercise the current one, from its start. Returns the saved copy of the work before it."""
        with self.changing(expected) as state:
            return self._exchange(exercise, None, state)

    def restore(
        self, exercise: Exercise, number: int | None = None, *, expected: str | None = None
    ) -> tuple[Path, Path | None]:
        """Puts a saved copy back, the latest unless a number is given. Returns it, and the copy of the present work."""
        with self.changing(expected) as state:
            copies = self.copies(exercise)
            wanted = [copy for copy in copies if number is None or int(copy.name) == number]
            if number is None and state.current == exercise.name:
                now = self.contents()
                wanted = [copy for copy in wanted if trees.contents(copy) != now]
            if not wanted:
                listed = ", ".join(str(int(copy.name)) for copy in copies) or "none"
                raise CommandFailed(f"There is no such saved copy of {exercise.name}. Saved copies: {listed}.")
            return wanted[-1], self._exchange(exercise, wanted[-1], state)

    def finish_laying(self, exercises: Sequence[Exercise]) -> str | None:
        """Repairs work/ after a process was killed while it put an exercise there. Returns a message about it."""
        if self.read().laying is None:
            return None
        with self.changing() as state:
            name, _, number = (state.laying or "").partition("/")
            for exercise in exercises:
                if exercise.name == name:
                    left = self._exchange(exercise, self.saved / name / number if number else None, state, INTERRUPTED)
                    where = f" The half-written files are in {self.relative(left)}." if left else ""
                    return f"The last command was interrupted; {name} is now in place.{where}"
            state.laying = None
        return None

    def relative(self, path: Path) -> str:
        """A path inside the folder, as a learner would type it."""
        return path.relative_to(self.folder.parent).as_posix()

    def _move_out(self) -> None:
        """Earlier versions kept the copies inside, in work/.saved/."""
        inside = self.folder / ".saved"
        if inside.is_dir() and not self.saved.exists():
            os.rename(inside, self.saved)

    def copies(self, exercise: Exercise) -> list[Path]:
        """The saved copies of an exercise, oldest first."""
        return self._copies(exercise.name)

    def _copies(self, name: str) -> list[Path]:
        return sorted(path for path in (self.saved / name).glob("[0-9]*") if path.name.isdigit())

    def contents(self) -> dict[str, bytes]:
        """The learner's files as they are now."""
        return trees.contents(self.folder)

    def is_untouched(self, exercise: Exercise) -> bool:
        """Whether the learner has changed nothing yet."""
        readme = (exercise.folder / "README.md").read_bytes()
        return self.contents() == trees.contents(exercise.start) | {"README.md": readme}

    def _exchange(
        self, exercise: Exercise, copy: Path | None, state: Progress, former: str | None = None
    ) -> Path | None:
        """Saves the present files and replaces them with an exercise's start, or with a saved copy."""
        former = former or state.current or UNNAMED
        kept = self._save(former) if self._visible() else None
        saved = kept or self._new_copy(former)
        with _made_whole(self._next) as making:
            trees.lay(making, copy or exercise.start)
            if copy is None:
                trees.copy(exercise.folder / "README.md", making / "README.md")
        state.laying = f"{exercise.name}/{copy.name}" if copy else exercise.name
        progress.write(self.progress_file, state)
        for path in self._visible():
            _move_over(path, saved / path.name)
        for path in sorted(self._next.iterdir()):
            os.replace(path, self.folder / path.name)
        self._next.rmdir()
        state.current, state.laying, state.seen = exercise.name, None, time.time()
        if copy is None:
            state.of(exercise).files = progress.fingerprint(exercise)
        return kept

    def _save(self, name: str) -> Path:
        """A complete copy under the next number; no new copy if the work is the same as the last copy."""
        copies = self._copies(name)
        if copies and trees.contents(copies[-1]) == self.contents():
            return copies[-1]
        target = self._new_copy(name)
        with _made_whole(target) as making:
            trees.lay(making, self.folder)
        return target

    def _new_copy(self, name: str) -> Path:
        """The folder for the next copy. It does not exist yet."""
        last = max((int(copy.name) for copy in self._copies(name)), default=0)
        return self.saved / name / f"{last + 1:03}"

    def _visible(self) -> list[Path]:
        """The files to move away for another exercise: all except hidden files and virtual environments."""
        there = (path for path in self.folder.iterdir() if not path.name.startswith("."))
        return sorted(path for path in there if not leftovers.is_environment(path))


@contextmanager
def _made_whole(folder: Path) -> Iterator[Path]:
    """A folder to fill, which then takes its place in one step. A full disk stops here, with nothing changed."""
    making = folder.with_name(f".making-{os.getpid()}")
    try:
        _remove(making)
        making.mkdir(parents=True)
        yield making
        _remove(folder)
        os.replace(making, folder)
    except OSError as error:
        _remove(making)
        raise CommandFailed(
            f"Your work could not be copied ({error.strerror}), so nothing was changed. Make room, and try again."
        ) from error


def _move_over(path: Path, target: Path) -> None:
    """Moves a file, or every file of a folder, over its saved copy, so that the latest bytes are kept."""
    if path.is_dir() and not path.is_symlink():
        for inner in sorted(path.iterdir()):
            _move_over(inner, target / inner.name)
        path.rmdir()
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)  # which also moves to another disk, if work/ is a mount point or a link


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
