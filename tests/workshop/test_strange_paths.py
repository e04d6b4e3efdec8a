"""A repository in a folder with marks that pytest, a shell, a URL or rich would take for something else."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing

import pytest

from workshop import ROOT
from workshop.base import clean, doctor, setup
from workshop.exercises import catalogue, trees
from workshop.exercises.judge import Judge

STRANGE = "a [b] $HOME ${X} #1 ?2 %41 'q' \"d\" &(c);é"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("strange") / STRANGE


@pytest.fixture(scope="module")
def judge(root):
    """The checks, with their scratch folders there too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(root))
        patch.setattr(tempfile, "tempdir", None)
        root.mkdir()
        with Judge(seconds_a_job=60) as judge:
            yield judge


@pytest.mark.parametrize("name", ["money-is-not-a-float", "pin-it-first"])  # pin-it-first runs the learner's own tests
def test_an_exercise_has_the_same_lights_there(root, judge, name):
    known = catalogue.find(name)
    for folder in (known.folder, known.solution):
        shutil.copytree(folder, root / folder.relative_to(ROOT))
    exercise = catalogue.find(name, root)
    work = root / "work" / name
    trees.lay(work, exercise.start)

    at_start = judge.judge(exercise, work)
    trees.lay(work, exercise.start, exercise.solution)
    solved = judge.judge(exercise, work)

    expected = [check.id for check in exercise.checks if check.red_at_start]
    assert [result.check.id for result in at_start.red] == expected, [result.message() for result in at_start.red]
    assert solved.is_green, [result.message() for result in solved.red]


@pytest.mark.parametrize("stage", ["before", "after"])
def test_a_stage_by_hand_has_its_database_beside_manage_py(root, stage):
    copy = root / stage
    shutil.copytree(ROOT / stage, copy, ignore=shutil.ignore_patterns("tests", "__pycache__", "*.sqlite3*"))
    shell = {"PATH": os.environ["PATH"], "HOME": str(root)}

    command = [setup.interpreter(), "-B", "manage.py", "migrate", "clients", "0001", "--verbosity=0"]
    done = subprocess.run(command, cwd=copy, env=shell, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert (copy / "db.sqlite3").stat().st_size > 0


@pytest.mark.parametrize("rows", [0, 1])
def test_a_database_with_data_is_known_before_it_goes(root, rows):
    database = root / f"made-{rows}" / "db.sqlite3"
    database.parent.mkdir(parents=True)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(f"CREATE TABLE {clean.TABLES_WITH_DATA[0]} (id)")
        connection.executemany(f"INSERT INTO {clean.TABLES_WITH_DATA[0]} VALUES (?)", [(1,)] * rows)

    assert clean.holds_data(database) == bool(rows)


def test_doctor_says_what_is_true_there():
    assert doctor.path(f"/people/ada/{STRANGE}", is_wsl=False).outcome == "spaces"
