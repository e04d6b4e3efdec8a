"""Walls around the tests of the domain and of the use cases: no Django, no database, no network.

Loaded as a plugin (`pytest -p tests.walls`) it also keeps what is forbidden from being imported, as on a machine that
does not have it. The whole point of these tests is that they would not notice.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder

NOT_INSTALLED = {"celery", "django", "psycopg", "rest_framework", "sqlite3", "urllib3"}
REACHES_OUT = {"socket.__new__", "socket.connect", "sqlite3.connect", "subprocess.Popen"}

_closed: list[bool] = []


class ReachedOut(Exception):
    """A test of a rule opened a socket, a database or a process."""


class NotInstalled(MetaPathFinder):
    """A finder that makes these packages impossible to import."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] in NOT_INSTALLED:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return


@contextmanager
def closed() -> Iterator[None]:
    """Nothing inside reaches out of the process."""
    _closed.append(True)
    try:
        yield
    finally:
        _closed.pop()


def _refuse(event: str, _arguments: tuple) -> None:
    if _closed and event in REACHES_OUT:
        raise ReachedOut(event)


sys.addaudithook(_refuse)


def pytest_load_initial_conftests() -> None:
    """Only as a plugin, before our modules are imported. (conftest.py imports this module, too.)"""
    if already := NOT_INSTALLED & set(sys.modules):
        raise RuntimeError(f"Imported before the walls were up: {', '.join(sorted(already))}")
    sys.meta_path.insert(0, NotInstalled())
