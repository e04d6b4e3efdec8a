"""The lab of the demo for tests: two sides whose servers do not answer, and requests to their clients."""

import json
import socket
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from workshop.demo.lab import web
from workshop.demo.lab.servers import accepted
from workshop.demo.lab.state import Lab
from workshop.harness.clients import CLIENTS
from workshop.harness.clock import Clock
from workshop.harness.inbox import Inbox
from workshop.harness.programs import listening_at
from workshop.harness.receiver import receiving

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
EVENT = b'{"type": "payment.captured"}'
TRUE_TIME = timedelta()


def side(name, inbox):
    nowhere = "http://127.0.0.1:1"  # no program answers there
    return SimpleNamespace(name=name, url=nowhere, key="whk_1", inbox=inbox, workers=[])


def trusting(ahead=lambda: TRUE_TIME):
    inbox = Inbox(CLIENTS, ahead)
    for client in CLIENTS:
        inbox.trust(client.slug, SECRET)
    return inbox


def make(folder):
    """The lab of two sides whose servers do not answer."""
    made = Lab([side("before", trusting()), side("after", trusting())], Clock(folder / "clock"))
    for each in made.sides.values():
        each.inbox.heard = lambda received, name=each.name: made.heard(name, received)
    return made


@contextmanager
def served(lab):
    """The lab's pages behind a receiver."""
    with receiving(listening_at(0), {each.name: each.inbox for each in lab.sides.values()}) as receiver:
        pages = web.LabPages(lab, receiver.url)
        receiver.pages = pages
        try:
            yield SimpleNamespace(pages=pages, url=receiver.url, receiver=receiver)
        finally:
            pages.end()


def signed(event, body=b"{}", at=None, secret=SECRET):
    moment = at or datetime.now(UTC)
    return {
        "webhook-id": event,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(event, moment, body.decode()),
    }


def receive(lab, name, event, body=b"{}", slug="ops-channel"):
    return lab.sides[name].inbox.receive(slug, signed(event, body), body)


def records(lab, kind):
    return [found for record in lab.log.after(0, 0) if (found := json.loads(record.text))["kind"] == kind]


def post(lab, before="evt_B", after="evt_A"):
    number = lab.new_event()
    lab.posted(number, EVENT, {"before": accepted({"id": before}), "after": accepted({"id": after})})
    return number


def raw(serving, event="evt_1"):
    """A connection on which a signed request has just been sent."""
    address = urlsplit(serving.url)
    lines = [f"{name}: {value}" for name, value in signed(event).items()]
    head = "\r\n".join(["POST /before/hooks/himal-travel HTTP/1.1", "Host: a", "Content-Length: 2", *lines])
    connection = socket.create_connection((address.hostname, address.port), timeout=10)
    connection.sendall(f"{head}\r\n\r\n{{}}".encode())
    return connection


def read(connection):
    with connection:
        received = b""
        while part := connection.recv(65536):
            received += part
        return received
