"""The lights of every exercise, on its start, its solutions and its wrong solutions: `./ws dev check` in pytest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from workshop.exercises import catalogue, trees
from workshop.exercises.catalogue import Exercise
from workshop.exercises.judge import Judge
from workshop.maintaining.exercises import upkeep


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(upkeep.SECONDS_A_JOB) as made:
        yield made


@pytest.mark.parametrize("exercise", catalogue.read_all(), ids=lambda exercise: exercise.name)
def test_the_lights_of_an_exercise_say_what_is_so(exercise: Exercise, judge: Judge) -> None:
    assert list(upkeep.behaviour(exercise, judge)) == []


MARKED, NAMED = b"\xef\xbb\xbf", b"# -*- coding: latin-1 -*-\n# \xc5se\n"


@pytest.mark.parametrize("exercise", catalogue.read_all(), ids=lambda exercise: exercise.name)
def test_a_solution_is_green_in_every_encoding_that_python_takes(
    exercise: Exercise, judge: Judge, tmp_path: Path
) -> None:
    """Its files in turn with a byte order mark and Windows' line ends, or with a `coding:` line."""
    trees.lay(tmp_path, exercise.start, exercise.solution)
    for number, name in enumerate(trees.overlay_files(exercise.solution)):
        text = (tmp_path / name).read_text(encoding="utf-8")
        if name.endswith(".py") and number % 2:
            (tmp_path / name).write_bytes(NAMED + text.encode("latin-1", "replace"))
        elif name.endswith((".py", ".toml")):
            (tmp_path / name).write_bytes(MARKED + text.replace("\n", "\r\n").encode())

    verdict = judge.judge(exercise, tmp_path)

    assert [(result.check.id, result.message()) for result in verdict.red] == []
