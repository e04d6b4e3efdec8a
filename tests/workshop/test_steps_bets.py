"""Bets on which files change: hits, and the file of the bets."""

import pytest
from small_road import write

from workshop import ROOT
from workshop.base import bets
from workshop.base.bets import Bet, Question, place, read_bets
from workshop.base.problems import CommandFailed
from workshop.walk.bets import of_step


@pytest.fixture
def file(tmp_path):
    return tmp_path / "work" / ".bets.json"


def test_a_bet_is_saved_with_the_named_and_the_changed_files(workshop, file):
    placed = place(of_step("2", workshop), ["models.py", "webhooks/views.py"], file)

    assert placed.about == "02-one-format-out"
    assert (placed.hits, placed.unseen, placed.misses) == (
        ["webhooks/models.py"],
        ["webhooks/formats/csv.py"],
        ["webhooks/views.py"],
    )
    assert read_bets(file) == [placed]


def test_what_a_step_does_to_a_file_is_said(workshop):
    question = of_step("2", workshop)

    assert question.changed == {"webhooks/formats/csv.py": "new", "webhooks/models.py": "moved to webhooks/rows.py"}
    assert "webhooks/models.py" in question.here
    assert not [path for path in question.here if path.startswith(("tests/", "plumbing/"))]


def test_bets_are_kept_in_order(workshop, file):
    for step in ("1", "3", "1"):
        place(of_step(step, workshop), ["webhooks/views.py"], file)

    assert [bet.about for bet in read_bets(file)] == [
        "01-name-the-language",
        "03-the-rest-follow",
        "01-name-the-language",
    ]


def test_a_folder_hits_what_is_in_it():
    bet = Bet(
        "x", ("webhooks/formats/", "clients/"), ("webhooks/formats/csv.py", "webhooks/formats/xml.py", "a.py"), ""
    )

    assert (bet.hits, bet.unseen, bet.misses) == (
        ["webhooks/formats/csv.py", "webhooks/formats/xml.py"],
        ["a.py"],
        ["clients/"],
    )


def test_a_name_that_is_there_twice_must_be_given_with_its_folder(file):
    question = Question("x", "?", ["clients/models.py", "webhooks/models.py"], {})

    with pytest.raises(
        CommandFailed, match=r"models.py is clients/models.py or webhooks/models.py: write which one you mean"
    ):
        place(question, ["models.py"], file)
    assert place(question, ["clients/models.py"], file).named == ("clients/models.py",)


def test_a_number_means_the_file_at_that_place_of_the_list(file):
    question = Question("x", "?", ["clients/models.py", "webhooks/models.py"], {})

    assert place(question, ["2"], file).named == ("webhooks/models.py",)


@pytest.mark.parametrize("number", ["0", "3"])
def test_a_number_that_is_not_in_the_list_gives_no_answer_away(file, number):
    question = Question("x", "?", ["clients/models.py", "webhooks/models.py"], {})

    with pytest.raises(CommandFailed, match=rf"no file {number}. The numbers are 1 to 2"):
        place(question, ["1", number], file)
    assert read_bets(file) == []


def test_a_bet_on_nothing_is_refused(workshop, file):
    with pytest.raises(CommandFailed, match=r"Name files, such as: webhooks/models.py"):
        place(of_step("1", workshop), [" "], file)


@pytest.mark.parametrize("step", ["11", "", "x"])
def test_a_step_that_cannot_be_is_refused(workshop, step):
    with pytest.raises(CommandFailed, match=r"Use before, after, or a step from 1 to 10"):
        of_step(step, workshop)


def test_step_0_asks_which_files_a_new_format_would_touch():
    question = of_step("0", ROOT)

    assert set(question.changed) == {"webhooks/models.py", "webhooks/options.py", "webhooks/payloads.py"}


def test_each_bet_is_a_line_and_the_last_one_counts(workshop, file, monkeypatch):
    monkeypatch.setenv("WS_WORK", str(file.parent))
    for step, named in (("1", "webhooks/views.py"), ("3", "webhooks/rows.py"), ("1", "webhooks/models.py")):
        place(of_step(step, workshop), [named])

    assert bets.lines() == [
        "01-name-the-language: found 0 of 2 files, named 1 wrongly",
        "03-the-rest-follow: found 0 of 2 files, named 1 wrongly",
    ]


def test_a_file_that_cannot_be_read_holds_no_bets(file):
    write(file.parent, {file.name: "[{"})

    assert read_bets(file) == []


def test_bets_are_next_to_the_progress(monkeypatch, tmp_path):
    monkeypatch.setenv("WS_WORK", str(tmp_path))
    assert bets.bets_file() == tmp_path / ".bets.json"

    monkeypatch.delenv("WS_WORK")
    assert bets.bets_file().relative_to(ROOT).as_posix() == "work/.bets.json"
