"""walk/: the same commits for everyone, and nothing of a learner's is lost."""

import fcntl
import json
import os
import shutil
import subprocess
import sys

import pytest
import small_road
from small_road import files_after, learners_git, read

from workshop import ROOT
from workshop.base.problems import CommandFailed
from workshop.walk import walk
from workshop.walk.walk import Walk


@pytest.fixture
def laid(workshop, finished_workshop, monkeypatch):
    monkeypatch.delenv("WS_WALK", raising=False)
    shutil.copytree(finished_workshop / "walk", workshop / "walk")
    return Walk(workshop)


def ids(folder):
    return learners_git(folder, "for-each-ref", "--format=%(refname:strip=2) %(objectname)", "refs/tags")


def on_branch(found, branch, name):
    return learners_git(found.folder, "show", f"{branch}:{name}")


def test_the_walk_begins_at_before_and_has_a_tag_for_each_stage(laid):
    tags = [line.split()[0] for line in ids(laid.folder).splitlines()]

    assert tags == ["after", "before", "step-01", "step-02", "step-03"]
    assert read(laid.folder) == files_after(0)


@pytest.mark.parametrize(
    ("asked", "steps"), [("1", 1), ("02", 2), ("step-3", 3), ("after", 3), ("before", 0), ("0", 0), ("Step-01", 1)]
)
def test_every_stage_is_there_by_number_and_by_name(laid, asked, steps):
    arrival = laid.go(asked)

    assert read(laid.folder) == files_after(steps)
    assert arrival.saved == ()


@pytest.mark.parametrize("asked", ["11", "-1", "five", "", "step-", "1.5", "step-99"])
def test_a_stage_that_cannot_be_is_refused_with_those_that_can(laid, asked):
    with pytest.raises(CommandFailed, match=r"Use before, after, or a step from 1 to 10\."):
        laid.go(asked)


def test_a_step_that_is_not_written_yet_is_refused_with_those_that_are(laid):
    with pytest.raises(
        CommandFailed, match=r"There is no stage step-05 yet. The stages are: before, step-01, step-02, step-03, after"
    ):
        laid.go("5")


def test_files_that_do_not_differ_are_not_written_again(laid):
    same, other = laid.folder / "plumbing" / "keys.py", laid.folder / "webhooks" / "views.py"
    old = {path: path.stat() for path in (same, other)}

    laid.go("1")

    assert same.stat().st_mtime_ns == old[same].st_mtime_ns
    assert same.stat().st_ino == old[same].st_ino
    assert other.read_text() == files_after(1)["webhooks/views.py"]


HOSTILE = """\
[commit]
    gpgSign = true
[tag]
    gpgSign = true
    forceSignAnnotated = true
[gpg]
    program = {refuses}
[core]
    hooksPath = {hooks}
    autocrlf = true
    eol = crlf
    safecrlf = true
    excludesFile = {excludes}
    attributesFile = {attributes}
    abbrev = 40
[i18n]
    commitEncoding = ISO-8859-1
[init]
    defaultBranch = trunk
    templateDir = {hooks}
[am]
    keepcr = true
    threeWay = true
[apply]
    whitespace = error-all
    ignoreWhitespace = change
[diff]
    noprefix = true
    renames = false
    external = {refuses}
[format]
    signOff = true
[user]
    useConfigOnly = true
"""


@pytest.fixture
def hostile_home(tmp_path):
    """A user whose git settings refuse, sign, convert and ignore everything, and who has no identity."""
    home = tmp_path / "some home"
    (home / "hooks").mkdir(parents=True)
    refuses = home / "hooks" / "pre-commit"
    refuses.write_text("#!/bin/sh\necho refused >&2\nexit 1\n")
    refuses.chmod(0o755)
    for name in (
        "commit-msg",
        "prepare-commit-msg",
        "applypatch-msg",
        "pre-applypatch",
        "post-checkout",
        "reference-transaction",
    ):
        shutil.copy(refuses, home / "hooks" / name)
    (home / "excludes").write_text("*\n")
    (home / "attributes").write_text("* text=auto eol=crlf\n*.py ident filter=none\n")
    places = {
        "refuses": refuses,
        "hooks": home / "hooks",
        "excludes": home / "excludes",
        "attributes": home / "attributes",
    }
    (home / ".gitconfig").write_text(HOSTILE.format(**places))
    return home


def run_walk(folder, **environment):
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from pathlib import Path; from workshop.walk.walk import Walk\n"
    script += f"found = Walk(Path({str(folder)!r})); found.lay_out(); found.go('2')\n"
    script += "(found.folder / 'webhooks' / 'rows.py').write_text('mine')\n"
    script += "print(found.go('3').saved[0].branch)"
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_commits_are_the_same_whatever_git_is_set_to(workshop, laid, hostile_home, tmp_path):
    other = tmp_path / "elsewhere" / "my workshop"
    shutil.copytree(workshop, other, ignore=shutil.ignore_patterns("var", "walk"))
    hostile = {"GIT_AUTHOR_NAME": "Mila", "GIT_COMMITTER_DATE": "2001-01-01T00:00:00", "GIT_DIR": "/nowhere"}
    hostile |= {"GIT_DEFAULT_HASH": "sha256", "GIT_CONFIG_PARAMETERS": "'commit.gpgsign'='true'", "TZ": "Asia/Tokyo"}

    branch = run_walk(other, HOME=str(hostile_home), PATH=os.environ["PATH"], LC_ALL="C", **hostile)

    assert ids(other / "walk") == ids(laid.folder)
    assert read(other / "walk") == files_after(3)
    assert on_branch(Walk(other), branch, "webhooks/rows.py") == "mine"


def test_the_commits_are_the_same_without_a_home(workshop, laid, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(workshop, other, ignore=shutil.ignore_patterns("var", "walk"))

    run_walk(other, PATH=os.environ["PATH"])

    assert ids(other / "walk") == ids(laid.folder)


def test_the_commits_of_three_small_steps_are_these(laid):
    """Pinned: another id here means that every reader's walk gets other ids, and a room cannot compare them."""
    assert ids(laid.folder).splitlines()[-1] == "step-03 2f7e67e5a8f801cb6c4870251199077e0867b0aa"


def test_unsaved_edits_are_on_a_branch_and_come_back(laid):
    laid.go("1")
    (laid.folder / "webhooks" / "views.py").write_text("mine\n")
    (laid.folder / "webhooks" / "new.py").write_text("new\n")
    (laid.folder / "manage.py").unlink()

    arrival = laid.go("3")

    (saved,) = arrival.saved
    assert saved.branch == "yours/step-01"
    assert read(laid.folder) == files_after(3)
    learners_git(laid.folder, "checkout", "-q", saved.branch)
    mine = files_after(1) | {"webhooks/views.py": "mine\n", "webhooks/new.py": "new\n"}
    assert read(laid.folder) == {name: text for name, text in mine.items() if name != "manage.py"}


def test_what_is_staged_and_changed_again_is_kept_twice(laid):
    views = laid.folder / "webhooks" / "views.py"
    views.write_text("staged\n")
    learners_git(laid.folder, "add", "webhooks/views.py")
    views.write_text("then changed\n")

    (saved,) = laid.go("1").saved

    assert on_branch(laid, saved.branch, "webhooks/views.py") == "then changed"
    assert on_branch(laid, f"{saved.branch}^", "webhooks/views.py") == "staged"


def test_what_is_staged_and_taken_back_in_the_file_is_kept(laid):
    views = laid.folder / "webhooks" / "views.py"
    original = views.read_text()
    views.write_text("staged\n")
    learners_git(laid.folder, "add", "webhooks/views.py")
    views.write_text(original)

    (saved,) = laid.go("1").saved

    assert on_branch(laid, f"{saved.branch}^", "webhooks/views.py") == "staged"


def test_commits_on_top_are_on_a_branch(laid):
    laid.go("2")
    (laid.folder / "webhooks" / "mine.py").write_text("mine\n")
    learners_git(laid.folder, "add", "--all")
    learners_git(laid.folder, "commit", "-q", "-m", "Mine")

    (saved,) = laid.go("1").saved

    assert (saved.branch, saved.what) == ("yours/step-02", "what you had committed")
    assert on_branch(laid, saved.branch, "webhooks/mine.py") == "mine"
    assert not (laid.folder / "webhooks" / "mine.py").exists()


def test_commits_on_a_branch_of_their_own_need_no_other(laid):
    learners_git(laid.folder, "checkout", "-q", "-b", "try-out")
    (laid.folder / "mine.py").write_text("mine\n")
    learners_git(laid.folder, "add", "--all")
    learners_git(laid.folder, "commit", "-q", "-m", "Mine")
    mine = learners_git(laid.folder, "rev-parse", "HEAD")

    assert laid.go("1").saved == ()
    assert learners_git(laid.folder, "rev-parse", "try-out") == mine


def test_edits_on_a_branch_of_their_own_do_not_move_it(laid):
    learners_git(laid.folder, "checkout", "-q", "-b", "try-out")
    tip = learners_git(laid.folder, "rev-parse", "HEAD")
    (laid.folder / "mine.py").write_text("mine\n")

    (saved,) = laid.go("1").saved

    assert learners_git(laid.folder, "rev-parse", "try-out") == tip
    assert on_branch(laid, saved.branch, "mine.py") == "mine"


def test_a_branch_is_named_after_the_stage_of_the_work(laid):
    laid.go("3")
    learners_git(laid.folder, "checkout", "--quiet", "--detach", "step-01")
    name = next(iter(files_after(1)))
    (laid.folder / name).write_text("tried at step 1\n")

    arrival = laid.go("2")

    assert [saved.branch for saved in arrival.saved] == ["yours/step-01"]


def test_commits_are_named_after_the_stage_that_they_stand_on(laid):
    laid.go("3")
    learners_git(laid.folder, "reset", "--quiet", "--hard", "step-01")
    learners_git(laid.folder, "commit", "--quiet", "--allow-empty", "--message", "tried at step 1")

    arrival = laid.go("3")

    assert [saved.branch for saved in arrival.saved] == ["yours/step-01"]


def a_conflict(found):
    views = found.folder / "webhooks" / "views.py"
    for branch, text in (("mine", "mine\n"), ("theirs", "theirs\n")):
        learners_git(found.folder, "checkout", "-q", "-b", branch, "before")
        views.write_text(text)
        learners_git(found.folder, "commit", "-q", "-a", "-m", branch)
    return views


@pytest.mark.parametrize("call", [["merge", "mine"], ["rebase", "mine"], ["cherry-pick", "mine"]])
def test_a_half_finished_merge_is_saved_and_over(laid, call):
    views = a_conflict(laid)
    learners_git(laid.folder, *call)
    assert "<<<<<<<" in views.read_text()
    views.write_text(views.read_text().replace("=======", "======= half done"))

    arrival = laid.go("2")

    assert "half done" in on_branch(laid, arrival.saved[0].branch, "webhooks/views.py")
    assert f"in the middle of a {call[0]}" in arrival.saved[0].what
    assert read(laid.folder) == files_after(2)
    assert learners_git(laid.folder, "status", "--porcelain") == ""
    left = {path.name for path in (laid.folder / ".git").iterdir()}
    assert not left & {"MERGE_HEAD", "CHERRY_PICK_HEAD", "rebase-merge", "rebase-apply"}


def test_each_saving_has_a_branch_of_its_own(laid):
    branches = []
    for text in ("one", "two", "three"):
        (laid.folder / "mine.py").write_text(text)
        branches += [saved.branch for saved in laid.go("before").saved]

    assert branches == ["yours/before", "yours/before-2", "yours/before-3"]
    assert [on_branch(laid, branch, "mine.py") for branch in branches] == ["one", "two", "three"]


def test_what_tools_leave_behind_is_no_edit(laid):
    for name in ("webhooks/__pycache__/views.cpython-311.pyc", "db.sqlite3", ".pytest_cache/x"):
        (laid.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (laid.folder / name).write_text("left")

    assert laid.go("2").saved == ()
    assert (laid.folder / "db.sqlite3").read_text() == "left"


def test_laying_out_again_moves_nothing(laid):
    laid.go("2")
    (laid.folder / "mine.py").write_text("mine")

    arrival = laid.lay_out()

    assert (arrival.stage, arrival.saved) == ("step-02", ())
    assert (laid.folder / "mine.py").read_text() == "mine"


def test_a_tag_that_is_gone_comes_back(laid):
    learners_git(laid.folder, "tag", "-d", "step-02")

    laid.go("2")

    assert read(laid.folder) == files_after(2)
    assert "step-02" in ids(laid.folder)


def test_an_update_of_the_steps_reaches_walk_and_saves_what_is_there(workshop, laid):
    laid.go("1")
    (laid.folder / "webhooks" / "views.py").write_text("mine\n")
    (workshop / "before" / "README.md").write_text("# New\n")

    arrival = laid.lay_out()

    assert [saved.branch for saved in arrival.saved] == ["yours/step-01"]
    assert read(laid.folder) == files_after(1) | {"README.md": "# New\n"}
    assert laid.go("1").saved == ()


def test_what_git_does_not_know_in_before_is_no_part_of_the_walk(workshop, laid):
    learners_git(workshop, "init", "-q")
    learners_git(workshop, "add", "before", "after", "steps")
    (workshop / "before" / "notes.txt").write_text("mine")

    arrival = laid.go("1")

    assert arrival.stage == "step-01"
    assert read(laid.folder) == files_after(1)


def test_a_folder_that_is_not_ours_is_left_alone(workshop):
    (workshop / "walk").mkdir()
    (workshop / "walk" / "thesis.txt").write_text("years of work")

    with pytest.raises(CommandFailed, match=r"walk/ exists, but .* Move it away"):
        Walk(workshop).lay_out()

    assert read(workshop / "walk") == {"thesis.txt": "years of work"}


def test_a_patch_that_does_not_apply_is_named(workshop):
    (workshop / "before" / "webhooks" / "views.py").write_text("changed here\n")

    with pytest.raises(CommandFailed, match=r"steps/01-name-the-language/0002-Use-the-money.patch does not apply"):
        Walk(workshop).lay_out()


def test_without_git_it_says_what_to_install(workshop, monkeypatch):
    monkeypatch.setenv("PATH", str(workshop))

    with pytest.raises(CommandFailed, match=r"Git is missing.*apt install git"):
        Walk(workshop).lay_out()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_of_another_user_are_no_obstacle(workshop, laid):
    learners_git(workshop, "init", "-q")
    learners_git(workshop, "add", "before", "after", "steps")
    for path in (workshop, *workshop.rglob("*")):
        os.chown(path, 12345, 12345)
    (laid.folder / "mine.py").write_text("mine")

    (saved,) = laid.go("1").saved

    assert laid.git("show", f"{saved.branch}:mine.py") == "mine"  # plain git refuses: dubious ownership
    assert read(laid.folder) == files_after(1)


def test_a_second_command_waits_and_then_says_why_it_cannot(workshop, laid, monkeypatch):
    monkeypatch.setattr(walk, "SECONDS_TO_WAIT", 0.2)
    with (workshop / "var" / "walk.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        with pytest.raises(CommandFailed, match="Another command is changing walk/"):
            laid.go("1")


def test_a_file_of_notes_that_is_broken_costs_nothing(laid):
    laid.go("2")
    (laid.folder / ".git" / "workshop.json").write_text("{")
    (laid.folder / "mine.py").write_text("mine")

    (saved, *_) = laid.go("3").saved

    assert on_branch(laid, saved.branch, "mine.py") == "mine"
    assert json.loads((laid.folder / ".git" / "workshop.json").read_text())["stage"] == "step-03"


def test_by_hand_plain_git_am_gives_exactly_after(workshop, tmp_path):
    elsewhere = shutil.copytree(workshop / "before", tmp_path / "elsewhere")
    learners_git(elsewhere, "init", "-q")
    learners_git(elsewhere, "add", ".")
    learners_git(elsewhere, "commit", "-q", "-m", "before")

    learners_git(elsewhere, "am", "-q", *map(str, sorted((workshop / "steps").glob("*/*.patch"))))

    assert read(elsewhere) == read(workshop / "after") == small_road.files_after(3)
