"""The workshop's commands, in rooms with one direction: docs/maintaining.md is the map, .importlinter holds it.

base  <-  harness  <-  exercises, walk, demo  <-  maintaining  <-  commands  <-  __main__
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def sqlite_url(file: Path) -> str:
    """The DATABASE_URL of a SQLite file. Its folders may contain `#`, `%` and `?`, which have a meaning in a URL."""
    from urllib.parse import quote  # here, because every command imports this package, and few make a URL

    return f"sqlite:///{quote(str(file))}"
