"""The limits of this machine: bare loops that post the bytes of one delivery to the same sink."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import requests
import urllib3

Post = Callable[[], object]


def with_requests(url: str, headers: Mapping[str, str], body: bytes) -> Post:
    """One delivery by `requests.Session`, which does not look for proxies and .netrc: a worker must not either."""
    session = requests.Session()
    session.trust_env = False
    session.headers.clear()
    return lambda: session.post(url, data=body, headers=headers, timeout=10).content


def with_urllib3(url: str, headers: Mapping[str, str], body: bytes) -> Post:
    """One delivery by urllib3."""
    pool = urllib3.PoolManager(maxsize=1, retries=False, timeout=10)
    return lambda: pool.request("POST", url, body=body, headers=headers).data


def posts_per_second(make_post: Callable[[], Post], threads: int, seconds: float) -> float:
    """The posts per second of some threads, each over its own connection."""
    ends_at = time.monotonic() + seconds

    def loop(post: Post) -> int:
        posted = 0
        while time.monotonic() < ends_at:
            post()
            posted += 1
        return posted

    began = time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        posted = sum(pool.map(loop, [make_post() for _ in range(threads)]))
    return posted / (time.monotonic() - began)
