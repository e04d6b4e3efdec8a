"""A stage that works on request: each line of its standard input names a piece of work, each line of its
output is the time that the work took. So two stages can take turns, and a slow moment of the machine slows both.

The argument is the URL of a sink that acknowledges for every client.
"""

import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from workshop.harness.clients import CLIENTS, events
from workshop.harness.inside.scenario import Server
from workshop.harness.inside.statements import FRAME

A_DRAIN = 30  # events


class Bench:
    """The pieces of work, by the name of the request."""

    def __init__(self, sink: str) -> None:
        self.server = Server()
        self.events = itertools.cycle(events())
        self.numbers = itertools.count()
        for client in CLIENTS:
            self.server.call("POST", "/v1/clients", 201, client.registration(sink))
        for _ in range(50):  # a page and something behind it
            self.post()
        self.server.command("deliver", "--once")
        self.retried = self.server.call("GET", "/v1/deliveries?status=delivered", 200)["results"][0]["id"]

    @property
    def requests(self) -> dict[str, Callable[[], Any]]:
        return {
            "POST /v1/events": self.post,
            "GET /v1/events": lambda: self.server.call("GET", "/v1/events", 200),
            "GET /v1/deliveries": lambda: self.server.call("GET", "/v1/deliveries", 200),
            "GET /v1/clients": lambda: self.server.call("GET", "/v1/clients", 200),
            "POST retry": lambda: self.server.call("POST", f"/v1/deliveries/{self.retried}/retry", 202),
        }

    def post(self) -> None:
        self.server.call("POST", "/v1/events", 202, next(self.events), idempotency_key=f"key-{next(self.numbers)}")

    def queries(self) -> dict[str, int]:
        """The number of statements for each request, without those of transactions."""
        counted = {}
        for name, request in self.requests.items():
            with counting() as statements:
                request()
            counted[name] = len(statements)
        return counted

    def latencies(self) -> dict[str, list[float]]:
        """The seconds for a few of each request; only a few, so that the other stage soon has its turn."""
        return {name: [_seconds(request) for _ in range(5)] for name, request in self.requests.items()}

    def drain(self) -> dict[str, float]:
        """Delivers all pending deliveries in one run."""
        for _ in range(A_DRAIN):
            self.post()
        before = self._delivered()
        seconds = _seconds(lambda: self.server.command("deliver", "--once"))
        return {"deliveries": self._delivered() - before, "seconds": seconds}

    def _delivered(self) -> float:
        gauges = bytes(self.server.call("GET", "/metrics", 200)).decode()
        (line,) = [line for line in gauges.splitlines() if line.startswith('webhooks_deliveries{status="delivered"}')]
        return float(line.split()[-1])


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements of the block."""
    from django.db import connection

    statements: list[str] = []

    def note(execute: Callable[..., Any], sql: Any, *others: Any) -> Any:
        if not str(sql).lstrip().upper().startswith(FRAME):
            statements.append(str(sql))
        return execute(sql, *others)

    with connection.execute_wrapper(note):
        yield statements


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    bench = Bench(sys.argv[1])
    work: dict[str, Callable[[], Any]] = {
        "queries": bench.queries,
        "latencies": bench.latencies,
        "drain": bench.drain,
    }
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(work[line.strip()]()), flush=True)


if __name__ == "__main__":
    main()
