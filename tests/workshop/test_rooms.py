"""The rooms of workshop/ have one direction, and the contracts that say so notice a way back."""

import shutil
import subprocess

import pytest

from workshop import ROOT
from workshop.maintaining.walls.tools import import_linter


def broken(root):
    done = subprocess.run(import_linter(), cwd=root, capture_output=True, text=True)
    return done.stdout if done.returncode else ""


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "workshop", tmp_path / "workshop", ignore=shutil.ignore_patterns("__pycache__", "template"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_the_rooms_have_one_direction_without_an_exception():
    assert broken(ROOT) == ""
    assert "ignore_imports" not in (ROOT / ".importlinter").read_text()


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        ("exercises/hints.py", "from workshop.maintaining import lint", "exercises is not allowed to import"),
        ("walk/saving.py", "from workshop.exercises import trees", "walk is not allowed to import"),
        ("take/project.py", "from workshop.walk import saving", "take is not allowed to import"),
        ("ask/session.py", "from workshop.exercises import screen", "ask is not allowed to import"),
        ("base/git.py", "from workshop.harness import processes", "base is not allowed to import"),
        ("commands/walk.py", "from workshop.commands import exercises", "commands.walk is not allowed to import"),
        ("base/names.py", "from workshop.base import stages", "No cycles are allowed in workshop.base"),
        ("another/__init__.py", "", "another"),
    ],
)
def test_a_way_back_and_a_room_without_a_place_are_noticed(copy, file, line, said):
    target = copy / "workshop" / file
    target.parent.mkdir(exist_ok=True)
    with target.open("a") as opened:
        opened.write(f"\n{line}\n")

    assert said in " ".join(broken(copy).split())
