"""./ws dev rebase: a change of an early step reaches every later stage, and after/, or stops at a named commit."""

import shutil

import pytest
from small_road import files_after, learners_git, read

from workshop.base import road, series
from workshop.base.problems import CommandFailed
from workshop.maintaining.road.export import export
from workshop.maintaining.road.rebase import Rebase
from workshop.walk.walk import Walk


@pytest.fixture
def walk(workshop, finished_workshop, monkeypatch):
    monkeypatch.delenv("WS_WALK", raising=False)
    shutil.copytree(finished_workshop / "walk", workshop / "walk")
    return Walk(workshop)


@pytest.fixture
def rebase(walk):
    return Rebase(walk)


def at(walk, tag, name):
    return learners_git(walk.folder, "show", f"{tag}:{name}")


def subjects(walk, old, new):
    return learners_git(walk.folder, "log", "--reverse", "--format=%s", f"{old}..{new}").splitlines()


def test_a_line_changed_in_an_early_step_reaches_after_and_all_patches(workshop, walk, rebase):
    walk.go("1")
    (walk.folder / "webhooks" / "money.py").write_text("class Money:\n    digits = 2\n")

    said = rebase.start(1)
    written = export(walk.git, workshop, after=True).written
    walk.adopt()

    assert said == [
        "Uncommitted changes become part of “Use the money”.",
        "Carried forward: 3 stages have moved, up to step-03.",
        "./ws dev export --after writes steps/ and after/.",
    ]
    assert written == [
        "steps/01-name-the-language/0002-Use-the-money.patch",
        "steps/01-name-the-language/tree.md",
        "after/webhooks/money.py",
    ]
    assert read(workshop / "after") == files_after(3) | {"webhooks/money.py": "class Money:\n    digits = 2\n"}
    laid = road.road(workshop)
    assert laid.stages() == ["before", "step-01", "step-02", "step-03", "after"]
    assert export(walk.git, workshop).written == []
    assert learners_git(walk.folder, "rev-parse", "step-03") == laid.tags()["step-03"]
    assert walk.go("3").saved == ()


def test_a_commit_on_top_becomes_one_of_the_step(walk, rebase):
    walk.go("2")
    (walk.folder / "webhooks" / "xml.py").write_text("NAME = 'xml'\n")
    learners_git(walk.folder, "add", "--all")
    learners_git(walk.folder, "commit", "-q", "-m", "Move another format out")

    rebase.start(2)

    assert subjects(walk, "step-01", "step-02")[-1] == "Move another format out"
    assert subjects(walk, "step-02", "step-03") == ["Close the walls"]
    assert at(walk, "step-03", "webhooks/xml.py") == "NAME = 'xml'"
    assert walk.standing().rebased


def test_a_fixup_becomes_part_of_its_commit(walk, rebase):
    walk.go("1")
    (walk.folder / "webhooks" / "money.py").write_text("class Money:\n    digits = 2\n")
    learners_git(walk.folder, "commit", "-q", "-a", "-m", "fixup! Name the money")

    rebase.start(1)

    assert subjects(walk, "before", "step-01") == ["Name the money", "Use the money"]
    assert at(walk, "step-01^", "webhooks/money.py") == "class Money:\n    digits = 2"
    assert at(walk, "step-03", "webhooks/money.py") == "class Money:\n    digits = 2"


def test_a_fixup_of_no_commit_of_the_step_is_refused(walk, rebase):
    walk.go("2")
    (walk.folder / "webhooks" / "money.py").write_text("class Money:\n    digits = 2\n")
    learners_git(walk.folder, "commit", "-q", "-a", "-m", "fixup! Name the money")

    with pytest.raises(CommandFailed, match="'fixup! Name the money' belongs to no commit of step 2"):
        rebase.start(2)


def test_the_last_commit_may_be_amended(walk, rebase):
    walk.go("1")
    learners_git(walk.folder, "commit", "-q", "--amend", "-m", "Use the money everywhere")

    rebase.start(1)

    assert subjects(walk, "before", "step-01") == ["Name the money", "Use the money everywhere"]
    assert at(walk, "step-03", "webhooks/walls.py") == "CLOSED = True"


def test_a_change_of_before_itself_is_carried_too(workshop, walk, rebase):
    walk.go("before")
    (walk.folder / "plumbing" / "keys.py").write_text("KEY = 2\n")

    rebase.start(0)
    export(walk.git, workshop, before=True, after=True)

    assert read(workshop / "before") == files_after(0) | {"plumbing/keys.py": "KEY = 2\n"}
    assert read(workshop / "after") == files_after(3) | {"plumbing/keys.py": "KEY = 2\n"}
    assert "after" in road.road(workshop).stages()


@pytest.fixture
def stopped(walk, rebase):
    """Step 1 now writes the function that step 3 removes."""
    walk.go("1")
    (walk.folder / "webhooks" / "views.py").write_text("def retry():\n    return 404\n")
    with pytest.raises(CommandFailed) as conflict:
        rebase.start(1)
    return str(conflict.value)


def test_a_conflict_says_where_and_how_to_go_on(walk, stopped):
    assert stopped == (
        "step-03, “Close the walls” conflicts in webhooks/views.py.\n"
        "Fix that in walk/, then: ./ws dev rebase --continue. Or give up: ./ws dev rebase --abort."
    )
    with pytest.raises(CommandFailed, match=r"A rebase is unfinished in walk/"):
        walk.go("2")


def test_a_rebase_goes_on_after_a_conflict_is_fixed(walk, rebase, stopped):
    (walk.folder / "webhooks" / "views.py").unlink()

    rebase.go_on()

    assert subjects(walk, "step-02", "step-03") == ["Close the walls"]
    assert at(walk, "step-01", "webhooks/views.py") == "def retry():\n    return 404"
    assert learners_git(walk.folder, "ls-tree", "--name-only", "step-03", "webhooks/") == "\n".join(
        ["webhooks/formats", "webhooks/money.py", "webhooks/rows.py", "webhooks/walls.py"]
    )


def test_who_has_committed_the_mending_goes_on_too(walk, rebase, stopped):
    learners_git(walk.folder, "rm", "-q", "--force", "webhooks/views.py")
    learners_git(walk.folder, "commit", "-q", "--no-edit")

    rebase.go_on()

    assert subjects(walk, "step-02", "step-03") == ["Close the walls"]


def test_markers_that_are_left_stop_it(walk, rebase, stopped):
    (walk.folder / "webhooks" / "views.py").write_text("<<<<<<< HEAD\nmine\n=======\ntheirs\n>>>>>>> Close\n")

    with pytest.raises(CommandFailed, match=r"conflict markers in webhooks/views.py"):
        rebase.go_on()


def test_giving_up_moves_no_tag_and_keeps_the_change(walk, rebase, stopped):
    old = road.road(walk.root).tags()

    rebase.abort()

    assert road.tags(walk.git) == old
    assert (walk.folder / "webhooks" / "views.py").read_text() == "def retry():\n    return 404\n"
    walk.go("2")
    kept = learners_git(walk.folder, "branch", "--list", "yours/*", "--format=%(refname:short)").splitlines()
    assert "def retry():\n    return 404" in [at(walk, branch, "webhooks/views.py") for branch in kept]


def test_a_commit_that_has_nothing_left_to_do_is_dropped_and_named(walk, rebase):
    walk.go("2")
    (walk.folder / "webhooks" / "views.py").unlink()
    (walk.folder / "webhooks" / "walls.py").write_text("CLOSED = True\n")

    said = rebase.start(2)

    assert "“Close the walls” of step 3 is dropped: an earlier commit already makes its change." in said


def test_where_nothing_was_changed_there_is_nothing_to_carry(walk, rebase):
    walk.go("2")

    with pytest.raises(CommandFailed, match=r"Nothing has been changed at step-02"):
        rebase.start(2)


@pytest.mark.parametrize(("here", "number", "said"), [("3", 1, "beyond step 1"), ("1", 3, "not at step 3")])
def test_from_another_stage_it_says_where_to_go(walk, rebase, here, number, said):
    walk.go(here)

    with pytest.raises(CommandFailed, match=rf"{said}: make step STEP={number}"):
        rebase.start(number)


def test_without_a_rebase_there_is_nothing_to_go_on_with(rebase):
    with pytest.raises(CommandFailed, match=r"There is no unfinished rebase"):
        rebase.go_on()


def test_what_was_carried_and_not_exported_yet_is_not_lost_by_walking(workshop, walk, rebase):
    walk.go("1")
    (walk.folder / "webhooks" / "money.py").write_text("class Money:\n    digits = 2\n")
    rebase.start(1)

    walk.go("3")

    assert (walk.folder / "webhooks" / "money.py").read_text() == "class Money:\n    digits = 2\n"
    assert series.read(workshop).key == walk.standing().series
