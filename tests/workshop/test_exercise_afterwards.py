"""The lines that an exercise shows next to its solution: the way to the learner's project, and the cost of each rung."""

import io
import json
import shutil

import pytest
from rich.console import Console

from workshop.base.problems import CommandFailed
from workshop.exercises import catalogue, hints, jobs
from workshop.exercises.findings import Project
from workshop.exercises.screen import Screen
from workshop.exercises.session import Session
from workshop.exercises.workfolder import WorkFolder

EXERCISE = catalogue.find("which-rung")
FIGURES = {
    stage: {
        "lines.webhooks": 1500 + number,
        "files.webhooks": 20 + number,
        "lines.tests": 3000,
        "files.tests": 40,
        "tests": 600,
        "tests.database": 400 - number,
    }
    for number, stage in enumerate(["before", "step-03", "step-05", "step-07", "after"])
}


@pytest.fixture
def shown(tmp_path):
    """The lines for the solution's answers, in a repository of its own with the given file of figures."""

    def lines(figures=None):
        root = tmp_path / "repository"
        shutil.copytree(EXERCISE.folder, root / "exercises" / EXERCISE.name, dirs_exist_ok=True)
        if figures is not None:
            (root / "steps").mkdir(exist_ok=True)
            (root / "steps" / "figures.json").write_text(figures)
        show = jobs.afterwards(EXERCISE.folder)
        return "\n".join(show(Project(EXERCISE.solution, root / "exercises" / EXERCISE.name / "start")))

    return lines


def test_each_rung_is_shown_with_its_cost_and_the_apps_that_go_there(shown):
    found = shown(json.dumps(FIGURES))

    assert "(steps/figures.json)" in found
    tests = "3,000 lines of tests, 40 files"
    plain = f"plain (before): 1,500 lines, 20 files to read; {tests}; 400 of its 600 tests need the database."
    assert f"{plain} You chose it for stock." in found
    assert f"registry (step-03): 1,501 lines, 21 files to read; {tests}; 399 of its 600 tests" in found
    assert "services (step-05): 1,502 lines" in found


def test_the_figures_of_this_repository_have_a_price_for_every_rung():
    """No fallback here: without its figures the exercise shows no prices, and that is a bug."""
    show = jobs.afterwards(EXERCISE.folder)
    assert show
    found = list(show(Project(EXERCISE.solution, EXERCISE.start)))

    assert "(steps/figures.json)" in found[0]
    assert "not measured" not in "".join(found)
    assert len([line for line in found if "tests need the database" in line]) == 5


def test_without_the_figures_it_says_so_and_measures_the_stages_that_are_here(shown, tmp_path):
    stage = tmp_path / "repository" / "before"
    for name in ("manage.py", "webhooks/views.py", "tests/test_views.py"):
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        (stage / name).write_text("A = 1\n")

    found = shown()

    assert "steps/figures.json is missing" in found
    assert "plain (before): 1 line, 1 file to read; 1 line of tests, 1 file." in found
    assert "hexagon (after): not measured." in found


@pytest.mark.parametrize("figures", ["", "[]", '{"before": {}}'], ids=["empty", "a list", "without figures"])
def test_figures_that_cannot_be_read_are_named(shown, figures):
    assert "steps/figures.json cannot be read" in shown(figures)


def test_after_the_first_exercise_a_door_leads_to_the_learners_own_project():
    first = catalogue.find("spot-the-signs")
    show = jobs.afterwards(first.folder)
    assert show

    found = list(show(Project(first.solution, first.start)))

    assert found[0].startswith("Now your own project, 10 minutes: ./ws signs PATH")
    assert "./ws receipt --sign TEXT" in found[1]


def test_the_lines_come_between_the_solution_and_why_it_matters(tmp_path):
    written = io.StringIO()
    session = Session(screen=Screen(Console(file=written, width=80)), work=WorkFolder(tmp_path / "work"))
    session.go(EXERCISE.name)

    session.compare(EXERCISE)

    text = written.getvalue()
    assert text.index("From your work (-)") < text.index("What each rung has cost") < text.index("Why it matters")


def test_a_hunk_of_a_toml_file_is_a_table():
    assert hints.hunk(EXERCISE, "answers.toml::statements").splitlines()[:2] == ["[statements]", 'rung = "registry"']
    with pytest.raises(CommandFailed, match=r"answers\.toml defines no \[?nothing"):
        hints.hunk(EXERCISE, "answers.toml::nothing")
