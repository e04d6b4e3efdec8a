"""`./ws receipt`: what a learner did, chose and promised, as text that a chat takes."""

import json
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner

from workshop.__main__ import cli
from workshop.base import bets
from workshop.exercises import catalogue, progress, receipt
from workshop.exercises.progress import Progress
from workshop.exercises.workfolder import WorkFolder

TODAY = date(2026, 11, 24)
ANSWERS = """
[stock]
rung = "plain"
because = "one table,\\nand nobody else hears of it"

[disputes]
rung = ""
because = ""

[yours]
rung = "core"
because = "the rules change monthly"
"""


@pytest.fixture
def work(tmp_path):
    return WorkFolder(tmp_path / "work")


@pytest.fixture
def fees():
    return catalogue.find("untangle-the-fees")


@pytest.fixture
def choosing(tmp_path, fees):
    """The exercise that asks for rungs, as far as the receipt looks at it."""
    chosen = replace(fees, folder=tmp_path / "exercises" / "07-which-rung", title="Which rung")
    chosen.start.mkdir(parents=True)
    (chosen.start / "answers.toml").write_text('[stock]\nrung = ""\n')
    (chosen.folder / "README.md").write_text("# Which rung\n")
    return chosen


def text_of(exercises, work):
    return "\n".join(receipt.receipt(exercises, work, TODAY))


def test_it_says_what_was_done_in_which_time_and_with_how_many_hints(work, fees):
    with work.changing() as state:
        standing = state.of(fees)
        standing.state, standing.seconds = "done", 26 * 60 + 10
        standing.hints = {fees.checks[0].id: 2, fees.checks[1].id: 99, "a-check-of-yesterday": 3}
        state.sign, state.commit = "hidden work in orders/signals.py", "Pin the tax rules with tests"

    said = text_of([fees], work)

    assert said == (
        "Django refactoring workshop, 2026-11-24\n\n"
        "1 of 1 exercises done, 26 minutes at work:\n"
        f"4. Untangle the fees: done, 26 of 20 minutes, {2 + len(fees.checks[1].hints.texts)} hints\n\n"
        "My sign: hidden work in orders/signals.py\n"
        "First commit in my own project: Pin the tax rules with tests"
    )


def test_before_the_first_exercise_it_says_so(work, fees):
    assert "No exercise started." in text_of([fees], work)
    assert "My sign: not named yet; ./ws signs PATH, then ./ws receipt --sign TEXT" in text_of([fees], work)
    assert "own project: not named yet; ./ws receipt --commit TEXT" in text_of([fees], work)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_rungs_are_those_of_the_answers_and_each_is_one_line(work, choosing, encoding):
    work.lay(choosing)
    (work.folder / "answers.toml").write_text(ANSWERS, encoding=encoding)

    said = text_of([choosing], work)

    assert (
        "Rungs:\nstock: plain, because one table, and nobody else hears of it\n"
        "my own project: core, because the rules change monthly\n"
    ) in said
    assert "disputes" not in said


def test_answers_that_were_left_are_found_where_they_were_saved(work, choosing, fees):
    work.lay(choosing)
    (work.folder / "answers.toml").write_text(ANSWERS)
    work.lay(fees)

    assert "stock: plain" in text_of([choosing, fees], work)


def test_a_request_is_not_announced_by_a_count(work, fees):
    request = replace(fees, folder=fees.folder.with_name("11-add-gift-notes"), dealt_after=4)
    with work.changing() as state:
        state.of(fees).state = "done"
    assert "1 of 1 exercises done" in text_of([fees, request], work)

    with work.changing() as state:
        state.of(request).state = "begun"
    assert "1 of 2 exercises done" in text_of([fees, request], work)


def test_answers_that_cannot_be_read_leave_the_rest_of_the_receipt(work, choosing):
    work.lay(choosing)
    (work.folder / "answers.toml").write_text("[stock\nrung =")

    assert "Rungs" not in text_of([choosing], work)


def test_the_last_bet_on_each_step_is_shown(work, fees):
    formats = bets.Question("00-feel-it", "Which?", ["a.py", "b.py", "c.py"], {"a.py": "changed", "b.py": "changed"})
    bets.place(formats, ["c.py"], work.folder / bets.FILE)
    bets.place(formats, ["a.py", "c.py"], work.folder / bets.FILE)

    assert "Bets:\n00-feel-it: found 1 of 2 files, named 1 wrongly\n" in text_of([fees], work)


def test_without_a_bet_there_are_none(work, fees):
    assert "Bets" not in text_of([fees], work)


def test_what_a_learner_wrote_cannot_leave_its_line():
    assert receipt.one_line("a\nb\x1b[31m\tc\u202e") == "a b [31m c"
    assert len(receipt.one_line("x" * 5000)) == receipt.LONGEST


@pytest.fixture
def ws(work, monkeypatch):
    monkeypatch.setenv("WS_WORK", str(work.folder))
    return lambda *arguments: CliRunner().invoke(cli, arguments)


def test_the_first_commit_is_remembered_and_may_be_changed(ws):
    ws("receipt", "--commit", "Pin the tax rules")
    assert "own project: Pin the tax rules" in ws("receipt").output

    ws("receipt", "--commit", "Name the money")
    assert "own project: Name the money" in ws("receipt").output


def test_the_sign_is_remembered_next_to_the_first_commit(ws):
    ws("receipt", "--sign", "Order.save() books stock too")
    ws("receipt", "--commit", "Pin the tax rules")

    assert ws("receipt").output.endswith(
        "My sign: Order.save() books stock too\nFirst commit in my own project: Pin the tax rules\n"
    )


def test_at_a_terminal_the_sign_and_the_commit_are_asked_for_and_enter_keeps_the_old_answer(work, monkeypatch):
    monkeypatch.setenv("WS_WORK", str(work.folder))
    monkeypatch.setattr("workshop.exercises.loop.is_interactive", lambda: True)

    CliRunner().invoke(cli, ["receipt"], input="a mail before the commit\n\n")
    told = CliRunner().invoke(cli, ["receipt"], input="\nMove the mail\n").output

    assert "My sign: a mail before the commit\n" in told
    assert "own project: Move the mail\n" in told


def test_a_receipt_changes_nothing_where_nothing_was_promised(ws, work):
    assert ws("receipt").exit_code == 0
    assert not work.folder.exists()


def test_time_counts_from_one_sign_of_work_to_the_next_but_not_over_lunch(fees):
    state = Progress(seen=1000.0)

    state.spend(fees, 1000.0 + 90)
    state.spend(fees, 1090.0 + 3600)
    state.spend(fees, 500.0)
    state.spend(fees, 530.0)

    assert state.of(fees).seconds == 90 + progress.LONGEST_PAUSE + 30


def test_work_counts_until_an_exercise_is_done(ws, work, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr("time.time", lambda: clock[0])
    ws("go", "4")
    exercise = catalogue.find("4")
    for seconds in (60, 120):
        clock[0] += seconds
        assert ws("check").exit_code == 1
    assert work.read().of(exercise).minutes == 3

    with work.changing() as state:
        state.of(exercise).state = "done"
    clock[0] += 60
    ws("check")

    assert work.read().of(exercise).minutes == 3


def test_progress_that_an_older_version_wrote_is_read(work, fees):
    work.folder.mkdir()
    old = {"version": 1, "current": fees.name, "laying": None}
    old["exercises"] = {fees.name: {"state": "done", "hints": {}, "files": {}}}
    work.progress_file.write_text(json.dumps(old))

    assert f"4. {fees.title}: done, 0 of 20 minutes, no hint" in text_of([fees], work)
    assert work.notes == []
