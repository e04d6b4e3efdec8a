"""A stage that works on request: each line of its standard input names a piece of work, and each line of its output is
the answer. So two stages can take turns, and a slow moment of the machine slows both.

The argument is the URL of a sink that acknowledges for every client.
"""

import itertools
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from workshop.harness.clients import CLIENTS, events, expected
from workshop.harness.inside.scenario import Server
from workshop.harness.inside.statements import FRAME

A_RUN = events()[:8]  # the events of one run of the worker
DELIVERIES = sum(len(expected(client, A_RUN)) for client in CLIENTS)
DELIVERY = "one of many deliveries"


class Bench:
    """The requests that are measured, by name, and the run of a worker."""

    def __init__(self, sink: str) -> None:
        self.server = Server()
        self.events = itertools.cycle(events())
        self.numbers = itertools.count()
        for client in CLIENTS:
            self.server.call("POST", "/v1/clients", 201, client.registration(sink))
        for _ in range(50):  # a page and something behind it
            self.post(next(self.events))
        self.deliver()
        retried = self.server.call("GET", "/v1/deliveries?status=delivered", 200)["results"][0]["id"]
        self.requests: dict[str, Callable[[], Any]] = {
            "POST /v1/events": lambda: self.post(next(self.events)),
            "GET /v1/events": lambda: self.server.call("GET", "/v1/events", 200),
            "GET /v1/deliveries": lambda: self.server.call("GET", "/v1/deliveries", 200),
            "GET /v1/clients": lambda: self.server.call("GET", "/v1/clients", 200),
            "POST retry": lambda: self.server.call("POST", f"/v1/deliveries/{retried}/retry", 202),
        }

    def post(self, event: dict[str, Any]) -> None:
        self.server.call("POST", "/v1/events", 202, event, idempotency_key=f"key-{next(self.numbers)}")

    def deliver(self) -> None:
        """Sends all pending deliveries in one run."""
        self.server.command("deliver", "--once")

    def queries(self) -> dict[str, float]:
        """The number of statements for each request and for each delivery, without those of transactions."""
        found = {name: float(_counted(request)) for name, request in self.requests.items()}
        self._fill()
        return found | {DELIVERY: _counted(self.deliver) / DELIVERIES}

    def seconds(self) -> dict[str, list[float]]:
        """The seconds for a few of each; only a few, so that the other stage soon has its turn."""
        found = {name: [_seconds(request) for _ in range(5)] for name, request in self.requests.items()}
        self._fill()
        return found | {DELIVERY: [_seconds(self.deliver) / DELIVERIES]}

    def _fill(self) -> None:
        """Leaves exactly the deliveries of A_RUN pending."""
        self.deliver()
        for event in A_RUN:
            self.post(event)


def _counted(work: Callable[[], Any]) -> int:
    """The number of statements that the work sends."""
    from django.db import connection

    statements = []

    def note(execute: Callable[..., Any], sql: Any, *others: Any) -> Any:
        if not str(sql).lstrip().upper().startswith(FRAME):
            statements.append(sql)
        return execute(sql, *others)

    with connection.execute_wrapper(note):
        work()
    return len(statements)


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    bench = Bench(sys.argv[1])
    work: dict[str, Callable[[], Any]] = {"queries": bench.queries, "seconds": bench.seconds}
    for line in sys.stdin:
        print(json.dumps(work[line.strip()]()), flush=True)


if __name__ == "__main__":
    main()
