"""`./ws open` leads to the page of what the learner does, to a page that is named, or to a line in the Road."""

import errno
import os
import sys
import time
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from workshop.__main__ import cli
from workshop.base import environment, site
from workshop.base.addresses import in_road
from workshop.base.problems import CommandFailed
from workshop.commands import site as commands

PAGES = (
    *("index.html", "docs/tour.html", "road/index.html"),
    *("exercises/04-untangle-the-fees/README.html", "steps/03-the-rest-follow/README.html"),
)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A folder with a built site, and nothing begun."""
    for page in PAGES:
        (tmp_path / site.FOLDER / page).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / site.FOLDER / page).write_text("a page")
    monkeypatch.setenv("WS_WORK", str(tmp_path / "work"))
    monkeypatch.setenv("WS_WALK", str(tmp_path / "walk"))
    monkeypatch.setattr(commands.site.address, "__defaults__", (tmp_path,))
    return tmp_path


def opened(*arguments):
    done = CliRunner().invoke(cli, ["open", "--print", *arguments])
    return str(done.exception) if isinstance(done.exception, CommandFailed) else done.output.strip()


def begin_exercise(root, seconds_ago=0):
    (root / "work").mkdir()
    written = '{"version": 1, "current": "04-untangle-the-fees", "laying": null, "exercises": {}}'
    _write(root / "work" / ".progress.json", written, seconds_ago)


def stand_at_step_three(root, seconds_ago=0):
    (root / "walk" / ".git").mkdir(parents=True)
    written = '{"series": "x", "end": "", "stage": "step-03", "rebased": false}'
    _write(root / "walk" / ".git" / "workshop.json", written, seconds_ago)


def _write(file, text, seconds_ago):
    file.write_text(text)
    os.utime(file, (time.time() - seconds_ago,) * 2)


def test_before_anything_is_begun_it_is_the_home_page(root):
    assert opened() == (root / site.FOLDER / "index.html").as_uri()


def test_in_an_exercise_it_is_its_page(root):
    begin_exercise(root)

    assert opened().endswith("/exercises/04-untangle-the-fees/README.html")


def test_in_a_step_it_is_its_page(root):
    stand_at_step_three(root)

    assert opened().endswith("/steps/03-the-rest-follow/README.html")


@pytest.mark.parametrize(
    ("exercise", "step", "page"), [(9, 0, "steps/03-the-rest-follow"), (0, 9, "exercises/04-untangle-the-fees")]
)
def test_after_both_it_is_what_was_worked_on_last(root, exercise, step, page):
    begin_exercise(root, exercise)
    stand_at_step_three(root, step)

    assert opened().endswith(f"/{page}/README.html")


def test_a_page_can_be_named(root):
    assert opened("docs/tour.md").endswith("/docs/tour.html")
    assert "has no page docs/nowhere.html" in opened("docs/nowhere.md")


def test_a_line_of_a_stage_can_be_named(root):
    address = opened("4", "webhooks/views.py:88-103")

    assert address.endswith("/road/index.html#stage=step-04&file=webhooks/views.py&line=88-103")
    assert "There is no stage '14'" in opened("14")


@pytest.mark.parametrize("place", ["webhooks/views.py:abc", "webhooks/views.py:88-", "webhooks/views.py:0", ":88"])
def test_a_line_that_cannot_be_is_refused(root, place):
    assert f"{place} names no line of a file." in opened("4", place)


def test_a_disk_that_fills_up_while_the_site_is_built_is_named(monkeypatch):
    def build(target):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))

    monkeypatch.setattr(commands.setup, "make", lambda **_: None)
    monkeypatch.setitem(sys.modules, "workshop.maintaining.site.build", SimpleNamespace(build=build))

    said = CliRunner().invoke(cli, ["site"]).exception

    assert isinstance(said, CommandFailed)
    assert "The disk is full." in str(said)


def test_without_a_site_it_says_how_to_build_one(tmp_path, monkeypatch):
    with pytest.raises(CommandFailed, match="make site"):
        site.address("index.html", tmp_path)


def test_a_place_in_the_road_may_have_a_commit_and_another_stage_to_compare_with():
    assert in_road("step-04", commit=2) == "road/index.html#stage=step-04&commit=2"
    assert in_road("after", "a b.py", since="before") == "road/index.html#stage=after&from=before&file=a%20b.py"


def test_a_browser_gets_the_screen_and_nothing_else():
    shell = {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0", "DATABASE_URL": "postgresql://theirs"}

    assert environment.for_windows(shell) == {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}
