"""Which commits a change touches, and the run of the shared suite at one of them."""

import pytest
import small_road
from small_road import learners_git, make_repository, read

from workshop.base.problems import CommandFailed
from workshop.maintaining.road import each_commit
from workshop.maintaining.road.export import export


@pytest.fixture
def tracked(workshop):
    learners_git(workshop, "init", "-q")
    (workshop / ".gitignore").write_text("/var/\n")
    keep(workshop, "Start")
    keep(workshop, "Nothing of steps")
    return workshop


def keep(root, message):
    learners_git(root, "add", "--all")
    learners_git(root, "commit", "-q", "--allow-empty", "-m", message)


def one_more_commit(root, tmp_path):
    maintainers = make_repository(tmp_path / "maintainers")
    small_road.write(maintainers.folder, {"webhooks/more.py": "MORE = 1\n"})
    small_road.commit(maintainers, "One more")
    maintainers("tag", "--force", "step-03")
    export(maintainers, root, after=True)


def titles(found):
    return [commit.title for commit in found]


def test_commits_are_named_by_stage_and_place(workshop):
    assert titles(each_commit.commits(workshop)) == [
        "step-01, commit 1 of 2",
        "step-01, commit 2 of 2",
        "step-02, commit 1 of 2",
        "step-02, commit 2 of 2",
        "step-03, commit 1 of 1",
    ]


def test_a_change_touches_the_commits_whose_patches_differ(tracked, tmp_path):
    assert titles(each_commit.touched(tracked)) == []
    one_more_commit(tracked, tmp_path)
    before_the_commit = titles(each_commit.touched(tracked))
    keep(tracked, "One more commit in step 3")

    assert before_the_commit == titles(each_commit.touched(tracked)) == ["step-03, commit 2 of 2"]
    keep(tracked, "Something else")
    assert titles(each_commit.touched(tracked)) == []
    assert titles(each_commit.touched(tracked, "HEAD~3")) == ["step-03, commit 2 of 2"]


def test_the_shared_suite_runs_against_the_tree_of_the_commit(workshop):
    second = each_commit.commits(workshop)[2]

    (run,) = each_commit.runs([second], workshop)

    assert run.title == "step-02, commit 1 of 2: shared suite"
    (folder,) = [part.removeprefix("--stage-dir=") for part in run.arguments if part.startswith("--stage-dir=")]
    files = small_road.files_after(1) | {"webhooks/formats/csv.py": "NAME = 'csv'\n"}
    assert read(type(workshop)(folder)) == files


def test_a_change_of_many_commits_is_run_in_part_and_the_rest_is_told(tracked, monkeypatch):
    monkeypatch.setattr(each_commit, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(each_commit, "touched", lambda root, since: each_commit.commits(root))

    runs, skipped = each_commit.runs_of_a_change(tracked)

    assert [run.title for run in runs] == ["step-01, commit 1 of 2: shared suite"]
    assert skipped[0].reason == "1 of 2; ./ws dev check steps --commits takes the time"


def test_without_history_it_is_told_what_was_not_run(workshop):
    runs, (skipped,) = each_commit.runs_of_a_change(workshop)

    assert runs == []
    assert "a clone without history has one commit only" in skipped.reason


@pytest.mark.parametrize("revision", ["nowhere", "--all"])
def test_a_revision_that_is_not_here_is_refused(tracked, revision):
    with pytest.raises(CommandFailed, match=r"There is no revision"):
        each_commit.touched(tracked, revision)
