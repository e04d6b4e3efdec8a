"""The schedules for facilitators: they add up, and their minutes agree with the steps and exercises."""

import shutil

import pytest

from workshop import ROOT
from workshop.exercises import catalogue
from workshop.maintaining.documents import schedule

ROWS = [("0:00", 10, "set-up"), ("0:10", 12, "exercise 03-money-is-not-a-float"), ("0:22", 20, "break")]
STEPS = [f"step {number:02}-{slug}" for number, slug in enumerate(("feel-it", *catalogue.STEPS))]
MINUTES = dict.fromkeys(STEPS, 10) | {"exercise 03-money-is-not-a-float": 12, "exercise 04-untangle-the-fees": 20}


def table(heads, rows):
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def document(rows=ROWS, length=45, minutes=MINUTES):
    """A guide whose other two schedules are only a set-up."""
    parts = [f"<!-- schedule: {length} minutes -->\n" + table(["at", "minutes", "what"], rows)]
    for other in set(schedule.LENGTHS) - {length}:
        nothing = table(["at", "minutes", "what"], [("0:00", 0, "set-up")])
        parts.append(f"<!-- schedule: {other} minutes -->\n" + nothing)
    parts.append("<!-- all minutes -->\n" + table(["what", "minutes"], minutes.items()))
    return "\n\n".join(parts) + "\n"


def say_minutes(root, step, said):
    (root / "steps" / step.removeprefix("step ") / "README.md").write_text(f"# A step\n\n{said}\n")


@pytest.fixture
def problems(tmp_path):
    """The problems of a guide, in a repository of two exercises."""
    for name in ("03-money-is-not-a-float", "04-untangle-the-fees"):
        (tmp_path / "exercises" / name).mkdir(parents=True)
        shutil.copy(ROOT / "exercises" / name / "exercise.toml", tmp_path / "exercises" / name)
    for name in STEPS:
        (tmp_path / "steps" / name.removeprefix("step ")).mkdir(parents=True)
        say_minutes(tmp_path, name, "**Minutes:** 10 · no rung")
    (tmp_path / "docs").mkdir()

    def find(text):
        (tmp_path / schedule.DOCUMENT).write_text(text)
        return [problem.what for problem in schedule.schedules_fit(tmp_path)]

    find.root = tmp_path
    return find


def test_a_guide_that_adds_up_has_no_problem(problems):
    assert problems(document()) == []


def test_a_schedule_that_is_too_long_says_by_how_much(problems):
    rows = [*ROWS, ("0:42", 5, "questions")]

    assert problems(document(rows)) == ["47 minutes in 45: 2 too many"]


def test_a_row_that_begins_when_the_one_before_has_not_ended_is_a_problem(problems):
    rows = [*ROWS[:2], ("0:20", 20, "break")]

    assert problems(document(rows)) == ["break begins at 0:22, not at 0:20"]


def test_an_exercise_takes_what_its_toml_says_in_the_schedule_and_in_the_table(problems):
    rows = [ROWS[0], ("0:10", 11, "exercise 03-money-is-not-a-float")]
    minutes = MINUTES | {"exercise 04-untangle-the-fees": 19}

    assert problems(document(rows, minutes=minutes)) == [
        "exercise 04-untangle-the-fees takes 20 minutes in its exercise.toml, not 19",
        "exercise 03-money-is-not-a-float takes 12 minutes, not 11",
    ]


def test_a_step_takes_what_its_readme_says(problems):
    say_minutes(problems.root, STEPS[0], "10 minutes")
    say_minutes(problems.root, STEPS[10], "**Minutes:** 8 · no rung")

    assert problems(document()) == [
        "the README.md of step 00-feel-it does not say its minutes",
        "step 10-close-the-walls takes 8 minutes in its README.md, not 10",
    ]


def test_a_request_goes_without_its_number(problems):
    toml = problems.root / "exercises" / "04-untangle-the-fees" / "exercise.toml"
    toml.write_text("dealt_after = 3\n" + toml.read_text())
    minutes = {name.replace("exercise 04-untangle", "request untangle"): number for name, number in MINUTES.items()}

    assert problems(document(minutes=minutes)) == []


@pytest.mark.parametrize("name", ["exercise 05-nothing", "step 03-nothing", "lunch"])
def test_a_row_that_names_nothing_is_a_problem(problems, name):
    (problem,) = problems(document([*ROWS[:2], ("0:22", 5, name)]))

    assert problem.startswith(f"{name!r} is neither in the table of all minutes nor one of set-up")


def test_a_table_that_lists_what_is_not_there_or_misses_what_is_there(problems):
    minutes = {name: number for name, number in MINUTES.items() if name != STEPS[3]} | {"exercise 05-nothing": 10}

    assert problems(document(minutes=minutes)) == [
        "the table of all minutes misses step 03-the-rest-follow",
        "there is no exercise 05-nothing",
    ]


def test_no_stretch_is_too_long_without_a_break(problems):
    rows = [("0:00", 40, "set-up"), ("0:40", 40, "talk")]

    assert problems(document(rows, length=90)) == ["80 minutes without a break; at most 70"]


def test_what_to_cut_names_its_row_and_may_go_on_in_the_next_line():
    rows = [*ROWS[:2], ("0:22", 10, "request add-gift-notes"), ("0:32", 13, "questions")]
    late = "\n- 10: leave out the request: learners go on\n  after exercise 3.\n- 12: show exercise 3.\n\n## Later\n\n- 5: no cut\n"

    (found, *_) = schedule.schedules((document(rows).split("\n\n")[0] + "\n" + late).splitlines())

    assert [(cut.minutes, cut.row, cut.text) for cut in found.cuts] == [
        (10, "request add-gift-notes", "leave out the request: learners go on after exercise 3."),
        (12, "exercise 03-money-is-not-a-float", "show exercise 3."),
    ]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("- 10: speak faster", "this cut names no row of the schedule: speak faster"),
        ("- 10: leave out exercise 4", "this cut names no row of the schedule: leave out exercise 4"),
        ("- 13: leave out exercise 3", "cutting exercise 03-money-is-not-a-float cannot save 13 minutes: it takes 12"),
    ],
)
def test_a_cut_that_cannot_be_made_is_a_problem(problems, item, said):
    first, rest = document().split("\n\n", 1)

    assert problems(f"{first}\n\n{item}\n\n## Other lengths\n\n{rest}") == [said]


def test_set_up_counts_and_comes_first(problems):
    assert "the first row must be set-up, even if it takes 0 minutes" in problems(document(ROWS[1:]))


@pytest.mark.parametrize("length", schedule.LENGTHS)
def test_each_length_needs_its_schedule(problems, length):
    text = document().replace(f"<!-- schedule: {length} minutes -->", "")

    assert f"one schedule of {length} minutes is needed: <!-- schedule: {length} minutes -->" in problems(text)


def test_a_cell_that_is_no_number_does_not_pass(problems):
    assert problems(document([("0:00", "some", "set-up")])) != []


def test_this_guide_adds_up():
    assert [str(problem) for problem in schedule.schedules_fit()] == []
