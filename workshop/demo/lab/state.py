"""The lab's knowledge of a run: which request belongs to which event, and whether both servers sent the same."""

import base64
import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Any

from iso4217 import Currency

from workshop.demo.lab.log import Log
from workshop.demo.lab.servers import Said, Server, side_by_side
from workshop.demo.sameness import difference, neutral
from workshop.demo.side import Side
from workshop.harness.clients import CLIENTS, events
from workshop.harness.clock import Clock
from workshop.harness.conduct import Conduct
from workshop.harness.inbox import Received
from workshop.harness.programs import Program

MOST_EARLY = 100  # requests that arrived before the answer to their post
MOST_COMPARED = 50  # attempts of a delivery
MOST_NEW = 10  # events that the servers are asked about in one round, because they are new
SECONDS_NEW = 1.5
EVENT_TYPES = sorted({event["type"] for event in events()})


class Lab:
    """A run of the demo, for its page: many threads may call it."""

    def __init__(self, sides: Sequence[Side], clock: Clock) -> None:
        self.log = Log()
        self.sides = {side.name: side for side in sides}
        self.servers = [Server(side) for side in sides]
        self.clock = clock
        self.secrets: dict[tuple[str, str], str] = {}  # the newest secret by side and client
        self.options = {client.slug: client.options for client in CLIENTS}
        self.acting = threading.Lock()  # one action at a time, so that both servers get all in the same order
        self.asking = threading.Lock()  # what a server says is noted before it is asked again
        self._lock = threading.RLock()
        self._numbers: dict[tuple[str, str], int] = {}  # the event by side and id
        self._ids: dict[int, dict[str, str]] = {}
        self._next = 1
        self._early: deque[tuple[str, Received]] = deque(maxlen=MOST_EARLY)
        self._requests: dict[tuple[int, str], dict[str, list[Received]]] = defaultdict(lambda: defaultdict(list))
        self._verdicts: dict[tuple[int, str], tuple[bool, str]] = {}
        self._open: dict[int, float] = {}  # events to ask the servers about, and until when they are new
        self._begin()

    def _begin(self) -> None:
        clients = [
            {
                "slug": client.slug,
                "name": client.name,
                "format": client.title,
                "acknowledges": str(client.acknowledges),
                "event_types": list(client.event_types),
            }
            for client in CLIENTS
        ]
        self.log.add(
            "start", key="start", sides=list(self.sides), clients=clients, types=EVENT_TYPES, currencies=_currencies()
        )  # fmt: skip
        for client in CLIENTS:
            self.log.add("options", key=f"options {client.slug}", slug=client.slug, options=client.options)
        for side in self.sides.values():
            for worker in side.workers:
                self.worker_changed(side, worker)

    # What happens

    def heard(self, side: str, received: Received) -> None:
        """Notes a request at the receiver. One without a known event waits for the answer to its post."""
        with self._lock:
            if (side, received.webhook_id) not in self._numbers:
                self._early.append((side, received))
                return
            self._note(self._numbers[side, received.webhook_id], side, received)

    def new_event(self) -> int:
        """The number of the next event."""
        with self._lock:
            self._next += 1
            return self._next - 1

    def posted(self, number: int, body: bytes, answers: Mapping[str, Said]) -> None:
        """Notes an event that was posted to every server, and their answers."""
        accepted = {side: said.json()["id"] for side, said in answers.items() if said.status == 202}
        with self._lock:
            # With the key of an earlier post, the servers answer again what they answered then.
            earlier = next((self._numbers[known] for known in accepted.items() if known in self._numbers), None)
            self._log(
                "event", number, posted=body.decode("utf-8", "replace"), ids=accepted,
                same_as=earlier, **side_by_side(answers, "the id of the event"),
            )  # fmt: skip
            self._ids[number] = {} if earlier else accepted
            self._numbers |= dict.fromkeys(self._ids[number].items(), number)
            if self._ids[number]:
                self.ask_about(number)
            waiting, self._early = list(self._early), deque(maxlen=MOST_EARLY)
            for side, received in waiting:
                self.heard(side, received)

    def ids_of(self, number: int) -> dict[str, str]:
        """The event's id by side; empty if it was refused or is forgotten."""
        with self._lock:
            return dict(self._ids.get(number, {}))

    def ask_about(self, number: int) -> None:
        """Lets the servers be asked about this event soon, and until none of its deliveries is pending."""
        with self._lock:
            self._open.pop(number, None)
            self._open[number] = time.monotonic() + SECONDS_NEW

    def events_to_ask_about(self, others: int) -> list[int]:
        """All events that are new, and some others in turn."""
        with self._lock:
            new = [number for number, until in self._open.items() if until > time.monotonic()]
            rest = [number for number in self._open if number not in new][:others]
            for number in rest:
                self._open[number] = self._open.pop(number)
            return new[-MOST_NEW:] + rest

    def ended(self, number: int) -> None:
        """No delivery of this event is pending; if it is new, the servers may not have recorded all yet."""
        with self._lock:
            if self._open.get(number, 0) < time.monotonic():
                self._open.pop(number, None)

    def delivery_seen(self, number: int, side: str, delivery: dict[str, Any], attempts: list[Any] | None) -> None:
        """Notes the server's own account of a delivery; `attempts` is None if nobody asked for them."""
        members = ("id", "status", "skip_reason", "attempt_count", "next_attempt_at")
        about = {name: delivery[name] for name in members}
        with self._lock:
            if number in self._ids:
                self._log("delivery", number, side=side, slug=delivery["client"], attempts=attempts, **about)

    def worker_changed(self, side: Side, worker: Program) -> None:
        state = "running" if worker.is_running else "killed"
        self.log.add("worker", key=f"worker {worker.pid}", side=side.name, pid=worker.pid, state=state)

    def conduct_changed(self, slug: str, conduct: Conduct) -> None:
        self.log.add("conduct", key=f"conduct {slug}", slug=slug, conduct=conduct.value)

    # What follows from it

    def _note(self, number: int, side: str, received: Received) -> None:
        self._log(
            "request", number, side=side, slug=received.slug, at=received.at.isoformat(), headers=received.headers,
            body=base64.b64encode(received.body).decode(), refusal=received.refusal, answer=str(received.answer),
            acknowledged=received.is_acknowledged,
        )  # fmt: skip
        if number not in self._ids:  # forgotten just now
            return
        of_side = self._requests[number, received.slug][side]
        if len(of_side) < MOST_COMPARED:
            of_side.append(received)
        self.ask_about(number)
        self._judge(number, received.slug)

    def _judge(self, number: int, slug: str) -> None:
        """Compares the first attempt of one side with the first of the other, the second with the second, and so on."""
        by_side = [self._requests[number, slug][side] for side in self.sides]
        if len(by_side) < 2 or not all(by_side):
            return
        first, second = by_side
        different = ""
        for place, pair in enumerate(zip(first, second, strict=False), start=1):
            one, other = (neutral(received, number) for received in pair)
            if one != other:
                different = f"Attempt {place}: {difference(one, other)}"
                break
        verdict = (not different, different)
        if self._verdicts.get((number, slug)) != verdict:
            self._verdicts[number, slug] = verdict
            self._log("verdict", number, slug=slug, same=verdict[0], why=verdict[1])

    def _log(self, kind: str, number: int, **content: Any) -> None:
        for forgotten in self.log.add(kind, event=number, **content):
            self._open.pop(forgotten, None)
            for side, event in self._ids.pop(forgotten, {}).items():
                self._numbers.pop((side, event), None)
            for client in CLIENTS:
                self._requests.pop((forgotten, client.slug), None)
                self._verdicts.pop((forgotten, client.slug), None)


def _currencies() -> list[str]:
    """The codes of the active currencies that have minor units, as the servers know them."""
    return sorted(currency.code for currency in Currency if currency.exponent is not None)
