"""Work without a pause and at a steady pace: posts of events to a stage, and posts of one delivery to the sink."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import requests
import urllib3

from workshop.harness.api import Api
from workshop.maintaining.bench.site import post as post_event

CONNECTIONS = 4  # more would wait in the queue of a server on two cores
Act = Callable[[], object]


def rate(acts: Sequence[Act], seconds: float) -> float:
    """How often the acts are done in a second. Each has a thread of its own, which repeats it without a pause."""
    began = time.monotonic()

    def repeat(act: Act) -> int:
        times = 0
        while time.monotonic() < began + seconds:
            act()
            times += 1
        return times

    with ThreadPoolExecutor(len(acts)) as threads:
        return sum(threads.map(repeat, acts)) / (time.monotonic() - began)


def flat_out(api: Api, seconds: float, connections: int = CONNECTIONS) -> float:
    """Events accepted per second, posted over some connections."""
    return rate([lambda: post_event(api)] * connections, seconds)


def paced(api: Api, per_second: float, seconds: float) -> Iterator[tuple[str, float]]:
    """Posts at a steady pace, even if the server is slower; returns each event's id and the time of its 202."""
    began = time.monotonic()

    def post(number: int) -> tuple[str, float]:
        time.sleep(max(0.0, began + number / per_second - time.monotonic()))
        return post_event(api), time.monotonic()

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        yield from threads.map(post, range(round(per_second * seconds)))


def with_requests(url: str, headers: Mapping[str, str], body: bytes) -> Act:
    """One delivery by `requests.Session`, which does not look for proxies and .netrc: a worker must not either."""
    session = requests.Session()
    session.trust_env = False
    session.headers.clear()
    return lambda: session.post(url, data=body, headers=headers, timeout=10).content


def with_urllib3(url: str, headers: Mapping[str, str], body: bytes) -> Act:
    """One delivery by urllib3."""
    pool = urllib3.PoolManager(maxsize=1, retries=False, timeout=10)
    return lambda: pool.request("POST", url, body=body, headers=headers).data
