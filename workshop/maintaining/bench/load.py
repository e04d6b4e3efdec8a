"""Posts events to a stage: as fast as it accepts them, or at a fixed rate."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from workshop.harness.api import Api
from workshop.maintaining.bench.site import post as post_event

CONNECTIONS = 4  # more would wait in the queue of a server on two cores


def flat_out(api: Api, seconds: float, connections: int = CONNECTIONS) -> float:
    """Events accepted per second, posted over some connections without a pause."""
    ends_at = time.monotonic() + seconds

    def post() -> int:
        posted = 0
        while time.monotonic() < ends_at:
            post_event(api)
            posted += 1
        return posted

    began = time.monotonic()
    with ThreadPoolExecutor(connections) as threads:
        posted = sum(future.result() for future in [threads.submit(post) for _ in range(connections)])
    return posted / (time.monotonic() - began)


def paced(api: Api, per_second: float, seconds: float) -> Iterator[tuple[str, float]]:
    """Posts at a steady pace, even if the server is slower; returns each event's id and the time of its 202."""
    began = time.monotonic()

    def post(number: int) -> tuple[str, float]:
        time.sleep(max(0.0, began + number / per_second - time.monotonic()))
        return post_event(api), time.monotonic()

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        yield from threads.map(post, range(round(per_second * seconds)))
