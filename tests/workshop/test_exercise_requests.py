"""Requests whose best answer is plain Django: dealt unannounced, and layers pass only with a written reason."""

import io

import pytest
from rich.console import Console

from workshop.exercises import catalogue, trees
from workshop.exercises.catalogue import Light
from workshop.exercises.judge import Judge
from workshop.exercises.probes import budget
from workshop.exercises.progress import Progress, Standing
from workshop.exercises.screen import Screen

REQUESTS = [exercise for exercise in catalogue.read_all() if exercise.dealt_after is not None]
A_REASON = """The warehouse will read notes from a second system in January (#410), which sends them in another format;
the port is there so that both can be taken, and it goes if that is called off.
"""


@pytest.fixture(scope="module")
def judge():
    with Judge(seconds_a_job=60) as made:
        yield made


@pytest.fixture
def layered(tmp_path):
    """Lays out the first wrong solution of a request, which is the one with layers, and a text as its reason."""

    def lay(exercise, reason):
        trees.lay(tmp_path, exercise.start, exercise.folder / "wrong" / exercise.wrong[0].name)
        (tmp_path / budget.REASON).write_text(reason)
        return tmp_path

    return lay


@pytest.mark.parametrize("exercise", REQUESTS, ids=lambda exercise: exercise.name)
def test_layers_for_a_request_pass_with_a_written_reason(exercise, judge, layered):
    verdict = judge.judge(exercise, layered(exercise, A_REASON))

    assert [result.message() for result in verdict.red] == []


@pytest.mark.parametrize("exercise", REQUESTS, ids=lambda exercise: exercise.name)
def test_a_slogan_is_no_reason(exercise, judge, layered):
    """Layers with no reason at all are a wrong solution of each request, so tests/exercises/ refuses them."""
    verdict = judge.judge(exercise, layered(exercise, "Clean architecture."))

    assert [result.check.light for result in verdict.red] == [Light.ARCHITECTURE]
    assert "gives no reason yet" in verdict.red[0].message()


def test_the_requests_come_after_the_fourth_and_the_eighth():
    assert [exercise.dealt_after for exercise in REQUESTS] == [4, 8]


def test_a_request_is_announced_as_one_and_listed_once_it_is_there():
    request = REQUESTS[0]

    def listed(progress):
        written = io.StringIO()
        Screen(Console(file=written, width=80)).listing([request], progress)
        return written.getvalue()

    written = io.StringIO()
    Screen(Console(file=written, width=80)).title(request)
    assert f"A request has come in: {request.title}" in written.getvalue()
    assert listed(Progress()) == ""
    assert request.title in listed(Progress(current=request.name, exercises={request.name: Standing()}))
