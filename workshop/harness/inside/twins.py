"""One event's way through a stage, recorded call by call: `python -m workshop.harness.inside.twins [SCENARIO]…`.

A scenario is played twice, and the second time is recorded: by then whatever is cached is there. Without arguments all
scenarios are recorded.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workshop.base.counting import counted
from workshop.harness.clients import CLIENTS, Answer, Client
from workshop.harness.inbox import Inbox
from workshop.harness.inside.scenario import SIDE, Server, Unexpected
from workshop.harness.inside.tracer import Call, Statement, Tracer
from workshop.harness.programs import listening_at
from workshop.harness.receiver import receiving

# The event and the client of docs/tour.md.
EVENT: dict[str, Any] = {
    "type": "payment.captured",
    "occurred_at": "2026-11-22T13:27:24.123456Z",
    "data": {
        "payment_id": "pay_01",
        "amount": "10.10",
        "currency": "USD",
        "status": "captured",
        "customer": {"id": "cus_1", "name": "Zoë Müller", "email": "zoe@example.com", "iban": None},
        "reference": None,
        "failure": None,
    },
}
ACCEPTED = Answer(200, "text/plain", "[accepted]")
NORDLYS = Client("nordlys", "Nordlys Books", "form_legacy", 1, ACCEPTED, {"timezone": "Europe/Oslo"})
BACK_SOON = Answer(503, "text/plain", "Back soon")
POST = "The platform posts the event"
AGAIN = "The platform posts it once more, with the same key"
WORK = "The worker delivers what is due"
RETRY = "An operator retries the delivery in the admin"
ID = re.compile(r"\b(evt|dlv)_[0-9A-Za-z]{26}")


@dataclass
class Play:
    """One run of a scenario on a server, with one client. `acts` are its recorded parts."""

    server: Server
    tracer: Tracer
    client: Client
    inbox: Inbox
    acts: list[tuple[str, list[Call | Statement]]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    @contextmanager
    def act(self, title: str) -> Iterator[None]:
        """The block is recorded."""
        with self.tracer.recording() as found:
            yield
        self.acts.append((title, found))

    def post(self) -> None:
        accepted = self.server.call("POST", "/v1/events", 202, EVENT, idempotency_key="order-1001")
        self.answers.append(f"202 {json.dumps(accepted)}")

    def delivery(self) -> dict[str, Any]:
        """The client's only delivery, as the API shows it. Raises Unexpected if it has another number of them."""
        found: list[dict[str, Any]] = self.server.call("GET", "/v1/deliveries", 200)["results"]
        if len(found) != 1:
            raise Unexpected(f"One event for one client has {len(found)} deliveries.")
        return found[0]


def accepted(play: Play) -> None:
    with play.act(POST):
        play.post()


def same_key_again(play: Play) -> None:
    play.post()
    with play.act(AGAIN):
        play.post()


def delivered(play: Play) -> None:
    accepted(play)
    with play.act(WORK):
        play.server.deliver()


def failed(play: Play) -> None:
    play.post()
    with play.act(WORK):
        play.server.deliver()
    if play.delivery()["status"] != "pending":
        raise Unexpected("A delivery that failed once is not planned again.")


def retried(play: Play) -> None:
    from django.apps import apps

    play.post()
    play.server.deliver()
    key = apps.get_model("webhooks", "Delivery").objects.get().pk
    with play.act(RETRY):
        form = {"action": "retry_selected", "_selected_action": [str(key)]}
        play.server.page("/admin/webhooks/delivery/", form, follow=False)
    if play.delivery()["status"] != "pending":
        raise Unexpected("The admin retried nothing.")
    with play.act(WORK):
        play.server.deliver()


@dataclass(frozen=True)
class Scenario:
    """What is played, and for which client."""

    title: str
    run: Callable[[Play], None]
    client: Client = NORDLYS


def _client_of(client: Client) -> Client:
    """The demo's client as it suits the tour's event, which is too small for a threshold of 1,000 USD."""
    if client.title == NORDLYS.title:
        return NORDLYS
    return replace(client, options=client.options | {"threshold": {"USD": "10"}}) if "slack" in client.title else client


SCENARIOS = {
    "accepted": Scenario("Accepted", accepted),
    "same-key-again": Scenario("The same key again", same_key_again),
    **{
        f"delivered-{client.title}": Scenario(f"Delivered as {client.title}", delivered, _client_of(client))
        for client in CLIENTS
        if not client.fails_first
    },
    "failed": Scenario("Failed, and planned again", failed, replace(NORDLYS, fails_first=(BACK_SOON,))),
    "retried": Scenario("Retried from the admin", retried),
}


def record(server: Server, tracer: Tracer, scenario: Scenario) -> dict[str, Any]:
    """The acts of a scenario as nested lists, what was sent, and what came of it. Raises Unexpected."""
    inbox = Inbox([scenario.client])
    with receiving(listening_at(0), {SIDE: inbox}) as receiver:
        registration = scenario.client.registration(f"{receiver.url}/{SIDE}")
        inbox.trust(scenario.client.slug, server.call("POST", "/v1/clients", 201, registration)["signing_secret"])
        play = Play(server, tracer, scenario.client, inbox)
        scenario.run(play)
        delivery = play.delivery()
    _remove_rows()
    return {
        "acts": [[title, [_plain(one) for one in found]] for title, found in play.acts],
        "answers": [ID.sub(_token, answer) for answer in play.answers],
        "sent": [
            [got.headers.get("content-type", ""), ID.sub(_token, got.text), str(got.answer)]
            for got in inbox.of(scenario.client.slug)
        ],
        "ended": f"{delivery['status']}, {counted(delivery['attempt_count'], 'attempt')}",
    }


def _remove_rows() -> None:
    """The next run starts on empty tables."""
    from django.apps import apps

    for label, model in (("webhooks", "Attempt"), ("webhooks", "Delivery"), ("webhooks", "Event")):
        apps.get_model(label, model)._base_manager.all()._raw_delete("default")
    apps.get_model("clients", "ApiKey")._base_manager.filter(client__isnull=False).delete()
    apps.get_model("clients", "Client")._base_manager.all()._raw_delete("default")


def _token(found: "re.Match[str]") -> str:
    return f"{found[1]}_{'0' * 26}"


def _plain(one: Call | Statement) -> list[Any]:
    """A call is [file, name, marks, what it called], a statement [text, line]."""
    if isinstance(one, Statement):
        return [one.text, one.line]
    marks = "".join(mark for mark, holds in (("p", one.is_pure), ("s", one.by_signal), ("t", one.in_thread)) if holds)
    return [one.file, one.name, marks, [_plain(inner) for inner in one.inner]]


def main(names: Sequence[str]) -> None:
    server, tracer = Server(), Tracer(Path.cwd())
    found = {}
    for name in names or SCENARIOS:
        for _ in range(2):
            found[name] = record(server, tracer, SCENARIOS[name])
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
