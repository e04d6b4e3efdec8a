"""The bench's side of the sink: starts it, asks it, ends it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3

from workshop import ROOT
from workshop.base import setup
from workshop.base.problems import CommandFailed

SECONDS_TO_STOP = 5


@dataclass(frozen=True)
class Count:
    """How many deliveries were answered, each once, and how many requests came, at a time of the monotonic clock."""

    at: float
    answered: int
    requests: int


class Inbox:
    """The sink, as seen from the bench."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._http = urllib3.PoolManager(maxsize=1, retries=False, timeout=20)

    def clear(self) -> None:
        """Forgets what arrived until now."""
        self._ask("DELETE", "/")

    def count(self) -> Count:
        return Count(**self._ask("GET", "/count"))

    def arrivals(self, path: str) -> dict[str, float]:
        """When each webhook-id first came to this path, in seconds of the monotonic clock."""
        found: dict[str, float] = self._ask("GET", "/arrivals").get(path, {})
        return found

    def last(self) -> tuple[dict[str, str], bytes]:
        """Headers and body of the latest delivery."""
        headers, body = self._ask("GET", "/last")
        return headers, body.encode("latin-1")

    def _ask(self, method: str, path: str) -> Any:
        return self._http.request(method, self.url + path).json()


@contextmanager
def inbox() -> Iterator[Inbox]:
    """A sink of its own process; it has ended afterwards."""
    command = [str(setup.interpreter()), "-m", "workshop.maintaining.bench.sink"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdin and process.stdout
        try:
            port = process.stdout.readline()
            if not port:
                raise CommandFailed("The sink did not start.")
            yield Inbox(int(port))
        finally:
            process.stdin.close()
            try:
                process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
