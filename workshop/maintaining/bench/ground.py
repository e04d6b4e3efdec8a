"""The start of the measurements on one database: sites that are made once, at their first use, and then copied."""

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from workshop.base.stages import Stage
from workshop.harness.api import Api
from workshop.harness.databases import Database, Postgres, Sqlite
from workshop.harness.sink import Sink
from workshop.maintaining.bench.backlog import plant
from workshop.maintaining.bench.site import Site, post, prepared, subscribe

CLIENTS_OF_A_BACKLOG = 10


class Ground:
    """One stage, one kind of database, one sink. `end` removes everything that it made."""

    def __init__(self, stage: Stage, engine: str, sink: Sink, scratch: Path) -> None:
        self.stage = stage
        self.engine = engine
        self.sink = sink
        self._scratch = scratch
        self._databases: list[Database] = []
        self._sites: dict[tuple[str, int], Site] = {}

    @functools.cached_property
    def empty(self) -> Site:
        """Migrated, with an operator's key."""
        database = Postgres() if self.engine == "postgres" else Sqlite(self._scratch)
        self._databases.append(database)
        database.create()
        return prepared(self.stage, database, self._scratch)

    def subscribed(self, clients: int) -> Site:
        """A site with `count` clients, whose endpoints answer at once, and one event."""
        return self._once(("subscribed", clients), lambda: self._subscribe(clients))

    def _subscribe(self, clients: int) -> Site:
        site = self._copy(self.empty)
        with site.programs() as programs:
            server, url = programs.serve_behind_gunicorn()
            api = Api(url, site.key)
            for number in range(clients):
                subscribe(api, f"client-{number}", f"{self.sink.url}/instant/client-{number}")
            post(api)
            server.stop()
        return site

    def waiting(self, deliveries: int) -> Site:
        """A site with ten clients and `count` due deliveries."""
        return self._once(("waiting", deliveries), lambda: self._let_wait(deliveries))

    def _let_wait(self, deliveries: int) -> Site:
        site = self._copy(self.subscribed(CLIENTS_OF_A_BACKLOG))
        plant(site.database, deliveries)
        return site

    def _once(self, name: tuple[str, int], make: Callable[[], Site]) -> Site:
        if name not in self._sites:
            self._sites[name] = make()
        return self._sites[name]

    @functools.cached_property
    def delivery(self) -> tuple[str, Mapping[str, str], bytes]:
        """URL, headers and body of a delivery, as the stage sent it."""
        self.sink.clear()
        with self.subscribed(CLIENTS_OF_A_BACKLOG).copied() as site, site.programs() as programs:
            programs.start("worker", "deliver", "--once").wait(30)
        headers, body = self.sink.last()
        return f"{self.sink.url}/instant/bare", headers, body

    def _copy(self, site: Site) -> Site:
        database = site.database.sibling()
        self._databases.append(database)
        database.create()
        return Site(site.stage, database, site.scratch, site.secret, site.key)

    def end(self) -> None:
        """Drops every database."""
        with ExitStack() as stack:
            for database in self._databases:
                stack.callback(database.drop)


@contextmanager
def ground(stage: Stage, engine: str, sink: Sink, scratch: Path) -> Iterator[Ground]:
    """A ground whose databases are dropped after the block."""
    made = Ground(stage, engine, sink, scratch)
    try:
        yield made
    finally:
        made.end()
