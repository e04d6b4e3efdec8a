"""`./ws test-step`: what a learner changed in walk/ is what is tested."""

import shutil
from pathlib import Path

import pytest
from small_road import files_after, learners_git

from workshop.base.names import stage_name
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage
from workshop.walk.walk import Walk
from workshop.walk.yours import choose

PUBLISHED = Path("published")


@pytest.fixture
def laid(workshop, finished_workshop, monkeypatch):
    monkeypatch.delenv("WS_WALK", raising=False)
    monkeypatch.setattr("workshop.walk.yours.stage", lambda name: Stage(stage_name(name), PUBLISHED))
    shutil.copytree(finished_workshop / "walk", workshop / "walk")
    found = Walk(workshop)
    found.go("2")
    return found


def change(found: Walk) -> str:
    name = next(iter(files_after(2)))
    (found.folder / name).write_text("changed\n")
    return name


def test_a_stage_that_nobody_changed_is_the_published_one(laid):
    chosen = choose("2", laid)

    assert (chosen.stage, chosen.said) == (Stage("step-02", PUBLISHED), "")


def test_a_changed_walk_is_tested_when_its_stage_is_asked_for(laid):
    name = change(laid)

    chosen = choose("step-2", laid)

    assert chosen.stage.folder == laid.folder
    assert f"1 file changed by you: {name}" in chosen.said


def test_a_new_file_and_a_commit_are_changes_too(laid):
    (laid.folder / "new.py").write_text("")
    name = change(laid)
    learners_git(laid.folder, "commit", "--quiet", "--all", "--message", "Mine")

    chosen = choose("2", laid)

    assert (
        f"2 files changed by you: {name}, new.py" in chosen.said
        or f"2 files changed by you: new.py, {name}" in chosen.said
    )


def test_another_stage_is_the_published_one_even_if_walk_has_changes(laid):
    change(laid)

    assert choose("1", laid).stage == Stage("step-01", PUBLISHED)


@pytest.mark.parametrize("asked", ["", "walk"])
def test_without_a_step_walk_is_tested_as_it_is(laid, asked):
    chosen = choose(asked, laid)

    assert chosen.stage.folder == laid.folder
    assert chosen.said.startswith("Testing walk/ as it is now: step-02") and "unchanged" in chosen.said


def test_a_walk_that_is_not_there_is_named(workshop):
    with pytest.raises(CommandFailed, match="make walk"):
        choose("", Walk(workshop))
