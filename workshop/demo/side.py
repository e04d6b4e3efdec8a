"""One stage in the demo: its server and its worker on their own database, and the requests to its clients."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from workshop import sqlite_url
from workshop.base.stages import Stage
from workshop.harness.api import Api
from workshop.harness.inbox import Inbox
from workshop.harness.inside import on_database
from workshop.harness.programs import Program, Programs


@dataclass(frozen=True)
class Side:
    """`posted` maps this side's event ids to the events of the file."""

    name: str
    programs: Programs
    inbox: Inbox
    url: str
    key: str
    api: Api
    posted: dict[str, int] = field(default_factory=dict)

    def acknowledged(self) -> int:
        """The number of deliveries that this side's clients have acknowledged."""
        return sum(len(self.inbox.acknowledged(slug)) for slug in self.inbox.clients)


@contextmanager
def programs_of(stage: Stage, folder: Path, may_go_on: Callable[[], None]) -> Iterator[Programs]:
    """The stage's programs, on a database in the folder. They end with the block."""
    folder.mkdir()
    surroundings = on_database(sqlite_url(folder / "demo.sqlite3")) | {"PYTHONUNBUFFERED": "1"}
    with Programs(stage.folder, surroundings, folder, may_go_on) as programs:
        yield programs


def prepare(programs: Programs, password: str) -> str:
    """Makes the tables, an admin user, and an operator key, which it returns."""
    return programs.prepare(
        DJANGO_SUPERUSER_USERNAME="admin",
        DJANGO_SUPERUSER_EMAIL="admin@example.com",
        DJANGO_SUPERUSER_PASSWORD=password,
    )


def start(stage: Stage, programs: Programs, listening: socket.socket) -> Program:
    """Starts the stage's worker and its server; returns the server, which may not be ready yet."""
    server = programs.serve(f"server of {stage.name}", listening)
    programs.start(f"worker of {stage.name}", "deliver", "--concurrency", "8")
    return server


def ready(stage: Stage, programs: Programs, server: Program, url: str, key: str, inbox: Inbox) -> Side:
    """The side, once its server answers."""
    programs.wait_until_ready(server, url)
    return Side(stage.name, programs, inbox, url, key, Api(url, key))
