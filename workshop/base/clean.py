"""Removes the files that the commands made, and no others. Standard library only.

A database is removed without a question only if it is empty. `work/`, `work.saved/` and `walk/` hold a learner's own
edits and are never touched.
"""

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from fnmatch import fnmatch
from pathlib import Path

from workshop import ROOT

KEPT = {".git", "work", "work.saved", "walk"}
MADE = (
    *(".venv", ".venv-*", "*.egg-info", ".coverage", ".coverage.*", "bench-results", "compare-results"),
    *("__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"),
)
STAGES = Path("var") / "stages"  # made from the patches in steps/ when they are needed
SITE = Path("var") / "site"  # what `make site` built
TALK = Path("var") / "talk"  # what `make talk` built
RECORDING = Path("var") / "demo"  # what `make demo` kept of its last run
TABLES_WITH_DATA = ("clients_client", "clients_apikey", "webhooks_event", "auth_user")


def made_by_tools(root: Path = ROOT) -> Iterator[Path]:
    """Environments, caches and coverage files; the contents of a listed folder are not listed."""
    for path in sorted(root.iterdir()):
        if any(fnmatch(path.name, pattern) for pattern in MADE):
            yield path
        elif path.is_dir() and not path.is_symlink() and path.name not in KEPT:
            yield from made_by_tools(path)


def databases(root: Path = ROOT) -> list[Path]:
    """The SQLite files that `migrate` made in a stage's folder."""
    return sorted([*root.glob("*/*.sqlite3"), *(root / STAGES).glob("*/*/*.sqlite3")])


def holds_data(database: Path) -> bool:
    """Whether the database holds a client, a key, an event or a user. If it cannot be read: yes."""
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return any(_has_rows(connection, table) for table in TABLES_WITH_DATA)
    except sqlite3.Error:
        return True


def _has_rows(connection: sqlite3.Connection, table: str) -> bool:
    known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    if not connection.execute(known, [table]).fetchone():
        return False
    return connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None


def clean(root: Path, may_delete: Callable[[Path], bool]) -> list[str]:
    """Removes all of it and returns a line for each action. `may_delete` is asked before data is deleted."""
    done = []
    for path in made_by_tools(root):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        if path.name != "__pycache__":
            done.append(f"removed {path.relative_to(root)}")
    for database in databases(root):
        if holds_data(database) and not may_delete(database):
            done.append(f"kept {database.relative_to(root)}: it holds data")
            continue
        for part in (database, *(Path(f"{database}-{end}") for end in ("wal", "shm"))):
            part.unlink(missing_ok=True)
        done.append(f"removed {database.relative_to(root)}")
    for folder in (STAGES, SITE, TALK, RECORDING):
        if (root / folder).exists() and not any(root / folder in database.parents for database in databases(root)):
            shutil.rmtree(root / folder)
            done.append(f"removed {folder}")
    return done


def _ask(database: Path) -> bool:
    if not sys.stdin.isatty():
        return False
    return input(f"{database.relative_to(ROOT)} holds data. Delete it? [y/N] ").lower() == "y"


def main() -> None:
    print("\n".join(clean(ROOT, _ask)) or "Nothing to remove.")


if __name__ == "__main__":
    main()
