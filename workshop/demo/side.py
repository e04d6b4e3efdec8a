"""One stage in the demo: its server and its worker on their own database, and the requests to its clients."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from workshop import sqlite_url
from workshop.base.stages import Stage
from workshop.harness.api import Api
from workshop.harness.clock import Clock
from workshop.harness.inbox import Inbox
from workshop.harness.inside import on_database
from workshop.harness.programs import Program, Programs


@dataclass(frozen=True)
class Side:
    """`posted` maps this side's event ids to the events of the file. `workers` has all workers, also killed ones."""

    name: str
    programs: Programs
    inbox: Inbox
    url: str
    key: str
    api: Api
    workers: list[Program]
    posted: dict[str, int] = field(default_factory=dict)

    def acknowledged(self) -> int:
        """The number of deliveries that this side's clients have acknowledged."""
        return sum(len(self.inbox.acknowledged(slug)) for slug in self.inbox.clients)

    def start_worker(self) -> Program:
        """Starts a further worker."""
        worker = _worker(self.name, self.programs)
        self.workers.append(worker)
        return worker


@contextmanager
def programs_of(stage: Stage, folder: Path, clock: Clock, may_go_on: Callable[[], None]) -> Iterator[Programs]:
    """The stage's programs, on a database in the folder. They end with the block."""
    folder.mkdir()
    database = on_database(sqlite_url(folder / "demo.sqlite3"))
    with Programs(
        stage.folder, database | clock.surroundings | {"PYTHONUNBUFFERED": "1"}, folder, may_go_on
    ) as programs:
        yield programs


def prepare(programs: Programs, password: str) -> str:
    """Makes the tables, an admin user, and an operator key, which it returns."""
    return programs.prepare(
        DJANGO_SUPERUSER_USERNAME="admin",
        DJANGO_SUPERUSER_EMAIL="admin@example.com",
        DJANGO_SUPERUSER_PASSWORD=password,
    )


def start(stage: Stage, programs: Programs, listening: socket.socket) -> tuple[Program, Program]:
    """Starts the stage's server and its worker; the server may not be ready yet."""
    server = programs.serve(f"server of {stage.name}", listening)
    return server, _worker(stage.name, programs)


def ready(stage: Stage, programs: Programs, started: tuple[Program, Program], url: str, key: str, inbox: Inbox) -> Side:
    """The side, once its server answers."""
    server, worker = started
    programs.wait_until_ready(server, url)
    return Side(stage.name, programs, inbox, url, key, Api(url, key), [worker])


def _worker(name: str, programs: Programs) -> Program:
    return programs.start(f"worker of {name}", "deliver", "--concurrency", "8")
