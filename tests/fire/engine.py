"""The processes of the Celery engine: a Redis of the test's own, Celery workers and a beat."""

import contextlib
import importlib.util
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from harness.processes import Process, Stage, eventually


def why_no_celery() -> str | None:
    """The reason why the Celery engine cannot be tested here; None if it can."""
    if not shutil.which("redis-server"):
        return "no redis-server on PATH"
    for package in ("celery", "redis"):
        if not importlib.util.find_spec(package):
            return f"the package {package} is not installed"
    return None


class Program(Process):
    """Any program, in the stage's folder and environment. It ends with the test, as every command does."""

    _numbers = itertools.count(1)

    def __init__(self, stage: Stage, command: Sequence[str], env: dict[str, str] | None = None) -> None:
        number = next(self._numbers)
        super().__init__(stage.scratch / f"program-{number}.out", stage.scratch / f"program-{number}.err")
        with self._stdout.open("wb") as stdout, self._stderr.open("wb") as stderr:
            popen = subprocess.Popen(
                command,
                cwd=stage.folder,
                env={**stage.env, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        self.pid = popen.pid
        stage._started.append(self)
        threading.Thread(target=lambda: self._exit.set_result(popen.wait()), daemon=True).start()


class Redis:
    """A Redis server on a free port, only in memory: if it is killed, its queues are lost."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self._stage, self._folder = stage, folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        """Starts it, on the same port as before."""
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self._folder}
        command = ["redis-server", *(text for name, value in options.items() for text in (f"--{name}", str(value)))]
        self._process = Program(self._stage, command)
        eventually(lambda: self._answers() or not self._process.alive, 10)
        assert self._process.alive, self._process.stdout

    def kill(self) -> None:
        self._process.kill()

    @contextlib.contextmanager
    def halted(self):
        """Inside, it takes connections and says nothing."""
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    @contextlib.contextmanager
    def replica(self):
        """Inside, it answers and refuses to write, as after a failover to another server."""
        import redis

        with redis.Redis(port=self.port) as connection, socket.create_server(("127.0.0.1", 0)) as master:
            connection.replicaof("127.0.0.1", master.getsockname()[1])
            try:
                yield
            finally:
                connection.replicaof("NO", "ONE")

    def connections(self) -> int:
        """The number of open connections, without the test's own."""
        import redis

        with redis.Redis(port=self.port) as connection:
            return len(connection.client_list()) - 1

    def messages(self) -> list[bytes]:
        """The messages in the queues, as stored."""
        import redis

        with redis.Redis(port=self.port) as connection:
            lists = [key for key in connection.scan_iter() if connection.type(key) == b"list"]
            return [message for key in lists for message in connection.lrange(key, 0, -1)]

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(5) == b"+PONG"
        return False


class Engine:
    """Starts the stage's processes with the Celery engine."""

    def __init__(self, stage: Stage, redis: Redis) -> None:
        self.stage, self.redis = stage, redis
        self.env = {"WEBHOOKS_DELIVERY_ENGINE": "celery", "CELERY_BROKER_URL": redis.url}

    def worker(self, *options: str) -> Program:
        return self._celery("worker", "--concurrency", "1", *options)

    def beat(self) -> Program:
        return self._celery("beat", "--pidfile=", "--schedule", str(self.stage.scratch / f"schedule-{self.redis.port}"))

    def _celery(self, *arguments: str) -> Program:
        return Program(self.stage, [sys.executable, "-m", "celery", "-A", "config", *arguments], self.env)
