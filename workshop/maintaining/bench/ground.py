"""The start of the measurements on one database: sites that are made once, at their first use, and then copied."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from workshop.base.stages import Stage
from workshop.harness.api import Api
from workshop.harness.databases import Postgres, Sqlite
from workshop.harness.sink import Sink
from workshop.maintaining.bench.backlog import plant
from workshop.maintaining.bench.site import Site, post, prepared, subscribe

CLIENTS_OF_A_BACKLOG = 10


@dataclass(frozen=True)
class Ground:
    """One stage, one kind of database, one sink. `stack` drops the databases at its end."""

    stage: Stage
    engine: str
    sink: Sink
    scratch: Path
    stack: ExitStack
    _subscribed: dict[int, Site] = field(default_factory=dict)
    _waiting: dict[int, Site] = field(default_factory=dict)

    @cached_property
    def empty(self) -> Site:
        """Migrated, with an operator's key."""
        database = Postgres() if self.engine == "postgres" else Sqlite(self.scratch)
        self.stack.callback(database.drop)
        database.create()
        return prepared(self.stage, database, self.scratch)

    def subscribed(self, clients: int) -> Site:
        """A site with `clients` clients, whose endpoints answer at once, and one event."""
        if clients not in self._subscribed:
            site = self._subscribed[clients] = self.stack.enter_context(self.empty.copied())
            with site.programs() as programs:
                server, url = programs.serve_behind_gunicorn()
                api = Api(url, site.key)
                for number in range(clients):
                    subscribe(api, f"client-{number}", f"{self.sink.url}/instant/client-{number}")
                post(api)
                server.stop()
        return self._subscribed[clients]

    def waiting(self, deliveries: int) -> Site:
        """A site with ten clients and `deliveries` due deliveries."""
        if deliveries not in self._waiting:
            copied = self.subscribed(CLIENTS_OF_A_BACKLOG).copied()
            site = self._waiting[deliveries] = self.stack.enter_context(copied)
            plant(site.database, deliveries)
        return self._waiting[deliveries]

    @cached_property
    def delivery(self) -> tuple[str, Mapping[str, str], bytes]:
        """URL, headers and body of a delivery, as the stage sent it."""
        self.sink.clear()
        with self.subscribed(CLIENTS_OF_A_BACKLOG).copied() as site, site.programs() as programs:
            programs.start("worker", "deliver", "--once").wait(30)
        headers, body = self.sink.last()
        return f"{self.sink.url}/instant/bare", headers, body
