"""The ledger of a test: accepted, stored and delivered events. Every test here ends by counting them.

It reads the tables, which are the same at every stage, after nothing is in flight any longer.
"""

import itertools
import math
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from harness.databases import Database
from harness.examples import event
from harness.http import Api, Response
from harness.processes import eventually
from harness.receiver import Receiver
from harness.world import Client

EIGHT = 8  # attempts before a delivery is dead
WAITING = (
    "SELECT count(*) FROM webhooks_delivery d JOIN clients_client c ON c.id = d.client_id"
    " WHERE d.status = 'pending' AND c.status = 'active' AND c.deleted_at IS NULL"
)


@dataclass
class Posted:
    """One event as its sender knows it: posted under one key, until it is answered. Times are monotonic."""

    key: str
    body: dict[str, Any]
    sent_at: float
    answered_at: float = math.inf
    status: int | None = None  # of the last answer; None if the last try got no answer
    event_id: str = ""  # from a 202

    @property
    def payment_id(self) -> str:
        return str(self.body["data"]["payment_id"])


@dataclass
class Subscriber:
    """One client as its operator knows it, from its creation to its deletion."""

    slug: str
    paths: set[str]
    event_types: list[str]
    asked_for_at: float
    known_at: float
    delete_sent_at: float = math.inf
    deleted_at: float = math.inf

    def must_get(self, posted: Posted) -> bool:
        """It was there for the whole time in which the event was accepted, and subscribed to it."""
        there = self.known_at <= posted.sent_at and posted.answered_at <= self.delete_sent_at
        return there and self._wants(posted)

    def may_get(self, posted: Posted) -> bool:
        there = self.asked_for_at <= posted.answered_at and posted.sent_at <= self.deleted_at
        return there and self._wants(posted)

    def _wants(self, posted: Posted) -> bool:
        kind = str(posted.body["type"])
        family = kind.partition(".")[0] + ".*"
        return bool({"*", kind, family} & set(self.event_types))


@dataclass
class Count:
    """The balance of the ledger at the end."""

    events: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    errors: Counter[str | None] = field(default_factory=Counter)  # of all attempts; None is an acknowledged one
    requests: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def deliveries(self) -> int:
        return self.statuses.total()


@dataclass
class Ledger:
    """Keeps the books of one database. Safe to use from many threads, but for `count`."""

    api: Api
    database: Database
    receiver: Receiver
    posted: dict[str, Posted] = field(default_factory=dict)
    subscribers: dict[str, Subscriber] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    # Actions of a test that the ledger records

    def enter(self, create: Callable[[], Client]) -> Client:
        """Enters the client that `create` makes."""
        asked_for_at = time.monotonic()
        client = create()
        types = client.created["event_types"]
        known_at = time.monotonic()
        with self._lock:
            self.subscribers[client.slug] = Subscriber(client.slug, {client.inbox.path}, types, asked_for_at, known_at)
        return client

    def delete(self, client: Client) -> None:
        """Deletes the client, which must be answered with 204."""
        subscriber = self.subscribers[client.slug]
        subscriber.delete_sent_at = time.monotonic()
        response = self.api.delete(client.url)
        subscriber.deleted_at = time.monotonic()
        assert response.status == 204, response.body

    def note(self, **paths: Any) -> Posted:
        """An event to post, identified by its payment id."""
        number = next(self._numbers)
        body = event(**{"data__payment_id": f"pay_{number:06}", **paths})
        posted = Posted(f"key-{number:06}", body, time.monotonic())
        with self._lock:
            self.posted[posted.key] = posted
        return posted

    def send(self, posted: Posted, api: Api | None = None) -> Response | None:
        """Tries once to post the event; every try uses the same key. None if no answer came."""
        try:
            response = (api or self.api).post("/v1/events", posted.body, headers={"Idempotency-Key": posted.key})
        except (OSError, AssertionError) as failure:
            if isinstance(failure, AssertionError) and not isinstance(failure.__cause__, (OSError, HTTPException)):
                raise  # an answer of 500
            posted.status = None
            return None
        if response.status == 202 and not response.body:
            posted.status = None
            return None  # the server died in the middle of its answer
        posted.status = response.status
        if response.status == 202:
            posted.answered_at, posted.event_id = time.monotonic(), response.json()["id"]
        return response

    def accepted(self, count: int = 1, **paths: Any) -> list[str]:
        """Posts so many events, which must be accepted, and returns their ids."""
        ids = []
        for _ in range(count):
            posted = self.note(**paths)
            response = self.send(posted)
            assert response and response.status == 202, response
            ids.append(posted.event_id)
        return ids

    def wait_until_ended(self, within: float = 30) -> None:
        """Waits until no delivery of an active client is pending."""
        eventually(lambda: not self.database.value(WAITING), within)

    # The count

    def count(self) -> Count:
        """Counts, and fails with every difference that there is."""
        count = self.counted()
        assert not count.differences, "\n".join(["The books do not balance:", *count.differences[:20]])
        return count

    def counted(self, acknowledges: Callable[[str, int], bool] | None = None) -> Count:
        """Counts. `acknowledges(path, n)`: whether the answer to the path's n-th request, from 0, acknowledges."""
        events = self.database.rows("SELECT public_id, idempotency_key FROM webhooks_event")
        deliveries = self.database.rows(
            "SELECT d.id, d.public_id, e.public_id AS event, c.slug, c.status AS client_status, c.deleted_at,"
            " d.status, d.attempt_count, d.body FROM webhooks_delivery d"
            " JOIN webhooks_event e ON e.id = d.event_id JOIN clients_client c ON c.id = d.client_id"
        )
        errors = defaultdict(list)
        for row in self.database.rows("SELECT delivery_id, error FROM webhooks_attempt ORDER BY id"):
            errors[row["delivery_id"]].append(row["error"])
        arrived, strangers = self._arrived({(row["event"], row["slug"]) for row in deliveries}, acknowledges)

        count = Count(len(events))
        count.statuses.update(row["status"] for row in deliveries)
        count.errors.update(error for row in deliveries for error in errors[row["id"]])
        count.requests = sum(map(len, arrived.values()))
        count.differences += strangers
        count.differences += self._wrong_events(events)
        count.differences += self._wrong_recipients(deliveries)
        for row in deliveries:
            name = f"{row['public_id']} ({row['status']}) of {row['event']} to {row['slug']}"
            wrong = wrong_in_delivery(row, errors[row["id"]], arrived[row["event"], row["slug"]])
            count.differences += [f"{name}: {what}" for what in wrong]
        return count

    def _arrived(
        self, known: set[tuple[str, str]], acknowledges: Callable[[str, int], bool] | None
    ) -> tuple[dict[tuple[str, str], list["Arrival"]], list[str]]:
        """The requests of each delivery, by event and client, and the requests without a delivery."""
        owners = {path: subscriber.slug for subscriber in self.subscribers.values() for path in subscriber.paths}
        arrived: dict[tuple[str, str], list[Arrival]] = defaultdict(list)
        strangers = []
        for path, box in self.receiver.boxes.items():
            for turn, request in enumerate(box.requests):
                delivery = request.headers.get("webhook-id", ""), owners.get(path, "")
                if delivery in known:
                    # A sender that was killed in the middle of a request leaves the rest of its body out.
                    length = request.headers.get("content-length")
                    whole = length is None or int(length) == len(request.body)
                    got_ack = whole and (acknowledges is None or acknowledges(path, turn))
                    arrived[delivery].append(Arrival(request.body if whole else None, got_ack))
                else:
                    strangers.append(f"{path} got webhook-id {delivery[0]!r}, of no delivery")
        return arrived, strangers

    def _wrong_events(self, events: Iterable[dict[str, Any]]) -> Iterator[str]:
        stored = {row["idempotency_key"]: row["public_id"] for row in events if row["idempotency_key"]}
        for key in stored.keys() - self.posted.keys():
            yield f"{stored[key]} is stored under {key}, which nobody posted"
        for posted in self.posted.values():
            there = stored.get(posted.key)
            if posted.event_id and there != posted.event_id:
                yield f"{posted.event_id} was accepted under {posted.key}, and {there} is stored"
            elif not posted.event_id and posted.status is not None and there:
                yield f"{posted.key} was answered with {posted.status}, and {there} is stored"

    def _wrong_recipients(self, deliveries: Iterable[dict[str, Any]]) -> Iterator[str]:
        got: dict[str, Counter[str]] = defaultdict(Counter)
        for row in deliveries:
            got[row["event"]][row["slug"]] += 1
        for posted in self.posted.values():
            if not posted.event_id:
                continue
            for subscriber in self.subscribers.values():
                number = got[posted.event_id][subscriber.slug]
                least, most = int(subscriber.must_get(posted)), int(subscriber.may_get(posted))
                if not least <= number <= most:
                    yield f"{posted.event_id} has {number} deliveries to {subscriber.slug}, not {most}"


@dataclass(frozen=True)
class Arrival:
    """A request of a delivery that reached its client. `body` is None if it did not arrive completely."""

    body: bytes | None
    got_ack: bool


def wrong_in_delivery(row: dict[str, Any], errors: list[str | None], arrivals: list[Arrival]) -> Iterator[str]:
    """Contradictions between the delivery's state, its attempts and the requests at its client."""
    status, requests = row["status"], len(arrivals)
    ended_with_client = status == "cancelled"
    if row["attempt_count"] != len(errors):
        yield f"it counts {row['attempt_count']} attempts and has {len(errors)}"
    # A worker that died leaves an attempt that is recorded when its lease is claimed, which a client that is
    # disabled puts off and one that is deleted prevents.
    owed = math.inf if ended_with_client else int(status == "pending")
    if requests > len(errors) + owed:
        yield f"{requests} requests arrived, {len(errors)} attempts are recorded"
    if {arrival.body for arrival in arrivals} - {None, bytes(row["body"] or b"")}:
        yield "other bytes arrived than its frozen body"
    if status == "delivered" and not (None in errors and any(arrival.got_ack for arrival in arrivals)):
        yield "nobody acknowledged it"
    if status == "dead" and row["body"] is not None and len(errors) < EIGHT:
        yield f"it is dead after {len(errors)} attempts"
    if status == "skipped" and (requests or errors):
        yield "it was sent"
    if status == "pending" and row["client_status"] == "active":
        yield "it waits, and its client is active"
    if ended_with_client != (row["deleted_at"] is not None) and status in ("pending", "cancelled"):
        yield f"its client was {'not ' if ended_with_client else ''}deleted"
