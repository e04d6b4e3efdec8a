import sqlite3

import pytest

from workshop.base import clean


@pytest.fixture
def tree(tmp_path):
    made = [".venv/bin/python", ".venv-3.13/bin/python", "before/__pycache__/a.pyc", ".coverage"]
    kept = ["before/manage.py", "work/__pycache__/mine.pyc", "walk/.venv/mine", ".git/config"]
    for name in made + kept:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def database(tree, rows):
    path = tree / "before" / "db.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE webhooks_event (id integer)")
    connection.executemany("INSERT INTO webhooks_event VALUES (?)", [(row,) for row in range(rows)])
    connection.commit()
    connection.close()
    return path


def never(path):
    raise AssertionError(f"asked about {path}")


def test_what_the_commands_made_goes_and_everything_else_stays(tree):
    clean.clean(tree, never)

    left = {path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()}
    assert left == {
        "before/manage.py",
        "work/__pycache__/mine.pyc",
        "walk/.venv/mine",
        ".git/config",
    }


def test_an_empty_database_goes_without_a_question(tree):
    path = database(tree, rows=0)

    clean.clean(tree, never)

    assert not path.exists()


@pytest.mark.parametrize("answer", [True, False])
def test_a_database_with_data_goes_only_with_consent(tree, answer):
    path = database(tree, rows=1)

    clean.clean(tree, lambda asked: answer)

    assert path.exists() is not answer


@pytest.mark.parametrize("folder", ["site", "demo"])
def test_pages_that_commands_wrote_are_removed(tree, folder):
    page = tree / "var" / folder / "page.html"
    page.parent.mkdir(parents=True)
    page.touch()

    assert clean.clean(tree, never)[-1] == f"removed var/{folder}"
    assert not page.exists()


@pytest.mark.parametrize("consent", [True, False])
def test_made_stages_are_removed_unless_one_holds_data(tree, consent):
    stage = tree / "var" / "stages" / "0f3a" / "step-05"
    stage.mkdir(parents=True)
    (stage / "manage.py").touch()
    database(tree, rows=1).rename(stage / "db.sqlite3")

    clean.clean(tree, lambda asked: consent)

    assert stage.exists() is not consent


@pytest.mark.parametrize("name", ["site", "talk"])
def test_a_built_site_and_a_talk_go(tree, name):
    (tree / "var" / name / "assets").mkdir(parents=True)
    (tree / "var" / name / "assets" / "index.html").write_text("A page")

    done = clean.clean(tree, lambda asked: False)

    assert not (tree / "var" / name).exists()
    assert f"removed var/{name}" in done


def test_a_database_that_cannot_be_read_counts_as_full(tree):
    path = tree / "before" / "db.sqlite3"
    path.write_bytes(b"not a database, but perhaps someone's only copy")

    done = clean.clean(tree, lambda asked: False)

    assert path.exists()
    assert "kept before/db.sqlite3: it holds data" in done
