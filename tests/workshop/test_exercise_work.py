"""work/: no line of the learner's is lost, even if setting up an exercise is interrupted."""

import errno
import json
import os
import shutil
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from workshop.base.problems import CommandFailed
from workshop.exercises import catalogue, trees, workfolder
from workshop.exercises.progress import read as read_progress
from workshop.exercises.workfolder import WorkFolder

THEIRS = b"# three evenings of work\n"
FEES = "payments/fees.py"


@pytest.fixture(scope="module")
def fees():
    return catalogue.find("untangle-the-fees")


@pytest.fixture(scope="module")
def money():
    return catalogue.find("money-is-not-a-float")


@pytest.fixture
def work(tmp_path, fees):
    """The fees exercise, started, with a line of the learner's in an old and in a new file."""
    made = WorkFolder(tmp_path / "work")
    made.lay(fees)
    (made.folder / FEES).write_bytes(THEIRS)
    (made.folder / "payments" / "rules.py").write_bytes(THEIRS)
    return made


def everywhere(work):
    """The number of copies of the learner's line in work/ and in the saved copies."""
    return sum(path.read_bytes() == THEIRS for path in work.folder.parent.glob("work*/**/*.py"))


def test_an_exercise_is_laid_out_with_its_readme(tmp_path, fees):
    work = WorkFolder(tmp_path / "work")

    saved = work.lay(fees)

    assert saved is None
    assert work.contents() == trees.contents(fees.start) | {"README.md": (fees.folder / "README.md").read_bytes()}
    assert work.read().current == fees.name


def test_going_on_saves_what_was_there(work, fees, money):
    saved = work.lay(money)

    assert work.relative(saved) == f"work.saved/{fees.name}/001"
    assert (saved / FEES).read_bytes() == (saved / "payments" / "rules.py").read_bytes() == THEIRS
    assert not (work.folder / "payments").exists()


def test_a_restored_copy_is_what_was_saved(work, fees, money):
    before = work.contents()
    work.lay(money)

    work.restore(fees)

    assert work.contents() == before
    assert work.read().current == fees.name


def test_a_copy_is_restored_by_its_number_and_the_present_is_saved_first(work, fees):
    work.lay(fees)
    (work.folder / FEES).write_bytes(b"# a second try\n")

    work.restore(fees, 1)

    assert (work.folder / FEES).read_bytes() == THEIRS
    assert (work.copies(fees)[-1] / FEES).read_bytes() == b"# a second try\n"


def test_restore_takes_the_latest_copy_that_differs_from_what_is_there(work, fees):
    work.lay(fees)

    work.restore(fees)

    assert (work.folder / FEES).read_bytes() == THEIRS


def test_a_number_that_was_never_saved_is_refused_and_the_others_are_named(work, fees):
    work.lay(fees)

    with pytest.raises(CommandFailed, match=r"Saved copies: 1\."):
        work.restore(fees, 7)


def test_the_same_work_is_saved_once(work, fees, money):
    for exercise in (money, fees):
        work.lay(exercise)
    work.lay(money)
    work.lay(fees)

    assert [copy.name for copy in work.copies(money)] == ["001"]


def test_hidden_files_of_the_learner_stay_where_they_are(work, money):
    (work.folder / ".env").write_text("MINE=1")

    work.lay(money)

    assert (work.folder / ".env").read_text() == "MINE=1"


def test_a_second_terminal_does_not_step_twice(work, fees, money):
    work.lay(money, expected=fees.name)

    with pytest.raises(CommandFailed, match="Another terminal has gone on to 03-money-is-not-a-float"):
        work.lay(fees, expected=fees.name)

    assert work.read().current == money.name


def test_a_second_terminal_does_not_bring_back_what_the_first_has_just_brought_back(work, fees, money):
    work.lay(money)
    work.restore(fees, expected=money.name)

    with pytest.raises(CommandFailed, match="Another terminal has gone on to 04-untangle-the-fees"):
        work.restore(fees, expected=money.name)

    assert (work.folder / FEES).read_bytes() == THEIRS


def test_two_commands_do_not_change_the_folder_at_once(work, money, monkeypatch):
    monkeypatch.setattr(workfolder, "SECONDS_TO_WAIT", 0.1)
    other = WorkFolder(work.folder)

    with other.changing(), pytest.raises(CommandFailed, match="Another command is changing work/"):
        work.lay(money)

    assert (work.folder / FEES).read_bytes() == THEIRS


def killed_before_line(number, call):
    """Runs a call that ends, like a killed process, before the n-th line that workfolder.py executes."""

    class Killed(BaseException):
        pass

    executed = 0

    def trace(frame, event, _):
        nonlocal executed
        if frame.f_code.co_filename != workfolder.__file__:
            return None
        if event == "line":
            executed += 1
            if executed == number:
                raise Killed
        return trace

    sys.settrace(trace)
    try:
        call()
    except Killed:
        return True
    finally:
        sys.settrace(None)
    return False


@pytest.fixture
def small(tmp_path, fees, money, monkeypatch):
    """The two exercises with two files each, so that every line can be tried. The disk need not be waited for."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)

    def cut_down(exercise, **files):
        smaller = replace(exercise, folder=tmp_path / "exercises" / exercise.name)
        for name, text in files.items():
            file = smaller.start / "shop" / f"{name}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        (smaller.folder / "README.md").write_text(f"# {exercise.title}\n")
        return smaller

    return cut_down(fees, fees="FEES = {}\n", views="# fees\n"), cut_down(money, money="CENT = 1\n", views="# money\n")


@pytest.mark.parametrize("command", ["go on", "restore"])
def test_a_process_killed_before_any_line_loses_nothing_and_the_next_one_repairs_it(tmp_path, small, command):
    one, other = small
    number = 0
    while True:
        number += 1
        work = WorkFolder(tmp_path / str(number) / "work")
        work.lay(one)
        (work.folder / "shop" / "views.py").write_text("# a first try\n")
        work.lay(one)
        (work.folder / "shop" / "fees.py").write_bytes(THEIRS)
        doing = partial(work.lay, other) if command == "go on" else partial(work.restore, one, 1)
        if not killed_before_line(number, doing):
            break
        assert everywhere(work) >= 1, f"lost when killed before line {number}"

        again = WorkFolder(work.folder)
        again.finish_laying(small)

        assert again.read().laying is None
        first_try = _laid_out(one) | {"shop/views.py": b"# a first try\n"}
        untouched = _laid_out(one) | {"shop/fees.py": THEIRS}
        done = _laid_out(other) if command == "go on" else first_try
        assert again.contents() in (untouched, done), f"half an exercise is left when killed before line {number}"
        assert everywhere(again) >= 1
        if again.contents() == done:
            assert trees.contents(again.copies(one)[-1]) == untouched, "restore would not bring all of it back"

    assert number > 100


def _laid_out(exercise):
    return trees.contents(exercise.start) | {"README.md": (exercise.folder / "README.md").read_bytes()}


def test_a_disk_that_is_full_at_any_file_changes_nothing(work, money, monkeypatch):
    before, room, whole = work.contents(), 0, trees.copy
    copied, refusals = [], set()

    def copy(source, target):
        copied.append(target)
        if len(copied) > room:
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(source, target)

    monkeypatch.setattr(trees, "copy", copy)

    while work.read().current != money.name:
        copied.clear()
        try:
            work.lay(money)
        except CommandFailed as problem:
            refusals.add(str(problem).partition("No space left on device")[1])
            assert work.contents() == before
            room += 1

    assert refusals == {"No space left on device"}
    assert room > len(before)
    assert not list(work.folder.rglob(".making*"))


def test_progress_that_cannot_be_read_is_put_aside_and_the_work_is_not_touched(work):
    work.progress_file.write_text('{"version": 1, "cur')

    progress = work.read()

    assert progress.current is None
    assert work.notes and ".progress.json.unread-1" in work.notes[0]
    assert (work.folder / ".progress.json.unread-1").read_text() == '{"version": 1, "cur'
    assert (work.folder / FEES).read_bytes() == THEIRS


def test_work_without_progress_is_saved_before_an_exercise_takes_its_place(work, fees):
    work.progress_file.unlink()

    saved = work.lay(fees)

    assert work.relative(saved) == "work.saved/unnamed/001"
    assert (saved / FEES).read_bytes() == THEIRS


def test_progress_is_replaced_whole(work, fees):
    with work.changing() as state:
        state.of(fees).hints["order-is-a-rule"] = 2

    assert json.loads(work.progress_file.read_text())["exercises"][fees.name]["hints"] == {"order-is-a-rule": 2}
    assert read_progress(work.progress_file)[0].of(fees).hints == {"order-is-a-rule": 2}
    assert not [path for path in work.folder.iterdir() if path.name.startswith(".progress.json.")]


def test_the_saved_copies_outlive_the_folder_and_come_back(work, fees, money):
    work.lay(money)
    shutil.rmtree(work.folder)

    again = WorkFolder(work.folder)
    again.restore(fees)

    assert (again.folder / FEES).read_bytes() == THEIRS


def test_copies_of_an_earlier_version_come_out_of_the_folder(work, fees, money):
    work.lay(money)
    os.rename(work.saved, work.folder / ".saved")

    again = WorkFolder(work.folder)
    again.lay(fees)

    assert (again.copies(fees)[0] / FEES).read_bytes() == THEIRS
    assert not (work.folder / ".saved").exists()


def test_a_folder_on_a_disk_of_its_own_is_saved_too(work, fees, money, monkeypatch):
    rename = os.rename

    def rename_on_one_disk(source, target):
        if work.folder in Path(source).parents and work.saved in Path(target).parents:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        rename(source, target)

    monkeypatch.setattr(os, "rename", rename_on_one_disk)

    saved = work.lay(money)

    assert (saved / FEES).read_bytes() == THEIRS
    assert not (work.folder / "payments").exists()
