"""The checks of `make lint` on steps/: each finds its problem, and finds none in a correct road."""

import pytest
import small_road
from small_road import commit, make_repository

from workshop import ROOT
from workshop.maintaining import lint
from workshop.maintaining.road import upkeep
from workshop.maintaining.road.export import export

WALLS = "[importlinter:contract:pure]\nname = Pure\ntype = forbidden\nsource_modules =\n    {}\nforbidden_modules =\n    {}\n"


@pytest.fixture
def maintainers(tmp_path):
    return make_repository(tmp_path / "maintainers")


def problems(check, root):
    return [str(problem) for problem in check(root)]


def one_more_step(repository, root, *changes):
    """Step 4, made of commits; each is a message and files."""
    for message, files in changes:
        small_road.write(repository.folder, files)
        commit(repository, message)
    repository("tag", "step-04")
    export(repository, root, after=True)


def test_a_correct_road_has_no_problems(workshop):
    found = {name: problems(check, workshop) for name, check in CHECKS_WITH_ROOT.items()}

    assert not any(found.values())


CHECKS_WITH_ROOT = {check.__name__: check for check in upkeep.CHECKS.values()}


def test_a_road_without_patches_is_told(tmp_path):
    assert problems(upkeep.patches_lead_to_after, tmp_path) == ["steps:1: There are no patches in steps/."]


def test_an_end_that_is_not_after_is_told(workshop):
    (workshop / "after" / "webhooks" / "walls.py").write_text("CLOSED = False\n")

    (problem,) = problems(upkeep.patches_lead_to_after, workshop)

    assert problem == "after:1: is not what step-03 is: 1 file differs, webhooks/walls.py first"


def test_a_patch_that_does_not_apply_is_told_once(workshop):
    (workshop / "before" / "webhooks" / "views.py").write_text("other\n")

    (problem,) = problems(upkeep.patches_lead_to_after, workshop)

    assert "0002-Use-the-money.patch does not apply" in problem
    assert problems(upkeep.nothing_fixed_is_touched, workshop) == []


def test_a_patch_or_page_written_by_hand_is_told(workshop):
    patch = workshop / "steps" / "01-name-the-language" / "0001-Name-the-money.patch"
    patch.write_text(patch.read_text().replace("09:00:00", "10:00:00"))
    page = workshop / "steps" / "03-the-rest-follow" / "tree.md"
    page.write_text(page.read_text() + "\nmine\n")

    found = problems(upkeep.steps_are_as_exported, workshop)

    assert found == [
        f"steps/{name}:1: differs from the file that ./ws dev export writes"
        for name in ("01-name-the-language/0001-Name-the-money.patch", "03-the-rest-follow/tree.md")
    ]


@pytest.mark.parametrize(
    "name", ["plumbing/keys.py", "webhooks/migrations/0002_more.py", "clients/migrations/0001_x.py"]
)
def test_a_commit_that_touches_plumbing_or_a_migration_is_a_problem(workshop, maintainers, name):
    one_more_step(maintainers, workshop, ("Fine", {"a.py": "a\n"}), ("Touch it", {name: "other\n"}))

    (problem,) = problems(upkeep.nothing_fixed_is_touched, workshop)

    assert problem.startswith("steps/04-extract-services/0002-Touch-it.patch:1: touches ")


def test_a_commit_with_too_much_in_it_is_told_and_moves_and_tests_are_not_counted(workshop, maintainers):
    long = "".join(f"line_{number} = {number}\n" for number in range(400))
    one_more_step(
        maintainers,
        workshop,
        ("Much", {"webhooks/much.py": long}),
        ("Tests", {"tests/test_much.py": long}),
        ("Moved", {"webhooks/much.py": "", "webhooks/moved.py": "\n" + long}),
    )

    assert problems(upkeep.commits_are_small, workshop) == [
        "steps/04-extract-services/0001-Much.patch:1: changes 400 production lines; at most some 300"
    ]


def test_a_seventh_commit_and_a_first_line_with_a_full_stop_are_told(workshop, maintainers):
    one_more_step(maintainers, workshop, *((f"Commit {n}" + "." * (n == 3), {f"{n}.py": f"{n}\n"}) for n in range(7)))

    first, second = problems(upkeep.commits_are_small, workshop)

    assert first.startswith("steps/04-extract-services/0004-Commit-3.patch:1: its first line ")
    assert second.endswith("is commit 7 of its step; at most 6")


def test_walls_that_are_loosened_are_told_with_the_patch(workshop, maintainers):
    one_more_step(
        maintainers,
        workshop,
        ("Fence", {".importlinter": WALLS.format("webhooks.money", "django")}),
        ("Fence more", {".importlinter": WALLS.format("webhooks.money", "django\n    celery")}),
        ("Fence less", {".importlinter": WALLS.format("webhooks.money", "django")}),
    )

    assert problems(upkeep.walls_only_tighten, workshop) == [
        "steps/04-extract-services/0003-Fence-less.patch:1:"
        " loosens .importlinter: webhooks.money -> celery is no longer forbidden"
    ]


def test_lint_asks_all_of_this_of_this_repository():
    assert lint.CHECKS.items() >= upkeep.CHECKS.items()
    assert problems(upkeep.nothing_fixed_is_touched, ROOT) == []
