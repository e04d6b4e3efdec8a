"""Everything that runs during a soak: one API server, up to three workers, a receiver and the clients behind it."""

import os
import random
import secrets
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from endpoints import KINDS, Script
from engine import Engine, Redis, why_no_celery
from ledger import Ledger

from harness.clock import Clock
from harness.databases import Database, Postgres, Sqlite
from harness.http import Api, Response
from harness.inbox import Box
from harness.processes import OUTSIDE, Process, Server, Stage
from harness.receiver import Receiver
from harness.world import Client, create_client

MOST_WORKERS = 3
POOLS = ("prefork", "threads", "solo")
SECONDS_TO_STOP = 40  # an attempt in flight takes 15 at most


class World:
    """The processes and the clients, and what an operator can do to them. What should not be goes to `surprises`."""

    def __init__(
        self, stage: Stage, database: Database, clock: Clock, receiver: Receiver, seed: int, broker: Redis | None = None
    ) -> None:
        self.stage, self.database, self.clock, self.receiver = stage, database, clock, receiver
        self.seed, self.draws = seed, random.Random(seed)
        self.broker: Any = broker
        self.engine = Engine(stage, broker) if broker else None
        self.scripts: dict[str, Script] = {}  # by path
        self.clients: dict[str, Client] = {}  # those that were not deleted, by slug
        self.workers: list[Process] = []
        self.stopping: list[Process] = []
        self.surprises: list[str] = []
        self._kinds: dict[str, str] = {}
        self._made: Counter[str] = Counter()
        self._run("migrate", "--verbosity", "0")
        key = self._run("create_api_key", "--role", "operator").strip()
        self.server: Server = self._serve()
        self.ledger = Ledger(Api(self.server.port, key, self.server.log), database, receiver)
        for kind in KINDS:
            self.add_client(kind)
        if self.engine:
            self.beat = self.engine.beat()

    def _run(self, *command: str) -> str:
        done = self.stage.start(*command).wait(60)
        assert done.exit_code == 0, f"manage.py {command[0]} failed:\n{done.stderr}"
        return str(done.stdout)

    # Clients

    def add_client(self, kind: str) -> None:
        """Another client of this kind, with an endpoint of its own."""
        self._made[kind] += 1
        slug, what = f"{kind}-{self._made[kind]}", KINDS[kind]
        script = self.scripts[f"/{slug}"] = Script(what, self.seed, slug)
        self.receiver.boxes[f"/{slug}"] = Box(answers=script)
        document = {"slug": slug, "format": what.format, "options": what.options, "event_types": what.event_types}
        make = self.ledger.enter
        self.clients[slug] = make(lambda: create_client(self.ledger.api, self.receiver, path=f"/{slug}", **document))
        self._kinds[slug] = kind

    def replace_client(self, client: Client) -> None:
        """Deletes the client; another one of its kind subscribes."""
        self.ledger.delete(client)
        del self.clients[client.slug]
        self.add_client(self._kinds[client.slug])

    def any_client(self) -> Client:
        return self.clients[self.draws.choice(sorted(self.clients))]

    def call(self, method: str, target: str, json: Any = None, wanted: tuple[int, ...] = (200,)) -> Response:
        """A call that an operator makes."""
        return self.expect(self.ledger.api.request(method, target, **({} if json is None else {"json": json})), wanted)

    def expect(self, response: Response, wanted: tuple[int, ...]) -> Response:
        """The response, and a surprise if it is another one than these."""
        if response.status not in wanted:
            self.surprises.append(f"{response.status} where {wanted} was expected: {response.body[:200]!r}")
        return response

    def api_of(self, client: Client) -> Api:
        """The API, called with this client's key."""
        return Api(self.server.port, client.created["api_key"], self.server.log)

    # Processes

    def restart_server(self) -> None:
        """Kills the API server and starts another, at another port."""
        self.server.process.kill()
        self.server = self._serve()
        self.ledger.api = Api(self.server.port, self.ledger.api.key, self.server.log)

    def _serve(self) -> Server:
        return self.stage.serve(self.engine.env if self.engine else None)

    def start_worker(self) -> None:
        """A worker of the polling engine or, if there is a broker, in every third case a worker of Celery."""
        concurrency = str(self.draws.choice((4, 10, 20)))
        pool = self.draws.choice(POOLS)
        if self.engine and self.draws.random() < 1 / 3:
            self.workers.append(self.engine.worker("--pool", pool, "--concurrency", "2"))
        else:
            self.workers.append(self.stage.start("deliver", "--concurrency", concurrency))

    def any_worker(self) -> Process:
        """A running worker, removed from the list."""
        return self.workers.pop(self.draws.randrange(len(self.workers)))

    def stop_worker(self, worker: Process) -> None:
        """Asks it to stop, and does not wait for it."""
        worker.terminate()
        self.stopping.append(worker)

    def look_after_workers(self) -> None:
        """There is at least one, and none has ended by itself or badly."""
        for worker in [worker for worker in self.workers if not worker.alive]:
            self.workers.remove(worker)
            self.surprises.append(f"a worker ended by itself:\n{worker.stderr[-2000:]}")
        for worker in [stopped for stopped in self.stopping if not stopped.alive]:
            self._must_have_ended_well(worker)
        if not self.workers:
            self.start_worker()
        if self.engine and not self.beat.alive:
            self.surprises.append(f"the beat ended by itself:\n{self.beat.stderr[-2000:]}")
            self.beat = self.engine.beat()

    def stop_workers(self) -> None:
        """Asks all to stop and waits for them."""
        while self.workers:
            self.stop_worker(self.workers.pop())
        for worker in list(self.stopping):
            self._must_have_ended_well(worker)

    def _must_have_ended_well(self, worker: Process) -> None:
        self.stopping.remove(worker)
        run = worker.wait(SECONDS_TO_STOP)
        had_not_begun = run.exit_code == -signal.SIGTERM and '{"event' not in run.stderr
        if run.exit_code and not had_not_begun:
            self.surprises.append(f"a worker that was asked to stop exited with {run.exit_code}:\n{run.stderr[-2000:]}")


@contextmanager
def world(folder: Path, engine: str, seed: int) -> Iterator[World]:
    """A world with a new database. All of it is gone afterwards."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(TemporaryDirectory(prefix="workshop-soak-")))
        memory = Path("/dev/shm")  # a stage syncs every commit, and some disks take long over it
        fast = stack.enter_context(TemporaryDirectory(prefix="workshop-soak-", dir=memory if memory.is_dir() else None))
        database = Postgres(f"soak_{os.getpid()}") if engine == "postgres" else Sqlite(Path(fast) / "database")
        stack.callback(database.drop)
        clock = Clock(scratch / "clock")
        receiver = Receiver(clock)
        stack.callback(receiver.stop)
        stage = Stage(folder, environment(database, clock, scratch), scratch)
        stack.callback(stage.stop)
        broker = None if why_no_celery() else Redis(stage, scratch)
        yield World(stage, database, clock, receiver, seed, broker)


def environment(database: Database, clock: Clock, home: Path) -> dict[str, str]:
    """The environment of the stage's processes: only the database and a clock that can be moved."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(OUTSIDE),
        "BEHAVIOUR_CLOCK": str(clock.file),
        "DATABASE_URL": database.url,
        "SECRET_KEY": secrets.token_urlsafe(40),
        "ALLOWED_HOSTS": "127.0.0.1",
        "WEBHOOKS_ALLOW_HTTP": "1",
        "WEBHOOKS_ALLOWED_NETWORKS": "127.0.0.0/8",
        "WEBHOOKS_DELIVERY_ENGINE": "polling",
    }
