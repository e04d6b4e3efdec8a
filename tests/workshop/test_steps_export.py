"""./ws dev export: commits become patches, the same bytes each time, and only patches that git am takes."""

import re

import pytest
import small_road
from small_road import commit, files_after, make_repository, read

from workshop.base import git, road, series
from workshop.base.problems import CommandFailed
from workshop.maintaining.road.export import _signed, export
from workshop.walk.walk import Walk


@pytest.fixture
def maintainers(tmp_path):
    return make_repository(tmp_path / "maintainers")


def retag(repository, number, message, files):
    """One more commit at the end of the last step."""
    small_road.write(repository.folder, files)
    made = commit(repository, message)
    repository("tag", "--force", f"step-{number:02}", made)


def test_exporting_twice_writes_nothing_the_second_time(workshop, maintainers):
    again = export(maintainers, workshop)

    assert (again.written, again.removed, again.differing) == ([], [], [])


def test_exporting_what_the_walk_has_writes_nothing(workshop):
    walk = Walk(workshop, workshop / "walk")
    walk.lay_out()

    again = export(walk.git, workshop)

    assert (again.written, again.removed) == ([], [])


def test_who_committed_and_when_makes_no_difference(workshop, maintainers):
    other = git.Git(maintainers.folder, more={"GIT_AUTHOR_DATE": "2020-02-02T02:02:02Z", "GIT_AUTHOR_NAME": "Mila"})
    other("checkout", "--quiet", "--detach", "before")
    steps = {number: road.in_between(maintainers, f"step-{number:02}") for number in (1, 2, 3)}
    for number, commits in steps.items():
        for revision in commits:
            other("cherry-pick", "--allow-empty", revision)
            other("commit", "--amend", "--quiet", "--reset-author", "--no-edit", "--allow-empty")
        other("tag", "--force", f"step-{number:02}")

    again = export(other, workshop)

    assert (again.written, again.removed) == ([], [])


def test_patches_are_numbered_through_a_step_and_bear_no_mark_of_machine_or_git(workshop):
    patches = sorted((workshop / "steps").glob("*/*.patch"))

    assert [patch.relative_to(workshop / "steps").as_posix() for patch in patches] == [
        "01-name-the-language/0001-Name-the-money.patch",
        "01-name-the-language/0002-Use-the-money.patch",
        "02-one-format-out/0001-Move-one-format-out.patch",
        "02-one-format-out/0002-Call-rows-f-r-alle-rows.patch",
        "03-the-rest-follow/0001-Close-the-walls.patch",
    ]
    for patch in patches:
        text = patch.read_text()
        assert text.startswith(f"From {'0' * 40} Mon Sep 17 00:00:00 2001\nFrom: Django refactoring workshop <")
        assert not re.search(r"^-- \n\d", text, re.MULTILINE)
        assert all(len(end) == 40 for ends in re.findall(r"^index (\w+)\.\.(\w+)", text, re.MULTILINE) for end in ends)
    assert "rename from webhooks/models.py\nrename to webhooks/rows.py" in patches[3].read_text()


def test_tree_md_says_what_is_new_moved_changed_and_removed(workshop):
    assert (workshop / "steps" / "02-one-format-out" / "tree.md").read_text() == (
        "# Step 2, `one-format-out`: commits and files\n"
        "\n"
        "2 files: 1 new, 1 moved. The step adds 2 lines and removes 1; without tests it adds 2 and removes 1.\n"
        "`./ws dev export` writes this page. What counts as a production line is in [CONTRIBUTING.md](../../CONTRIBUTING.md).\n"
        "\n"
        "| commit | files | production lines |\n"
        "| --- | ---: | ---: |\n"
        "| [Move one format out](0001-Move-one-format-out.patch) | 1 | 1 |\n"
        "| [Call rows — für alle — rows](0002-Call-rows-f-r-alle-rows.patch) | 1 | 1 |\n"
        "\n"
        "| | file | added | removed |\n"
        "| --- | --- | ---: | ---: |\n"
        "| new | `webhooks/formats/csv.py` | 1 | 0 |\n"
        "| moved | `webhooks/models.py` → `webhooks/rows.py` | 1 | 1 |\n"
    )


def test_a_commit_that_is_gone_takes_its_patch_along_and_readmes_stay(workshop, maintainers):
    readme = workshop / "steps" / "03-the-rest-follow" / "README.md"
    readme.write_text("# Mine\n")
    retag(maintainers, 3, "One more", {"webhooks/more.py": "MORE = 1\n"})
    more = export(maintainers, workshop)
    maintainers("tag", "--force", "step-03", "step-03^")

    back = export(maintainers, workshop)

    patch = "steps/03-the-rest-follow/0002-One-more.patch"
    assert sorted(more.written) == [patch, "steps/03-the-rest-follow/tree.md"]
    assert (back.written, back.removed) == (["steps/03-the-rest-follow/tree.md"], [patch])
    assert readme.read_text() == "# Mine\n"


def test_after_is_told_to_differ_and_written_on_request(workshop, maintainers):
    (workshop / "after" / "webhooks" / "stale.py").write_text("gone in the walk\n")
    retag(maintainers, 3, "One more", {"webhooks/more.py": "MORE = 1\n"})

    told = export(maintainers, workshop)
    asked = export(maintainers, workshop, after=True)

    assert told.differing == ["webhooks/more.py", "webhooks/stale.py"]
    assert (asked.written, asked.removed) == (["after/webhooks/more.py"], ["after/webhooks/stale.py"])
    assert read(workshop / "after") == files_after(3) | {"webhooks/more.py": "MORE = 1\n"}


def test_another_beginning_is_refused_unless_before_shall_be_written(workshop, maintainers):
    (workshop / "before" / "webhooks" / "views.py").write_text("other\n")

    with pytest.raises(CommandFailed, match=r"does not start from before/: webhooks/views.py differ.*--before"):
        export(maintainers, workshop)
    export(maintainers, workshop, before=True)

    assert read(workshop / "before") == files_after(0)


@pytest.mark.parametrize(
    ("message", "files", "said"),
    [
        ("[fix] Brackets", {"a.py": "a\n"}, "another message"),
        ("Rule\n\nfirst\n---\nsecond", {"a.py": "a\n"}, "another message"),
        ("Nothing", {}, "its commit changes nothing"),
        ("CRLF", {"a.py": "a = 1\r\n"}, "carriage return"),
        ("Case", {"webhooks/Rows.py": "a\n"}, "differ only in upper and lower case"),
    ],
)
def test_what_git_am_would_change_is_refused_and_nothing_is_written(workshop, maintainers, message, files, said):
    old = read(workshop / "steps")
    for name, text in files.items():
        (maintainers.folder / name).write_bytes(text.encode())
    retag(maintainers, 3, message, {})

    with pytest.raises(CommandFailed, match=said):
        export(maintainers, workshop)

    assert read(workshop / "steps") == old


@pytest.mark.parametrize(
    "written", ["", "{start}Subject: [PATCH] Nothing\n\nNothing at all.\n"], ids=["git 2.39", "git 2.55"]
)
def test_an_empty_commit_is_refused_as_any_git_writes_it(tmp_path, written):
    start = (
        f"From {'1' * 40} Mon Sep 17 00:00:00 2001\nFrom: Ada <ada@example.com>\nDate: Mon, 2 Nov 2026 10:00:00 +0000\n"
    )
    patch = tmp_path / "0002-Nothing.patch"
    patch.write_text(written.format(start=start))

    with pytest.raises(CommandFailed, match="its commit changes nothing"):
        _signed(patch, 3, 1)


def test_a_mode_of_its_own_is_refused(workshop, maintainers):
    (maintainers.folder / "manage.py").chmod(0o755)
    retag(maintainers, 3, "Run it", {})

    with pytest.raises(CommandFailed, match=r"manage.py at step-03 is not a plain file"):
        export(maintainers, workshop)


def test_tags_that_make_no_road_are_refused(workshop, maintainers):
    maintainers("tag", "--force", "step-02", "before")
    with pytest.raises(CommandFailed, match=r"step-02 does not come after step-01"):
        export(maintainers, workshop)

    maintainers("tag", "--delete", "step-02")
    with pytest.raises(CommandFailed, match=r"has no tag step-02"):
        export(maintainers, workshop)


def test_a_merge_is_refused(workshop, maintainers):
    maintainers("checkout", "--quiet", "-b", "side", "step-02")
    commit(maintainers, "Side")
    maintainers("checkout", "--quiet", "main")
    maintainers("merge", "--quiet", "--no-edit", "side")
    maintainers("tag", "--force", "step-03", "main")

    with pytest.raises(CommandFailed, match=r"a merge between step-02 and step-03"):
        export(maintainers, workshop)


def test_a_step_that_is_missing_in_between_is_named(workshop):
    for patch in (workshop / "steps" / "02-one-format-out").glob("*.patch"):
        patch.unlink()

    with pytest.raises(CommandFailed, match=r"steps/02-one-format-out has no patches, but a later step has"):
        series.read(workshop)
