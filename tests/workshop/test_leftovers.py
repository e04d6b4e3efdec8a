"""Leftovers: one list of the files that editors and systems leave, for work/, walk/ and every check."""

import shutil

import pytest

from workshop.base import leftovers
from workshop.exercises import catalogue, trees
from workshop.exercises.findings import Finding, Project, where_raised
from workshop.exercises.workfolder import WorkFolder
from workshop.walk.walk import Walk

NAMES = [
    *(
        "views.py~",
        "views.py.orig",
        "views.py.rej",
        "#views.py#",
        ".#views.py",
        ".views.py.swp",
        ".views.py.swo",
        "4913",
    ),
    *("views.py.bak", "views.py___jb_tmp___", "views.py:Zone.Identifier", "._views.py", "Thumbs.db", "desktop.ini"),
    *(".DS_Store", ".nfs0001", ".idea", ".vscode", "venv", ".venv", "__pycache__", "db.sqlite3", "db.sqlite3-wal"),
]
WORK = [
    "views.py",
    "0001_initial.py",
    "README.md",
    "REASON.md",
    "answers.toml",
    "#1.md",
    "origins.py",
    "env.py",
    "4913.py",
]


@pytest.fixture
def fees():
    return catalogue.find("untangle-the-fees")


def make_environment(folder):
    """A virtual environment, as far as it matters here."""
    inside = folder / "lib" / "site-packages"
    inside.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (inside / "pip.py").write_text("import this\n")


@pytest.mark.parametrize("name", NAMES)
def test_what_editors_and_systems_leave_is_nobodys_work(tmp_path, name):
    (tmp_path / "views.py").write_text("")
    (tmp_path / name).write_text("")

    assert trees.files(tmp_path) == ["views.py"]


@pytest.mark.parametrize("name", WORK)
def test_what_only_looks_alike_is_somebodys(tmp_path, name):
    (tmp_path / name).write_text("")

    assert trees.files(tmp_path) == [name]


@pytest.mark.parametrize("name", ["venv", "env", "my-python"])
def test_a_virtual_environment_with_any_name_is_a_leftover(tmp_path, name):
    make_environment(tmp_path / "shop" / name)

    assert trees.files(tmp_path) == []


def test_an_environment_stays_where_it_is_when_the_learner_goes_on(tmp_path, fees):
    work = WorkFolder(tmp_path / "work")
    work.lay(fees)
    make_environment(work.folder / "env")
    (work.folder / "payments" / "fees.py").write_text("# mine\n")

    saved = work.lay(catalogue.find("money-is-not-a-float"))

    assert (work.folder / "env" / "lib" / "site-packages" / "pip.py").exists()
    assert not (saved / "env").exists()
    assert (saved / "payments" / "fees.py").read_text() == "# mine\n"


def test_leftovers_in_walk_are_saved_on_no_branch(workshop, finished_workshop, monkeypatch):
    monkeypatch.delenv("WS_WALK", raising=False)
    shutil.copytree(finished_workshop / "walk", workshop / "walk")
    laid = Walk(workshop)
    laid.go("1")
    for name in NAMES:
        (laid.folder / "webhooks" / name).write_text("")
    make_environment(laid.folder / "my-python")

    assert laid.go("2").saved == ()
    assert (laid.folder / "my-python" / "pyvenv.cfg").exists()


@pytest.mark.parametrize(
    "written",
    [b"\xef\xbb\xbfA = 1\nB = '\xc3\xa9'\n", b"A = 1\r\nB = '\xc3\xa9'\r\n", b"# coding: latin-1\nA = 1\nB = '\xe9'\n"],
    ids=["byte order mark", "CRLF", "coding"],
)
def test_a_file_is_read_as_python_reads_it(written):
    plain = ["A = 1", "B = 'é'"]

    assert [line for line in trees.text(written) if "coding" not in line] == plain


def test_the_way_in_which_lines_end_is_no_change():
    change = trees.change({"a.py": b"A = 1\nB = 2\n"}, {"a.py": b"\xef\xbb\xbfA = 1\r\nB = 2\r\n"})

    assert change == trees.Change(files=(), new=(), lines=0)


def raised_by_importing(monkeypatch, folder, module):
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.chdir(folder)
    try:
        __import__(module)
    except Exception as error:
        return error
    raise AssertionError("it was imported")


def test_a_nul_is_placed_in_the_file_that_holds_it(tmp_path, monkeypatch):
    (tmp_path / "nul_views.py").write_text("import nul_fees\n")
    (tmp_path / "nul_fees.py").write_bytes(b"A = 1\nB = '\0'\n")

    found = where_raised(raised_by_importing(monkeypatch, tmp_path, "nul_views"), Project(tmp_path, tmp_path))

    assert found.place == "nul_fees.py:2"


def test_what_python_itself_runs_is_no_place_of_the_learners(tmp_path, monkeypatch):
    (tmp_path / "asks.py").write_text("A = 1\nimport nowhere_at_all\n")

    found = where_raised(raised_by_importing(monkeypatch, tmp_path, "asks"), Project(tmp_path, tmp_path))

    assert found == Finding("asks.py", 2, "ModuleNotFoundError: No module named 'nowhere_at_all'")


def test_a_line_of_an_environment_is_no_line_of_the_learners(tmp_path):
    make_environment(tmp_path / "venv")

    assert Project(tmp_path, tmp_path).relative(str(tmp_path / "venv" / "lib" / "site-packages" / "pip.py")) is None
    assert leftovers.is_within_leftovers("venv/lib/site-packages/pip.py", tmp_path)
