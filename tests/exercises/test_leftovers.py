"""Files that editors and systems leave in good work, or write into it, turn no light red and are in no message."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workshop.exercises import catalogue, trees
from workshop.exercises.catalogue import Exercise
from workshop.exercises.judge import Judge
from workshop.maintaining.exercises import upkeep

BESIDE_A_FILE = ("{0}~", "{0}.orig", "{0}.rej", "#{0}#", "{0}.bak", ".{0}.swp", "{0}:Zone.Identifier", "._{0}", ".#{0}")
BESIDE_ALL = ("4913", "Thumbs.db", "desktop.ini", ".DS_Store")
NOT_PYTHON = "this is no Python, and nobody's work\n" * 40


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(upkeep.SECONDS_A_JOB) as made:
        yield made


def leave_behind(folder: Path) -> None:
    """The leftovers of a day of work: a copy of each file under many names, and a virtual environment."""
    for name in trees.files(folder):
        file = folder / name
        for pattern in BESIDE_A_FILE:
            file.with_name(pattern.format(file.name)).write_text(NOT_PYTHON, encoding="utf-8")
    for path in [folder, *(path for path in folder.iterdir() if path.is_dir())]:
        for name in BESIDE_ALL:
            (path / name).write_text(NOT_PYTHON, encoding="utf-8")
    for name in ("venv", "my-environment"):
        inside = folder / name / "lib" / "python3" / "site-packages" / "pip"
        inside.mkdir(parents=True)
        (folder / name / "pyvenv.cfg").write_text("home = /usr/bin\n", encoding="utf-8")
        for number in range(100):
            (inside / f"module_{number}.py").write_text("def refund():\n    return 0.1 / 3\n", encoding="utf-8")


def as_on_windows(source: bytes) -> bytes:
    """A byte order mark, and lines that end in CRLF."""
    return b"\xef\xbb\xbf" + source.replace(b"\n", b"\r\n")


def in_latin_1(source: bytes) -> bytes:
    """A `coding:` line that is true, with a letter that UTF-8 writes otherwise."""
    return "# -*- coding: latin-1 -*- caf\xe9\n".encode("latin-1") + source.decode("utf-8").encode("latin-1")


@pytest.mark.parametrize("written", [as_on_windows, in_latin_1])
@pytest.mark.parametrize("exercise", catalogue.read_all(), ids=lambda exercise: exercise.name)
def test_good_work_stays_green_with_an_editors_leftovers(
    exercise: Exercise, written: Callable[[bytes], bytes], judge: Judge, tmp_path: Path
) -> None:
    trees.lay(tmp_path, exercise.start, exercise.solution)
    for name in trees.overlay_files(exercise.solution):
        if name.endswith(".py"):
            file = tmp_path / name
            file.write_bytes(written(file.read_bytes()))
    if written is as_on_windows:
        for file in [file for file in tmp_path.rglob("*.py") if b"\r\n" not in file.read_bytes()]:
            file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
        leave_behind(tmp_path)

    red = judge.judge(exercise, tmp_path).red

    assert [(result.check.id, result.message()) for result in red] == []
