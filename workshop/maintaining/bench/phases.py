"""The measurements. Each takes a ground and the seconds that a window may last, and yields samples by name.

Figures that are compared are measured in turns, so that a slow moment of the machine slows both sides. `run` repeats
the phases of IN_ROUNDS.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from workshop.base.problems import CommandFailed
from workshop.harness.api import Api
from workshop.harness.programs import Program
from workshop.harness.sink import Sink
from workshop.maintaining.bench.ground import Ground
from workshop.maintaining.bench.load import CONNECTIONS, flat_out, paced, rate, with_requests, with_urllib3
from workshop.maintaining.bench.site import Site

Sample = tuple[str, float]
Phase = Callable[[Ground, float], Iterator[Sample]]

BACKLOGS = (1_000, 10_000, 100_000)
SUBSCRIBERS, TURNS = (1, 10, 100), 9
BARE = Path(__file__).with_name("bare")  # a view that only accepts events
FEWEST_AND_MOST = SUBSCRIBERS[0], SUBSCRIBERS[-1]  # the cost of an event is measured with these
CONCURRENCY = 100  # the default of `manage.py deliver`; the bare loops get as many threads
SLOW_MS, CONCURRENCY_FOR_SLOW = 100, 50
WARM_UP, WINDOW = 100, 3_000  # deliveries
SECONDS_TO_START = 30
EVENTS_A_SECOND, EVENTS_TO_WARM_UP = 50, 50
PATH = "/instant/client-0"  # of the only client of `arrival`


def limits(ground: Ground, seconds: float) -> Iterator[Sample]:
    """Bare loops and bare commits."""
    for name, make in (("requests", with_requests), ("urllib3", with_urllib3)):
        for threads in (1, CONCURRENCY):
            posts = [make(*ground.delivery) for _ in range(threads)]
            yield f"{name}_{threads}", rate(posts, seconds * 0.25)
    with ground.empty.database.copied() as database, database.connected() as run:
        run("CREATE TABLE bench (id integer PRIMARY KEY, turn integer)")
        run("INSERT INTO bench VALUES (1, 0)")
        yield "commits", rate([lambda: run("UPDATE bench SET turn = turn + 1 WHERE id = 1")], seconds * 0.25)


def drain(ground: Ground, seconds: float) -> Iterator[Sample]:
    """One worker on a backlog, all clients instant."""
    for waiting in BACKLOGS:
        with ground.waiting(waiting).copied() as site:
            deliveries, memory = drained(site, ground.sink, seconds, min(WINDOW, waiting * 8 // 10))
        yield f"drain_{waiting}", deliveries
        if memory is not None:
            yield "memory_worker", memory


def slow(ground: Ground, seconds: float) -> Iterator[Sample]:
    """Ten clients that answer after 100 ms."""
    with ground.waiting(BACKLOGS[1]).copied() as site:
        move_endpoints(site, f"{ground.sink.url}/after/{SLOW_MS}/")
        options = ("--concurrency", str(CONCURRENCY_FOR_SLOW))
        yield f"drain_to_{SLOW_MS}_ms", drained(site, ground.sink, seconds, WINDOW, *options)[0]


def hanging(ground: Ground, seconds: float) -> Iterator[Sample]:
    """Ten instant clients with thousands waiting for each; then one of them never answers."""
    source = ground.waiting(BACKLOGS[2])
    with source.copied() as site:
        yield "ten_good", drained(site, ground.sink, seconds, WINDOW)[0]
    with source.copied() as site:
        move_endpoints(site, f"{ground.sink.url}/never/", "WHERE slug = 'client-0'")
        yield "nine_good", drained(site, ground.sink, seconds, WINDOW)[0]


def accept(ground: Ground, seconds: float) -> Iterator[Sample]:
    """Events posted over HTTP while no worker runs: to one client, to ten, to a hundred, in many short turns.

    First one after another: without a queue, the time of a request is the cost of its event. Then over a few
    connections, which makes tens of thousands of deliveries. A bare view that stores the same rows takes turns with the
    stage. It shows the part of the cost that Django, REST framework and the database have in every stage.
    """
    with ExitStack() as stack:
        servers: dict[int, Program] = {}
        apis: dict[int, Api] = {}
        for clients in SUBSCRIBERS:
            site = stack.enter_context(ground.subscribed(clients).copied())
            servers[clients], url = stack.enter_context(site.programs()).serve_behind_gunicorn()
            apis[clients] = Api(url, site.key, CONNECTIONS)
            flat_out(apis[clients], seconds * 0.1)
        site = stack.enter_context(ground.subscribed(FEWEST_AND_MOST[0]).copied())
        bare = Api(stack.enter_context(site.programs(BARE)).serve_behind_gunicorn()[1], site.key, CONNECTIONS)
        flat_out(bare, seconds * 0.1)
        for _ in range(TURNS):
            for clients in FEWEST_AND_MOST:
                yield f"alone_{clients}", flat_out(apis[clients], seconds * 0.1, connections=1)
        for _ in range(TURNS):
            for clients, api in apis.items():
                yield f"accept_{clients}", flat_out(api, seconds * 0.1)
            yield "accept_bare", flat_out(bare, seconds * 0.1)
        for server in servers.values():
            if (memory := server.peak_memory()) is not None:
                yield "memory_server", memory


def arrival(ground: Ground, seconds: float) -> Iterator[Sample]:
    """Milliseconds from the 202 to the arrival, at fifty events a second, with server and worker running."""
    ground.sink.clear()
    with ground.subscribed(1).copied() as site, site.programs() as programs:
        worker = programs.start("worker", "deliver")
        _, url = programs.serve_behind_gunicorn()
        accepted = dict(paced(Api(url, site.key, CONNECTIONS), EVENTS_A_SECOND, 1 + seconds * 2))
        _wait_for(lambda: ground.sink.arrivals(PATH).keys() >= accepted.keys(), worker, "events have not all arrived")
        arrived = ground.sink.arrivals(PATH)
    for event, accepted_at in islice(accepted.items(), EVENTS_TO_WARM_UP, None):
        yield "arrival", max(0.0, (arrived[event] - accepted_at) * 1000)


def _wait_for(condition: Callable[[], bool], worker: Program, trouble: str) -> None:
    """Returns once the condition is true. Raises CommandFailed if the worker ends or needs too long."""
    deadline = time.monotonic() + SECONDS_TO_START
    while not condition():
        worker.must_run()
        if time.monotonic() > deadline:
            raise CommandFailed(f"The {trouble} within {SECONDS_TO_START} s:\n{worker.last_lines()}")
        time.sleep(0.02)


def move_endpoints(site: Site, prefix: str, which: str = "") -> None:
    """Moves the endpoints of some or all clients to this URL."""
    site.database.execute(f"UPDATE clients_client SET endpoint_url = '{prefix}' || slug {which}")


def drained(site: Site, sink: Sink, seconds: float, most: int, *options: str) -> tuple[float, float | None]:
    """One worker's deliveries per second to endpoints that answer, and the worker's peak memory.

    The window begins after the first hundred deliveries. It ends after its seconds, or after `most` deliveries.
    """
    sink.clear()
    with site.programs() as programs:
        worker = programs.start("worker", "deliver", *options)
        _wait_for(lambda: sink.count().answered >= WARM_UP, worker, f"worker has not sent {WARM_UP} deliveries")
        began = sink.count()
        while True:
            time.sleep(0.02)
            ended = sink.count()
            if ended.answered - began.answered >= most or ended.at - began.at >= seconds:
                break
            worker.must_run()
        return (ended.answered - began.answered) / (ended.at - began.at), worker.peak_memory()


IN_ROUNDS: dict[str, Phase] = {"limits": limits, "drain": drain, "slow": slow, "hanging": hanging}
ONCE: dict[str, Phase] = {"accept": accept, "arrival": arrival}
