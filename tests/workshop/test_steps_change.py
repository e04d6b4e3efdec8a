"""./ws dev change: one command takes a change through all steps, stops at a problem, and goes on from there."""

import shutil

import pytest
from small_road import files_after, read

from workshop.base.problems import CommandFailed
from workshop.maintaining import change as changing
from workshop.maintaining.change import Change
from workshop.maintaining.road.rebase import Rebase
from workshop.walk.walk import Walk


@pytest.fixture
def asked(monkeypatch):
    """The calls of the parts that need real stages; `green` says whether the check is green."""
    calls = {"measure": [], "check": 0, "green": True}

    def check_steps():
        calls["check"] += 1
        return calls["green"]

    monkeypatch.setattr(changing.setup, "make", lambda groups: None)
    monkeypatch.setattr(changing.measure, "measure", lambda names: iter(calls["measure"].append(names) or ["measured"]))
    monkeypatch.setattr(changing.recordings, "record", lambda names, root: iter(["recorded"]))
    monkeypatch.setattr(changing.curve, "write", lambda root: "drew")
    monkeypatch.setattr(changing, "check_steps", check_steps)
    return calls


@pytest.fixture
def walk(workshop, finished_workshop, monkeypatch):
    monkeypatch.delenv("WS_WALK", raising=False)
    shutil.copytree(finished_workshop / "walk", workshop / "walk")
    (workshop / "before" / "manage.py").touch()
    return Walk(workshop)


def test_a_change_goes_the_whole_way(workshop, walk, asked):
    walk.go("1")
    (walk.folder / "webhooks" / "money.py").write_text("class Money:\n    digits = 2\n")

    said = list(Change(workshop).start(1))

    parts = "rebase, export, excerpts, record, measure, figures, transcripts, check"
    assert said[-1].startswith(f"Done: {parts}.")
    assert read(workshop / "after")["webhooks/money.py"] == "class Money:\n    digits = 2\n"
    assert asked["check"] == 1
    assert not (workshop / "var" / "change").exists()


def test_a_conflict_stops_it_and_it_goes_on_when_that_is_fixed(workshop, walk, asked):
    walk.go("1")
    (walk.folder / "webhooks" / "views.py").write_text("def retry():\n    return 404\n")
    with pytest.raises(CommandFailed, match=r"Stopped at rebase: step-03, .*conflicts in webhooks/views.py"):
        list(Change(workshop).start(1))
    (walk.folder / "webhooks" / "views.py").unlink()

    said = list(Change(workshop).go_on())

    assert said[-1].startswith("Done: ")
    assert read(workshop / "after") == files_after(3)


def test_a_part_that_is_done_is_not_done_again(workshop, walk, asked):
    asked["green"] = False
    walk.go("1")
    (walk.folder / "webhooks" / "money.py").write_text("class Money:\n    digits = 2\n")
    with pytest.raises(CommandFailed, match=r"(?s)Stopped at check: .*--continue.*If the fix is in walk/, give up"):
        list(Change(workshop).start(1))
    asked["green"] = True

    said = list(Change(workshop).go_on())

    assert said == ["== check", "all green", said[-1]]
    assert (len(asked["measure"]), asked["check"]) == (1, 2)


def test_a_change_that_is_given_up_can_begin_again(workshop, walk, asked):
    walk.go("1")
    (walk.folder / "webhooks" / "views.py").write_text("def retry():\n    return 404\n")
    with pytest.raises(CommandFailed):
        list(Change(workshop).start(1))
    with pytest.raises(CommandFailed, match="A change of step 1 is unfinished"):
        list(Change(workshop).start(1))

    said = list(Change(workshop).abort())

    assert said[-1].startswith("Given up: nothing was done.")
    with pytest.raises(CommandFailed, match="There is no unfinished change"):
        list(Change(workshop).go_on())


@pytest.fixture
def stopped(workshop, walk, asked):
    """A change that has stopped at a conflict."""
    walk.go("1")
    (walk.folder / "webhooks" / "views.py").write_text("def retry():\n    return 404\n")
    with pytest.raises(CommandFailed, match="Stopped at rebase"):
        list(Change(workshop).start(1))
    return Change(workshop)


def test_a_rebase_that_was_ended_by_hand_is_gone_on_from(workshop, walk, stopped):
    (walk.folder / "webhooks" / "views.py").unlink()
    Rebase(walk).go_on()

    said = list(stopped.go_on())

    assert "The rebase has ended already." in said
    assert read(workshop / "after") == files_after(3)


def test_a_rebase_that_was_given_up_by_hand_leaves_a_change_that_can_be_given_up(workshop, walk, stopped):
    Rebase(walk).abort()
    with pytest.raises(CommandFailed, match="The rebase was given up"):
        list(stopped.go_on())

    list(stopped.abort())

    assert not (workshop / "var" / "change").exists()


def test_a_rebase_of_another_step_is_not_taken_for_that_of_the_change(workshop, walk, asked):
    walk.go("1")
    (walk.folder / "webhooks" / "views.py").write_text("def retry():\n    return 404\n")
    with pytest.raises(CommandFailed):
        Rebase(walk).start(1)

    with pytest.raises(CommandFailed, match="A rebase is unfinished"):
        list(Change(workshop).start(2))

    assert asked["measure"] == []


def test_where_nothing_was_changed_nothing_begins(workshop, walk, asked):
    walk.go("2")

    with pytest.raises(CommandFailed, match="Nothing has been changed at step-02"):
        list(Change(workshop).start(2))
    assert not (workshop / "var" / "change").exists()
