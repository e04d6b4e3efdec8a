"""The lights of every exercise, on its start, its solutions and its wrong solutions: `./ws dev check` in pytest."""

from collections.abc import Iterator

import pytest

from workshop.exercises import catalogue, upkeep
from workshop.exercises.catalogue import Exercise
from workshop.exercises.judge import Judge


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(upkeep.SECONDS_A_JOB) as made:
        yield made


@pytest.mark.parametrize("exercise", catalogue.read_all(), ids=lambda exercise: exercise.name)
def test_the_lights_of_an_exercise_say_what_is_so(exercise: Exercise, judge: Judge) -> None:
    assert list(upkeep.behaviour(exercise, judge)) == []
