"""Every exercise has the form that learners know, and there are enough. tests/exercises/ looks at their lights."""

import pytest

from workshop.exercises import catalogue
from workshop.maintaining.exercises import upkeep

EXERCISES = catalogue.read_all()
REQUESTS = 2


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_an_exercise_has_the_form_that_learners_know(exercise):
    assert list(upkeep.form(exercise)) == []


def test_the_exercises_are_numbered_one_by_one():
    numbers = [exercise.number for exercise in EXERCISES]

    assert sorted(numbers) == list(range(1, 11 + REQUESTS))


def test_there_are_ten_exercises_and_two_requests_that_come_unannounced():
    dealt = {exercise.dealt_after for exercise in EXERCISES if exercise.dealt_after}

    assert len(EXERCISES) == 10 + REQUESTS
    assert dealt == {4, 8}


def test_the_checks_refuse_at_least_35_wrong_solutions():
    assert sum(len(exercise.wrong) for exercise in EXERCISES) >= 35
