"""The receiver over HTTP: acks in each format's own way, signatures, and what it shows."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from standardwebhooks import Webhook

from workshop.harness import inbox
from workshop.harness.clients import CLIENTS
from workshop.harness.conduct import Conduct
from workshop.harness.inbox import Inbox
from workshop.harness.programs import listening_at
from workshop.harness.receiver import receiving

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OTHER_SECRET = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="


@pytest.fixture
def receiver():
    before = Inbox(CLIENTS)
    for client in CLIENTS:
        before.trust(client.slug, SECRET)
    with receiving(listening_at(0), {"before": before, "after": Inbox(CLIENTS)}) as running:
        yield running


def deliver(receiver, slug, body=b"{}", event="evt_1", secret=SECRET, age=timedelta()):
    moment = datetime.now(UTC) - age
    headers = {
        "webhook-id": event,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(event, moment, body.decode()),
    }
    return requests.post(f"{receiver.url}/before/hooks/{slug}", data=body, headers=headers, timeout=5)


@pytest.mark.parametrize(
    ("slug", "status", "body"),
    [
        ("nordlys-books", 200, '{"received":true}'),
        ("kiosco-sol", 204, ""),
        ("limmat-bank", 200, '<Ack code="0"/>'),
        ("himal-travel", 200, "[accepted]"),
        ("aotea-cloud", 202, ""),
        ("ops-channel", 200, "ok"),
        ("contas-claras", 201, ""),
    ],
)
def test_each_client_acknowledges_in_its_own_way(receiver, slug, status, body):
    answer = deliver(receiver, slug)

    assert (answer.status_code, answer.text) == (status, body)


@pytest.mark.parametrize("body", [b'{"a":1}', b"<Payment/>", "näme;ü\r\n1,50;€\r\n".encode(), b"a=b+c"])
def test_a_signature_over_any_bytes_is_verified(receiver, body):
    deliver(receiver, "nordlys-books", body)

    (received,) = receiver.inboxes["before"].of("nordlys-books")
    assert received.is_verified
    assert received.body == body


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"secret": OTHER_SECRET}, "No matching signature found"),
        ({"age": timedelta(minutes=6)}, "Message timestamp too old"),
    ],
)
def test_a_signature_that_does_not_hold_is_refused_with_the_reason(receiver, change, reason):
    answer = deliver(receiver, "ops-channel", **change)

    assert (answer.status_code, answer.text) == (401, reason)
    assert receiver.inboxes["before"].of("ops-channel")[0].refusal == reason
    assert receiver.inboxes["before"].acknowledged("ops-channel") == set()


@pytest.mark.parametrize("signature", ["", "v1", "v1,***", "v2,abc="])
def test_a_malformed_signature_is_refused(receiver, signature):
    stamp = str(int(datetime.now(UTC).timestamp()))
    headers = {"webhook-id": "e", "webhook-timestamp": stamp, "webhook-signature": signature}

    answer = requests.post(f"{receiver.url}/before/hooks/ops-channel", headers=headers, timeout=5)

    assert answer.status_code == 401


def test_the_failing_client_fails_its_first_delivery_twice_and_no_other(receiver):
    first = [deliver(receiver, "harbour-repairs", event="evt_1").status_code for _ in range(2)]
    other = deliver(receiver, "harbour-repairs", event="evt_2").status_code
    third = deliver(receiver, "harbour-repairs", event="evt_1").status_code

    assert (first, other, third) == ([500, 503], 200, 200)
    assert receiver.inboxes["before"].acknowledged("harbour-repairs") == {"evt_1", "evt_2"}


def test_the_inbox_shows_requests_as_json(receiver):
    deliver(receiver, "limmat-bank", b"<Payment>&amp;</Payment>")
    receiver.inboxes["before"].behave("limmat-bank", Conduct.HANGS_UP)
    with pytest.raises(requests.ConnectionError):
        deliver(receiver, "limmat-bank", event="evt_2")

    content = requests.get(f"{receiver.url}/inbox.json", timeout=5).json()

    first, second = content["before"]["limmat-bank"]
    assert first["body"] == "<Payment>&amp;</Payment>"
    assert first["signature"] == "verified"
    assert first["answered"] == {"status": 200, "body": '<Ack code="0"/>'}
    assert second["answered"] == {"status": None, "body": "no answer: it hangs up"}


def test_an_inbox_keeps_only_the_newest_requests(receiver, monkeypatch):
    monkeypatch.setattr(inbox, "KEPT", 2)
    short = inbox.Inbox(CLIENTS)

    for event in ("evt_1", "evt_2", "evt_3"):
        short.receive("kiosco-sol", {"webhook-id": event}, b"{}")

    assert [request.webhook_id for request in short.of("kiosco-sol")] == ["evt_2", "evt_3"]
    assert short.count() == 3


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/before/hooks/nobody"), ("POST", "/nowhere/hooks/ops-channel"), ("GET", "/nothing")]
)
def test_an_unknown_address_is_404(receiver, method, path):
    assert requests.request(method, receiver.url + path, timeout=5).status_code == 404
