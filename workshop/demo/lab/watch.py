"""Asks the servers for their own account of deliveries and clients while somebody looks at the lab."""

import threading
from contextlib import suppress
from typing import Any

from workshop.base.problems import CommandFailed
from workshop.demo.lab.servers import Server
from workshop.demo.lab.state import Lab

SECONDS = 0.5
OTHERS_AT_ONCE = 2  # events in a round, next to those with a new request
MOST_SEEN = 10_000  # deliveries; those of forgotten events are dropped
PENDING = "pending"


class Watch:
    """A thread that asks in rounds. It begins with the first look at the page, so `ONCE=1` does not pay for it."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._seen: dict[tuple[int, str, str], tuple[Any, ...]] = {}  # by event, side and client
        self._clients: dict[tuple[str, str], tuple[Any, ...]] = {}

    def begin(self) -> None:
        """Starts the thread, once."""
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="lab-watch", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """Ends the thread; returns when it has ended, or after two seconds."""
        with self._lock:
            self._stop.set()
        if self._thread is not None:
            self._thread.join(2)

    def _run(self) -> None:
        while not self._stop.wait(SECONDS):
            # A server that is busy or ending gives no answer; the next round asks again.
            with suppress(CommandFailed):
                self.round()

    def round(self) -> None:
        """Asks each server once. Raises CommandFailed if one does not answer."""
        for server in self._lab.servers:
            for client in server.get("/v1/clients?limit=50")["results"]:
                self._see_client(server, client)
        for number in self._lab.events_to_ask_about(OTHERS_AT_ONCE):
            is_open = False
            for server in self._lab.servers:
                with self._lab.asking:
                    is_open |= self._ask_about(number, server)
            if not is_open:
                self._lab.ended(number)
        if len(self._seen) > MOST_SEEN:
            self._seen = {key: state for key, state in self._seen.items() if self._lab.ids_of(key[0])}

    def _see_client(self, server: Server, client: dict[str, Any]) -> None:
        key, state = (server.side.name, client["slug"]), (client["status"], client["disabled_reason"])
        if self._clients.get(key) != state:
            self._clients[key] = state
            self._lab.log.add(
                "client", key=f"client {key}", side=key[0], slug=key[1], status=state[0], reason=state[1]
            )  # fmt: skip

    def _ask_about(self, number: int, server: Server) -> bool:
        """Whether a delivery of the event is still pending there."""
        side = server.side.name
        event = self._lab.ids_of(number).get(side)
        if event is None:
            return False
        found = server.get(f"/v1/deliveries?event={event}&limit=50")["results"]
        for delivery in found:
            state = (delivery["status"], delivery["attempt_count"], delivery["next_attempt_at"])
            key = (number, side, delivery["client"])
            if self._seen.get(key) == state:
                continue
            self._seen[key] = state
            # A delivery that went well at once is no story: its attempts are asked for when somebody opens it.
            failed = delivery["attempt_count"] > 1 or (delivery["attempt_count"] == 1 and state[0] != "delivered")
            attempts = server.get(f"/v1/deliveries/{delivery['id']}")["attempts"] if failed else None
            self._lab.delivery_seen(number, side, delivery, attempts)
        return any(delivery["status"] == PENDING for delivery in found)
