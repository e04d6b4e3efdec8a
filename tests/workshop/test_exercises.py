"""Every exercise does what it says, on its start, its solutions and its wrong solutions: `./ws dev check` in pytest."""

import pytest

from workshop.exercises import catalogue, upkeep
from workshop.exercises.judge import Judge

EXERCISES = catalogue.read_all()


@pytest.fixture(scope="module")
def judge():
    with Judge(seconds_a_job=60) as made:  # the machine may be busy with other tests
        yield made


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_an_exercise_has_the_form_that_learners_know(exercise):
    assert list(upkeep.form(exercise)) == []


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_the_lights_of_an_exercise_say_what_is_so(exercise, judge):
    assert list(upkeep.behaviour(exercise, judge)) == []


def test_the_exercises_are_numbered_once():
    numbers = [exercise.number for exercise in EXERCISES]

    assert len(numbers) >= 2
    assert sorted(set(numbers)) == sorted(numbers)
