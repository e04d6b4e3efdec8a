"""A stage on a database of a bench: its API, its clients and its processes. Nothing here imports from the stage."""

import itertools
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from workshop.base.stages import Stage
from workshop.harness.api import Api
from workshop.harness.clients import events
from workshop.harness.databases import Database
from workshop.harness.inside import on_database
from workshop.harness.programs import Programs

BODY = json.dumps(events()[0], ensure_ascii=False).encode()
_keys = itertools.count()


def subscribe(api: Api, slug: str, endpoint: str) -> None:
    """Registers a client that gets every event as std_json@1."""
    chosen = {"name": "std_json", "version": 1, "options": {}}
    api.create_client({"slug": slug, "name": slug, "endpoint_url": endpoint, "event_types": ["*"], "format": chosen})


def post(api: Api) -> str:
    """Posts a new event and returns its id after the server has accepted it."""
    return str(api.post_event(BODY, f"bench-{next(_keys)}")["id"])


@dataclass(frozen=True)
class Site:
    """A stage on one database. A copy of the database is another site with the same key and the same secrets."""

    stage: Stage
    database: Database
    scratch: Path
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(40))
    key: str = ""

    def programs(self, folder: Path | None = None) -> Programs:
        """The programs of the stage, or of another folder on its database; all have ended after the `with` block."""
        return Programs(folder or self.stage.folder, self.environment(), self.scratch, kills=True)

    def environment(self) -> dict[str, str]:
        """The environment of the programs on this database."""
        return on_database(self.database.url) | {"SECRET_KEY": self.secret}

    @contextmanager
    def copied(self) -> Iterator["Site"]:
        """The same site on a copy of its database, which is dropped after the block."""
        with self.database.copied() as copy:
            yield replace(self, database=copy)


def prepared(stage: Stage, database: Database, scratch: Path) -> Site:
    """A site whose database is migrated and holds only an operator's key."""
    site = Site(stage, database, scratch)
    with site.programs() as programs:
        return replace(site, key=programs.prepare())
