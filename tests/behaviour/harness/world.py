"""Short functions for the set-up of most tests: a client, an event, a delivery run."""

import itertools
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .examples import event
from .http import Api, Response
from .processes import Process, Run, Server, Stage
from .receiver import Inbox, Receiver


@dataclass(frozen=True)
class Client:
    """A client as its creation showed it, an API with its key, and the inbox of its endpoint."""

    created: dict[str, Any]
    api: Api
    inbox: Inbox

    @property
    def slug(self) -> str:
        return self.created["slug"]

    @property
    def url(self) -> str:
        """Its place in the API."""
        return f"/v1/clients/{self.slug}"

    @property
    def api_key(self) -> str:
        return self.created["api_key"]

    @property
    def signing_secret(self) -> str:
        return self.created["signing_secret"]


class Manage:
    """`manage("deliver", "--once")` runs a command to its end; `manage.start(…)` leaves it running."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def __call__(self, *argv: str, env: Mapping[str, str | None] | None = None, within: float = 40) -> Run:
        return self._stage.start(*argv, env=env).wait(within)

    def ok(self, *argv: str, env: Mapping[str, str | None] | None = None, within: float = 40) -> Run:
        """Like a call, but the command must exit with 0."""
        run = self(*argv, env=env, within=within)
        assert run.exit_code == 0, f"manage.py {' '.join(argv)} exited with {run.exit_code}\n{run.stderr[-4000:]}"
        return run

    def start(self, *argv: str, env: Mapping[str, str | None] | None = None) -> Process:
        return self._stage.start(*argv, env=env)

    def serve(self, env: Mapping[str, str | None] | None = None) -> Server:
        return self._stage.serve(env)


_numbers = itertools.count(1)


def client_document(receiver: Receiver, **changes: Any) -> dict[str, Any]:
    """A valid body for `POST /v1/clients`; `changes` replace its members."""
    slug = changes.get("slug", f"client-{next(_numbers)}")
    return {
        "slug": slug,
        "name": "Acme Books",
        "endpoint_url": receiver.url(f"/{slug}"),
        "event_types": ["*"],
        "format": {"name": "std_json", "version": 1, "options": {}},
        **changes,
    }


def create_client(
    api: Api, receiver: Receiver, *, format: str | dict = "std_json", options: dict | None = None, **changes: Any
) -> Client:
    """Creates a client. `format` is "csv", "flat_camel@2" or the whole member; `path` is its path on the receiver."""
    if isinstance(format, str):
        name, _, version = format.partition("@")
        format = {"name": name, "version": int(version or 1), "options": options or {}}
    if path := changes.pop("path", None):
        changes["endpoint_url"] = receiver.url(path)
    document = client_document(receiver, format=format, **changes)
    response = api.post("/v1/clients", document)
    assert response.status == 201, response.body
    created = response.json()
    inbox = receiver.inbox(path or f"/{document['slug']}")
    return Client(created, api.as_key(created["api_key"]), inbox)


def post_event(api: Api, changes: dict[str, Any] | None = None, *, key: str | None = None, **paths: Any) -> Response:
    """Posts the example event with changes (see `event`), under a fresh Idempotency-Key unless one is given."""
    headers = {"Idempotency-Key": key or uuid.uuid4().hex}
    return api.post("/v1/events", event(changes, **paths), headers=headers)
