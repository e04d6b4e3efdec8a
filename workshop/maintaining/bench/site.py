"""A stage on a database of a bench: its API, its clients and its processes. Nothing here imports from the stage."""

import itertools
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage
from workshop.harness.databases import Database
from workshop.maintaining.bench.processes import Programs

EVENT: dict[str, Any] = {
    "type": "payment.captured",
    "occurred_at": "2026-11-22T13:27:24.123456Z",
    "data": {
        "payment_id": "pay_01",
        "amount": "10.10",
        "currency": "USD",
        "status": "captured",
        "customer": {
            "id": "cus_1",
            "name": "Zoë Müller",
            "email": "zoe@example.com",
            "iban": "DE89370400440532013000",
        },
        "reference": None,
        "failure": None,
    },
}
BODY = json.dumps(EVENT, ensure_ascii=False).encode()


class Api:
    """An operator's view of a running server. May be used from many threads; connections are kept."""

    _keys = itertools.count()

    def __init__(self, url: str, key: str, connections: int = 1) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._http = urllib3.PoolManager(maxsize=connections, block=True, retries=False, timeout=30)

    def subscribe(self, slug: str, endpoint: str) -> None:
        """Registers a client that gets every event as std_json@1."""
        document = {
            "slug": slug,
            "name": slug,
            "endpoint_url": endpoint,
            "event_types": ["*"],
            "format": {"name": "std_json", "version": 1, "options": {}},
        }
        self._post("/v1/clients", json.dumps(document).encode(), {}, 201)

    def accept(self) -> str:
        """Posts an event of its own and returns the event's id once the server has accepted it."""
        accepted = self._post("/v1/events", BODY, {"Idempotency-Key": f"bench-{next(self._keys)}"}, 202)
        return str(accepted["id"])

    def _post(self, path: str, body: bytes, headers: Mapping[str, str], wanted: int) -> Any:
        response = self._http.request("POST", self._url + path, body=body, headers={**self._headers, **headers})
        if response.status != wanted:
            raise CommandFailed(f"POST {path} answered {response.status}: {response.data[:500]!r}")
        return response.json()


@dataclass(frozen=True)
class Site:
    """A stage on one database. A copy of the database is another site with the same key and the same secrets."""

    stage: Stage
    database: Database
    scratch: Path
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(40))
    key: str = ""

    @contextmanager
    def programs(self) -> Iterator[Programs]:
        """Runs the stage's programs; all have ended afterwards."""
        programs = Programs(self.stage.folder, self._environment(), self.scratch)
        try:
            yield programs
        finally:
            programs.end()

    def _environment(self) -> dict[str, str]:
        """What the stage's processes know of this machine: nothing but their database."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.scratch),
            "LANG": "C.UTF-8",
            "DATABASE_URL": self.database.url,
            "SECRET_KEY": self.secret,
            "ALLOWED_HOSTS": "127.0.0.1",
            "WEBHOOKS_ALLOW_HTTP": "1",
            "WEBHOOKS_ALLOWED_NETWORKS": "127.0.0.0/8",
            "WEBHOOKS_DELIVERY_ENGINE": "polling",
        }

    @contextmanager
    def copied(self) -> Iterator["Site"]:
        """The same site on a copy of its database; the copy is gone afterwards."""
        with self.database.copied() as copy:
            yield Site(self.stage, copy, self.scratch, self.secret, self.key)


def prepared(stage: Stage, database: Database, scratch: Path) -> Site:
    """A site whose database is migrated and holds an operator's key, and nothing else."""
    site = Site(stage, database, scratch)
    with site.programs() as programs:
        programs.call("migrate", "--verbosity", "0")
        key = programs.call("create_api_key", "--role", "operator")
    return Site(stage, database, scratch, site.secret, key)
