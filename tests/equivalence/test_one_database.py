"""Two stages work on one database at once, through an upgrade and back, and the books balance."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from crowd import Traffic, traffic
from ledger import Ledger
from standardwebhooks import Webhook
from two_stages import Shared, one_database

from harness.databases import Unreachable
from harness.http import Api
from harness.processes import eventually
from harness.receiver import Answer, Received
from harness.world import Client, create_client
from workshop.base.stages import Stage, all_stages

FORMATS = {  # and what acknowledges each
    "std_json": b"",
    "flat_camel@1": b"",
    "flat_camel@2": b"",
    "xml_bank": b'<Ack code="0"/>',
    "form_legacy": b"[accepted]",
    "cloudevents": b"",
    "slack_blocks": b"ok",
    "csv": b"",
}
TYPES = ("payment.captured", "payment.failed", "payout.paid")
EVENTS_A_PHASE = 40
HALF_A_DAY = 13 * 3600  # longer than the longest wait
PATIENCE = 120  # seconds for what a quick machine does in five
PENDING = "SELECT count(*) FROM webhooks_delivery WHERE status = 'pending'"
DUE = f"{PENDING} AND (lease_token IS NOT NULL OR next_attempt_at <= ?)"


def pairs() -> list[tuple[Stage, Stage]]:
    """The two ends; two neighbours, those between which the last writes go behind repositories; two rungs."""
    here = {stage.name: stage for stage in all_stages()}
    wanted = [("before", "after"), ("step-08", "step-09"), ("step-05", "step-07")]
    return [(here[old], here[new]) for old, new in wanted if old in here and new in here]


@pytest.fixture(params=["postgres", "sqlite"])
def shared(request, pair) -> Iterator[Shared]:
    try:
        with one_database(request.param, [stage.folder for stage in pair]) as shared:
            yield shared
    except Unreachable as unreachable:
        pytest.skip(str(unreachable))


@pytest.mark.parametrize("pair", pairs(), ids=lambda pair: f"{pair[0].name}-{pair[1].name}")
def test_an_upgrade_and_its_rollback_under_load_lose_nothing_and_send_nothing_twice(shared):
    old, new = shared.stages
    before = shared.start(old)
    ledger = Ledger(before.api(shared.operator_key), shared.database, shared.receiver)
    clients = subscribed(ledger, shared)

    with load(ledger) as flow:
        flow.wait_for_accepted(EVENTS_A_PHASE)
        after = shared.start(new)
        with load(ledger, after.api(shared.operator_key)) as second:
            change_clients(clients, ledger, [before.api(shared.operator_key), after.api(shared.operator_key)])
            second.wait_for_accepted(EVENTS_A_PHASE)
            flow.api = second.api
            replay_elsewhere(ledger, second.api)
            page_across(before.api(shared.operator_key), second.api)
            before.retire()
            second.wait_for_accepted(EVENTS_A_PHASE)

            before = shared.start(old)  # the rollback
            ledger.api = flow.api = second.api = before.api(shared.operator_key)
            second.wait_for_accepted(EVENTS_A_PHASE)
            after.retire()
            second.wait_for_accepted(EVENTS_A_PHASE)
    drain(shared)
    before.retire()

    count = ledger.count()
    assert count.events > 5 * EVENTS_A_PHASE
    assert set(count.statuses) == {"delivered", "skipped", "cancelled"}, count.statuses
    assert set(count.errors) <= {None, "bad_status", "interrupted"}, count.errors
    assert_all_signed(clients, shared)
    for stage in shared.stages:
        assert '"level": "error"' not in shared.log_of(stage), shared.log_of(stage)[-3000:]


@contextmanager
def load(ledger: Ledger, api: Api | None = None) -> Iterator[Traffic]:
    """Two senders of events of several types."""
    kinds = itertools.cycle(TYPES)
    with traffic(ledger, senders=2, api=api, paths=lambda: {"type": next(kinds)}) as flow:
        yield flow


def subscribed(ledger: Ledger, shared: Shared) -> dict[str, Client]:
    """A client of each format; every endpoint fails now and then."""
    made = {}
    for name, ack in FORMATS.items():
        client = ledger.enter(lambda name=name: create_client(ledger.api, shared.receiver, format=name))
        client.inbox.answer(
            *[Answer(body=ack)] * 7, Answer(500), *[Answer(body=ack)] * 9, Answer(503), Answer(body=ack)
        )
        made[name] = client
    return made


def change_clients(clients: dict[str, Client], ledger: Ledger, apis: list[Api]) -> None:
    """The calls of operators on a day, through the two servers in turn."""
    turn = itertools.cycle(apis)
    moved = clients["std_json"]
    path = f"/{moved.slug}/moved"
    ledger.subscribers[moved.slug].paths.add(path)
    url = moved.created["endpoint_url"] + "/moved"
    for _ in range(2):
        for name in ("csv", "xml_bank", "cloudevents"):
            rotated = next(turn).post(f"{clients[name].url}/rotate-secret", {"overlap_seconds": 86400 * 7})
            assert rotated.status == 200, rotated.body
            clients[name].created.setdefault("secrets", []).append(rotated.json()["signing_secret"])
        for change in ({"endpoint_url": url}, {"name": "Renamed"}, {"format": {"name": "cloudevents", "version": 1}}):
            changed = next(turn).patch(moved.url, change)
            assert changed.status == 200, changed.body
        for status in ("disabled", "active", "disabled", "active"):
            changed = next(turn).patch(clients["form_legacy"].url, {"status": status})
            assert changed.status == 200, changed.body
            assert next(turn).get(clients["form_legacy"].url).json()["status"] == status
    ledger.api = next(turn)
    ledger.delete(clients["flat_camel@2"])


def replay_elsewhere(ledger: Ledger, api: Api) -> None:
    """Each server knows the events that the other accepted."""
    known = [posted for posted in list(ledger.posted.values())[:10] if posted.event_id]
    assert known
    for posted in known:
        answer = api.post("/v1/events", posted.body, headers={"Idempotency-Key": posted.key})
        assert (answer.status, answer.json()["id"]) == (202, posted.event_id)
        assert answer.headers["Idempotent-Replayed"] == "true"


def page_across(one: Api, other: Api) -> None:
    """A cursor of the one server leads on at the other."""
    seen: list[str] = []
    address = "/v1/deliveries?limit=20"
    for _, api in zip(range(4), itertools.cycle([one, other])):
        answer = api.get(address)
        assert answer.status == 200, answer.body
        page = answer.json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    assert len(seen) == len(set(seen)) == 80


def drain(shared: Shared) -> None:
    """Lets every retry come, until nothing is pending."""
    for _ in range(4):
        eventually(lambda: not shared.database.value(DUE, shared.clock.now()), PATIENCE)
        shared.clock.move(seconds=HALF_A_DAY)
    eventually(lambda: not shared.database.value(PENDING), PATIENCE)


def assert_all_signed(clients: dict[str, Client], shared: Shared) -> None:
    """Every request carries a signature of the oldest secret that was valid, whichever stage sealed or opened it."""
    checked = 0
    for client in clients.values():
        secrets = [client.signing_secret, *client.created.get("secrets", [])]
        for path in (client.inbox.path, f"/{client.slug}/moved"):
            for request in shared.receiver.inbox(path):
                signatures = set(request.headers["webhook-signature"].split())
                wanted = {
                    Webhook(secret).sign(request.headers["webhook-id"], _sent_at(request), request.body.decode())
                    for secret in secrets
                }
                assert signatures & wanted, f"{path}: signed with an unknown secret"
                checked += 1
    assert checked


def _sent_at(request: Received) -> datetime:
    return datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
