"""The commands on the walk, as a learner types them."""

import pytest
from click.testing import CliRunner
from small_road import read

from workshop.__main__ import cli
from workshop.base.problems import CommandFailed
from workshop.commands import exercises, road, walk
from workshop.walk.catching_up import reading
from workshop.walk.walk import Arrival


@pytest.fixture
def ws(workshop, monkeypatch):
    monkeypatch.delenv("WS_WALK", raising=False)
    monkeypatch.setenv("WS_WORK", str(workshop / "work"))
    for module in (exercises, road, walk):
        monkeypatch.setattr(module, "ROOT", workshop)

    def run(*arguments):
        return CliRunner().invoke(cli, arguments, catch_exceptions=True)

    return run


def said(result):
    assert result.exception is None or result.exit_code == 1, result.exception
    return result.output


def test_walk_lists_the_commits_so_that_a_room_can_compare_them(ws):
    lines = said(ws("walk")).splitlines()

    assert lines[0] == "walk/ is at before."
    assert [line.split(maxsplit=1)[1] for line in lines[2:7]] == [
        "before",
        "step-01, name-the-language",
        "step-02, one-format-out",
        "step-03, the-rest-follow (rung: registry)",
        "after",
    ]
    assert lines[5].split()[0] == lines[6].split()[0] == "2f7e67e5a8"


def test_step_tells_where_the_learners_changes_are_and_how_to_get_them_back(ws, workshop):
    ws("step", "1")
    (workshop / "walk" / "mine.py").write_text("mine")

    lines = said(ws("step", "3")).splitlines()

    assert lines == [
        "Saved: what you had changed is on the branch yours/step-01.",
        "  git -C walk checkout yours/step-01 brings it back.",
        "walk/ is at step-03, the-rest-follow.",
    ]


def test_diff_needs_no_walk_and_takes_paths(ws, workshop, capfd):
    assert ws("diff", "1", "2", "--stat").exit_code == 0
    stat = capfd.readouterr().out
    ws("diff", "1", "2", "--", "webhooks/formats")
    some = capfd.readouterr().out

    assert "webhooks/{models.py => rows.py}" in stat
    assert "2 files changed" in stat
    assert "+NAME = 'csv'" in some
    assert "rows.py" not in some
    assert not (workshop / "walk").exists()


def test_catching_up_says_in_two_lines_what_to_read(ws):
    ws("step", "1")

    lines = said(ws("catchup", "--step", "3")).splitlines()

    assert lines == [
        "walk/ is at step-03, the-rest-follow.",
        "You passed steps 2 to 3: read “If you are late” in the README of"
        " steps/02-one-format-out/, steps/03-the-rest-follow/.",
        "Go on with steps/04-extract-services/README.md.",
    ]


def test_catching_up_to_the_present_stage_says_so():
    assert list(reading(Arrival("step-10", "step-10", ()))) == [
        "You had already reached this stage: steps/10-close-the-walls/README.md describes it.",
        "That was the last step: docs/after.md says how the server is built now.",
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["step", "12"], "There is no stage '12'. Use before, after, or a step from 1 to 10."),
        (["step", ""], "Which stage? Use before, after, or a step from 1 to 10."),
        (
            ["diff", "1", "7"],
            "There is no stage step-07 yet. The stages are: before, step-01, step-02, step-03, after.",
        ),
        (["bet", "2"], "Name files, such as: webhooks/models.py webhooks/money.py. A folder ends with a /."),
        (["dev", "rebase"], "Name a step, or use --continue or --abort."),
        (["dev", "export"], "There is no walk/ yet: make walk makes it."),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(ws, arguments, expected):
    problem = ws(*arguments).exception

    assert isinstance(problem, CommandFailed)
    assert str(problem) == expected


def test_an_exercise_and_a_step_are_caught_up_with_one_at_a_time(ws):
    assert isinstance(ws("catchup", "4", "--step", "3").exception, CommandFailed)


def test_a_bet_shows_hits_and_misses(ws):
    lines = said(ws("bet", "2", "webhooks/models.py", "webhooks/views.py")).splitlines()

    assert lines == [
        "02-one-format-out: you named 2, 2 change.",
        "  hit     webhooks/models.py: moved to webhooks/rows.py",
        "  unseen  webhooks/formats/csv.py: new",
        "  miss    webhooks/views.py: does not change",
        "You found 1 of 2.",
    ]


def test_a_bet_on_a_misspelt_file_says_that_there_is_none(ws):
    assert "  miss    webhooks/vews.py: no such file, before or after" in said(ws("bet", "2", "webhooks/vews.py"))


def test_a_maintainers_change_goes_the_whole_way_by_commands_alone(ws, workshop):
    ws("step", "1")
    (workshop / "walk" / "webhooks" / "money.py").write_text("class Money:\n    digits = 2\n")

    rebased = said(ws("dev", "rebase", "1"))
    exported = said(ws("dev", "export", "--after"))

    assert "Carried forward: 3 stages have moved, up to step-03." in rebased
    assert "wrote after/webhooks/money.py" in exported
    assert read(workshop / "after")["webhooks/money.py"] == "class Money:\n    digits = 2\n"
    assert said(ws("dev", "export")) == "steps/ already has these commits.\n"
    assert said(ws("step", "3")) == "walk/ is at step-03, the-rest-follow.\n"
