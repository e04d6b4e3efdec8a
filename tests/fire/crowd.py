"""Many callers at once: each thread a caller of the API."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ledger import Ledger

from harness.http import Api
from harness.processes import eventually

PATIENCE = 40  # seconds for some dozens of answers; a quick machine takes three
PAUSE = 0.02  # default seconds between two posts of one sender


def at_once(calls: Iterable[Callable[[], Any]]) -> list[Any]:
    """Makes all calls at the same time, and returns their results."""
    calls = list(calls)
    ready = threading.Barrier(len(calls))

    def make(call: Callable[[], Any]) -> Any:
        ready.wait(10)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(make, calls))


@dataclass
class Traffic:
    """Senders that post one event after the other, each under its key until it is accepted.

    Set `api` to send them to another server.
    """

    ledger: Ledger
    api: Api
    pause: float = PAUSE
    paths: Callable[[], dict[str, Any]] = dict  # the special members of the next event
    refused: int = 0
    unanswered: int = 0
    accepted: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    given_up: threading.Event = field(default_factory=threading.Event)
    failures: list[BaseException] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_for_accepted(self, count: int, within: float = PATIENCE) -> None:
        """Waits until `count` more events were accepted."""
        enough = self.accepted + count
        eventually(lambda: self.failures or self.accepted >= enough, within)

    def wait_for_refused(self, count: int, within: float = PATIENCE) -> None:
        """Waits until `count` more tries were refused."""
        enough = self.refused + count
        eventually(lambda: self.failures or self.refused >= enough, within)

    def send(self) -> None:
        try:
            while not self.ended.is_set():
                self._post_one()
        except BaseException as failure:
            self.failures.append(failure)

    def _post_one(self) -> None:
        posted = self.ledger.note(**self.paths())
        while not posted.event_id and not self.given_up.is_set():
            response = self.ledger.send(posted, self.api)
            status = response and response.status
            assert status in (None, 202, 503), f"{status} for an event that is in order: {response.body[:400]!r}"
            with self._lock:
                self.accepted += status == 202
                self.refused += status == 503
                self.unanswered += status is None
            self.given_up.wait(self.pause)


@contextlib.contextmanager
def traffic(ledger: Ledger, senders: int = 4, api: Api | None = None, **settings: Any) -> Iterator[Traffic]:
    """Inside, a number of senders post all the time. At its end, all their events are accepted."""
    flow = Traffic(ledger, api or ledger.api, **settings)
    threads = [threading.Thread(target=flow.send, daemon=True) for _ in range(senders)]
    for thread in threads:
        thread.start()
    try:
        yield flow
    finally:
        flow.ended.set()
        for thread in threads:
            thread.join(30)
        flow.given_up.set()
    assert not flow.failures, flow.failures
    assert not any(thread.is_alive() for thread in threads), "a sender is not through"
