"""`./ws dev`: a new exercise works at once, and each mistake of an author is reported in one line."""

import re
import shutil

import pytest

from workshop.base.problems import CommandFailed
from workshop.exercises import catalogue
from workshop.exercises.judge import Judge
from workshop.maintaining.exercises import new, upkeep

NAME = "05-rename-without-fear"


@pytest.fixture(scope="module")
def judge():
    with Judge(seconds_a_job=60) as made:
        yield made


@pytest.fixture
def written(tmp_path):
    """An exercise that `dev new` made, with all its content written."""
    new.begin(NAME, tmp_path)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.write_text(path.read_text().replace("WRITE: ", "").replace("# the shape", "# shape"))
    readme = tmp_path / "exercises" / NAME / "README.md"
    readme.write_text(readme.read_text().replace("**Goal:** one sentence.", "**Goal:** prices need no settings."))
    return tmp_path / "exercises" / NAME


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def form(folder):
    return list(upkeep.form(catalogue.read(folder)))


def lights(folder, judge):
    return list(upkeep.behaviour(catalogue.read(folder), judge))


def test_a_new_exercise_passes_all_but_the_content(tmp_path, judge):
    new.begin(NAME, tmp_path)
    exercise = catalogue.find("5", tmp_path)

    problems = [*upkeep.form(exercise), *upkeep.behaviour(exercise, judge)]

    assert exercise.title == "Rename without fear"
    assert len(problems) > 20
    assert [problem for problem in problems if not problem.endswith("is still to write")] == []


def test_an_exercise_with_its_content_passes_all(written, judge):
    assert form(written) == []
    assert lights(written, judge) == []


def test_a_new_exercise_takes_no_other_s_place(written):
    with pytest.raises(CommandFailed, match="already exists"):
        new.begin(NAME, written.parent.parent)


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("README.md", "15 minutes", "12 minutes", r"README\.md: the second paragraph must be: 15 minutes · must"),
        ("README.md", "prices.py:1-9`", "prices.py:1-8`", r"`Read first` must list.*shop/prices\.py:1-9"),
        ("README.md", "no settings.", "no settings. And more.", "of one sentence"),
        ("README.md", "Then edit `shop/prices.py`.", "Then run `./ws fly`.", r"no command \./ws fly"),
        ("README.md", "Then edit", "See [more](more.md). Then edit", "the link more.md leads nowhere"),
        ("README.md", "the same?", "the same.", "must end with a question"),
        ("exercise.toml", "minutes = 15", "minutes = 40", "40 minutes; an exercise takes 10 to 25"),
        ("exercise.toml", "prices.py:1-9", "prices.py:1-90", "start/shop/prices.py has 9 lines"),
        ("exercise.toml", '["shop/prices.py"]', '["shop/views.py"]', "edits shop/prices.py, which `edit` does not"),
        ("exercise.toml", "::with_tax", "::with_vat", "defines no with_vat"),
        ("exercise.toml", "::with_tax", "::with_tax:5-9", "with_tax:5-9 has 0 lines; 1 to 16"),
        ("exercise.toml", "::with_tax", ": with_tax", "is not file::name in the solution"),
        ("exercise.toml", 'idea = "the idea."', "idea = 'TAX = Decimal(\"0.25\") does it.'", "idea gives a line of"),
        ("start/shop/prices.py", '"""\n', '"""\n' + "#\n" * 260, "lines of Python; at most 250"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(written, file, old, new, problem):
    edit(written / file, old, new)

    assert [found for found in form(written) if re.search(problem, found)]


def test_a_stray_file_is_named(written):
    (written / "notes.txt").write_text("later")
    shutil.copy(written / "start" / "manage.py", written / "wrong" / "in-floats" / "manage.py")

    stray = [problem for problem in form(written) if problem.startswith("stray")]
    assert stray == ["stray: notes.txt", f"stray: exercises/{NAME}/wrong/in-floats/manage.py is the same as in start/"]


def test_a_solution_that_writes_too_much_is_named(written):
    solution = written.parent.parent / "solutions" / NAME / "shop" / "prices.py"
    solution.write_text(solution.read_text() + "".join(f"RATE_{number} = {number}\n" for number in range(90)))

    assert [problem for problem in form(written) if re.search(r"writes 9\d lines; at most 80", problem)]


def test_files_of_the_bonus_are_left_out_of_the_limits_and_named_in_the_readme(written):
    (written.parent.parent / "solutions" / NAME / "setup.cfg").write_text("# a line\n" * 90)
    edit(written / "exercise.toml", "edit = [", 'bonus = ["setup.cfg"]\nedit = [')

    assert form(written) == ["README.md: it does not name setup.cfg as a file to edit"]


def test_a_wrong_solution_that_no_check_refuses_is_named(written, judge):
    right = written.parent.parent / "solutions" / NAME / "shop" / "prices.py"
    shutil.copy(right, written / "wrong" / "in-floats" / "shop" / "prices.py")

    assert lights(written, judge) == ["wrong/in-floats: prices-hold-the-tax must be red and is green"]


def test_a_solution_that_a_check_refuses_is_named_with_the_reason(written, judge):
    wrong = written / "wrong" / "without-tax" / "shop" / "prices.py"
    shutil.copy(wrong, written.parent.parent / "solutions" / NAME / "shop" / "prices.py")

    (problem,) = lights(written, judge)

    assert problem.startswith("the solution: prices-hold-the-tax must be green and is red")


def test_a_start_with_other_lights_than_listed_is_named(written, judge):
    edit(written / "exercise.toml", "red_at_start = true\n", "")

    problems = lights(written, judge)

    assert "no check is red at the start, so there is nothing to do" in problems
    assert [problem for problem in problems if problem.startswith("start: prices-without-django must be green")]


def test_a_check_without_code_is_named(written, judge):
    edit(written / "checks" / "architecture.py", "def prices_without_django", "def prices_alone")

    problems = lights(written, judge)

    differ = [problem for problem in problems if "exercise.toml differ" in problem]
    assert [problem.split(": ")[1].split()[0] for problem in differ] == ["prices-alone", "prices-without-django"]
    assert [problem for problem in problems if "prices-without-django could not run" in problem]
