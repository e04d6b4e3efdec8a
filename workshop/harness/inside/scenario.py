"""A scenario that runs a stage through the whole of Django in one process: every API call, the worker, the commands and
the admin's pages. It checks each answer, because a scenario that fails early would measure nothing.
"""

import io
import json
import re
from contextlib import AbstractContextManager
from typing import Any

from workshop.harness.clients import CLIENTS, Answer, events
from workshop.harness.conduct import Silence
from workshop.harness.inbox import Inbox
from workshop.harness.programs import listening_at
from workshop.harness.receiver import Receiver, receiving

POSTED = 8
SIDE = "here"


class Unexpected(Exception):
    """The scenario cannot go on, because a stage gave another answer than it needs."""


class Server:
    """The stage in this process, called as over HTTP: middleware, URLs, views, everything except the socket."""

    def __init__(self) -> None:
        import django

        django.setup()
        from django.contrib.auth import get_user_model
        from django.core.management import call_command
        from django.test import Client

        self._call_command = call_command
        self.command("migrate", verbosity=0)
        self.key = self.command("create_api_key", role="operator")
        self._browser = Client(SERVER_NAME="localhost")
        self._browser.force_login(get_user_model().objects.create_superuser("admin", "admin@example.com", "admin"))
        self._api = Client(SERVER_NAME="localhost")

    def command(self, *arguments: str, **options: Any) -> str:
        """The output of a management command."""
        printed = io.StringIO()
        self._call_command(*arguments, stdout=printed, stderr=io.StringIO(), **options)
        return printed.getvalue().strip()

    def deliver(self) -> None:
        """Sends the due deliveries one by one, so that the outcome does not depend on which endpoint answers first."""
        self.command("deliver", "--once", "--concurrency", "1")

    def call(
        self, method: str, path: str, wanted: int, body: Any = None, *, key: str = "", idempotency_key: str = ""
    ) -> Any:
        """The answer's JSON, or its bytes if it is no JSON. Raises Unexpected for another status."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        content = b"" if body is None else json.dumps(body).encode()
        answer = self._api.generic(method, path, content, "application/json", headers=headers)
        return _checked(answer, f"{method} {path}", wanted)

    def page(self, path: str, form: dict[str, Any] | None = None, *, follow: bool = True) -> bytes:
        """A page of the admin, or the answer to a submitted form; without `follow`, the redirect to that."""
        answer = self._browser.get(path) if form is None else self._browser.post(path, form, follow=follow)
        _checked(answer, path, 200 if follow else 302)
        return bytes(answer.content)


class Clients(Inbox):
    """The demo's clients, with the answers that their formats need, until one client is gone."""

    def __init__(self) -> None:
        super().__init__(CLIENTS)
        self.gone: set[str] = set()

    def receive(self, slug: str, headers: dict[str, str], body: bytes) -> Answer | Silence:
        return Answer(410) if slug in self.gone else super().receive(slug, headers, body)


def clients_listening() -> AbstractContextManager[Receiver]:
    """All of them, behind one receiver."""
    return receiving(listening_at(0), {SIDE: Clients()})


def register(server: Server, receiver: Receiver) -> dict[str, str]:
    """Registers every client; their API keys by slug."""
    keys = {}
    for client in CLIENTS:
        created = server.call("POST", "/v1/clients", 201, client.registration(f"{receiver.url}/{SIDE}"))
        receiver.inboxes[SIDE].trust(client.slug, created["signing_secret"])
        keys[client.slug] = created["api_key"]
    return keys


def play(server: Server, receiver: Receiver) -> None:
    """Every call once, in an order in which each call has rows to find."""
    keys = register(server, receiver)
    slug = CLIENTS[0].slug
    _read_only_calls(server)
    _clients(server, slug, keys[slug])
    _events(server, slug, keys[slug])
    _deliveries(server, slug, keys[slug])
    _trouble(server, receiver)
    _admin(server)
    server.call("DELETE", f"/v1/clients/{slug}", 204)
    server.command("prune", older_than="0d")


def _read_only_calls(server: Server) -> None:
    for path in ("/v1/openapi.json", "/v1/formats", "/healthz", "/readyz", "/metrics"):
        server.call("GET", path, 200)


def _clients(server: Server, slug: str, key: str) -> None:
    server.call("POST", "/v1/clients", 422, {"slug": "Not A Slug"})
    server.call("POST", "/v1/clients", 409, CLIENTS[0].registration("http://127.0.0.1:9"))
    server.call("GET", "/v1/clients", 200)
    server.call("GET", f"/v1/clients/{slug}", 200, key=key)
    server.call("PATCH", f"/v1/clients/{slug}", 200, {"name": "Nordlys", "status": "disabled"})
    server.call("PATCH", f"/v1/clients/{slug}", 200, {"status": "active"})
    server.call("PATCH", f"/v1/clients/{slug}", 422, {"event_types": ["unknown"]}, key=key)


def _events(server: Server, slug: str, key: str) -> None:
    posted = events()[:POSTED]
    server.call("POST", f"/v1/clients/{slug}/preview", 200, posted[0])
    server.call("POST", f"/v1/clients/{slug}/test", 202, {})
    for number, event in enumerate(posted):
        accepted = server.call("POST", "/v1/events", 202, event, idempotency_key=f"key-{number}")
    server.call("POST", "/v1/events", 202, posted[0], idempotency_key="key-0")
    server.call("POST", "/v1/events", 422, posted[1], idempotency_key="key-0")
    server.call("POST", "/v1/events", 422, {"type": "unknown"}, idempotency_key="key-x")
    server.call("GET", "/v1/events", 200)
    server.call("GET", "/v1/events?type=payment.captured", 200)
    server.call("GET", f"/v1/events/{accepted['id']}", 200)
    server.call("GET", f"/v1/events/{accepted['id']}?client={slug}", 200)
    server.call("GET", f"/v1/events/{accepted['id']}", 200, key=key)


def _deliveries(server: Server, slug: str, key: str) -> None:
    pending = server.call("GET", f"/v1/deliveries?client={slug}", 200)["results"][0]["id"]
    server.call("POST", f"/v1/deliveries/{pending}/retry", 202)
    server.deliver()
    server.call("GET", "/v1/deliveries?status=delivered", 200, key=key)
    server.call("GET", f"/v1/deliveries/{pending}", 200)
    server.call("POST", f"/v1/deliveries/{pending}/retry", 202)
    # The worker signs with two secrets now.
    server.call("POST", f"/v1/clients/{slug}/rotate-secret", 200, {"overlap_seconds": 60})
    server.deliver()
    period = {"since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    server.call("POST", f"/v1/clients/{slug}/recover", 202, period)


def _trouble(server: Server, receiver: Receiver) -> None:
    """A worker that died with a claimed delivery, and a deleted client."""
    from django.apps import apps
    from django.utils import timezone

    inbox = receiver.inboxes[SIDE]
    assert isinstance(inbox, Clients)
    inbox.gone.add(CLIENTS[1].slug)
    server.call("POST", f"/v1/clients/{CLIENTS[1].slug}/test", 202, {})
    server.call("POST", f"/v1/clients/{CLIENTS[2].slug}/test", 202, {})
    waiting = apps.get_model("webhooks", "Delivery").objects.filter(status="pending", client__slug=CLIENTS[2].slug)
    if not waiting.update(lease_token="lost", leased_until=timezone.now()):
        raise Unexpected("There is no delivery that a worker could lose.")
    server.deliver()
    if server.call("GET", f"/v1/clients/{CLIENTS[1].slug}", 200)["disabled_reason"] != "gone":
        raise Unexpected("A client that answered 410 is still active.")


def _admin(server: Server) -> None:
    for table in ("webhooks/event", "webhooks/delivery", "clients/client", "clients/apikey"):
        if b"/change/" not in server.page(f"/admin/{table}/"):
            raise Unexpected(f"The admin's list of {table} is empty.")
        server.page(f"/admin/{table}/1/change/")
    retry = {"action": "retry_selected", "_selected_action": ["1", "2"]}
    if b"due now" not in server.page("/admin/webhooks/delivery/", retry):
        raise Unexpected("The admin retried nothing.")
    disable = {"action": "disable_selected", "_selected_action": ["2"]}
    if b"Disabled 1 clients" not in server.page("/admin/clients/client/", disable):
        raise Unexpected("The admin disabled no client.")
    client = CLIENTS[3].registration("http://127.0.0.1:9")
    form = {name: client[name] for name in ("slug", "name", "endpoint_url", "event_types")}
    form |= {"format": CLIENTS[3].title, "format_options": "{}"}
    for path, values in (
        ("add", form | {"slug": "made-by-hand"}),
        ("4/change", form | {"name": "Changed by hand", "status": "active"}),
    ):
        opened = server.page(f"/admin/clients/client/{path}/").decode()
        hidden = re.findall('<input type="hidden" name="([a-z_]+)" value="([^"]*)"', opened)
        if b"successfully" not in server.page(f"/admin/clients/client/{path}/", {**dict(hidden), **values}):
            raise Unexpected(f"The admin did not save {path}.")
    server.page("/admin/clients/client/5/delete/", {"post": "yes"})
    server.page("/admin/clients/apikey/", {"action": "revoke_selected", "_selected_action": ["6"]})


def _checked(answer: Any, what: str, wanted: int) -> Any:
    if answer.status_code != wanted:
        raise Unexpected(f"{what} answered {answer.status_code} instead of {wanted}: {answer.content[:500]!r}")
    if "json" not in answer.headers.get("Content-Type", ""):
        return getattr(answer, "content", b"")
    return json.loads(answer.content)
