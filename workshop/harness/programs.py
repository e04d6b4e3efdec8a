"""Starts the programs of a stage and ends every one of them, however the command ends."""

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import urllib3

from workshop import ROOT
from workshop.base.calls import call, last_words
from workshop.base.problems import CommandFailed
from workshop.base.setup import interpreter
from workshop.harness.processes import peak_memory

SECONDS_TO_STOP = 20  # a worker's attempt takes 15 at most
SECONDS_TO_START = 30
GUNICORN = ("--workers", "4", "--log-level", "warning")  # the same as in docs/running.md


class Program:
    """A program that keeps running, in a session of its own, with its output in a file.

    Because of the session, Ctrl-C reaches only the command, which then ends the program and its children in order.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        folder: Path,
        environment: Mapping[str, str],
        log: Path,
        *,
        keeps: Sequence[int] = (),
    ) -> None:
        self.name, self._log = name, log
        self._is_killed = False
        nothing, merged = subprocess.DEVNULL, subprocess.STDOUT
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=nothing, stdout=out, stderr=merged,
                start_new_session=True, pass_fds=keeps,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def must_run(self) -> None:
        """Raises CommandFailed with the program's last lines if it has ended and nobody killed it."""
        if (code := self._process.poll()) is not None and not self._is_killed:
            raise CommandFailed(f"The {self.name} ended with exit code {code}. Its last lines:\n{self.last_lines()}")

    def wait(self, seconds: float) -> None:
        """Waits until the program has ended well. Raises CommandFailed otherwise."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self._process.wait(seconds) == 0:
                return
            self.must_run()
        raise CommandFailed(f"The {self.name} has not ended within {seconds:g} s:\n{self.last_lines()}")

    def last_lines(self) -> str:
        return last_words(self._log.read_text(errors="replace"))

    def stop(self) -> None:
        """Asks the program to end, and kills it and its children if it takes too long."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """Kills the program and its children at once."""
        self._is_killed = True
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)  # the session's leader, so the group has its id
            self._process.wait()

    def peak_memory(self) -> float | None:
        """The peak memory of the program or of its largest child, in MiB; None if the system does not report it."""
        return peak_memory(self._process.pid)


class Programs:
    """The programs of one stage on one database. The end of the `with` block ends the running programs, newest first.

    `may_go_on` is called before each step and while waiting; an exception from it ends the block. With `kills` the
    programs are killed, which is fine for a measurement.
    """

    _numbers = itertools.count()

    def __init__(
        self,
        stage: Path,
        environment: Mapping[str, str],
        logs: Path,
        may_go_on: Callable[[], None] = lambda: None,
        *,
        kills: bool = False,
    ) -> None:
        self._stage, self._environment, self._logs = stage, environment, logs
        self._may_go_on, self._kills = may_go_on, kills
        self._started: list[Program] = []
        self._lock = threading.Lock()
        self._has_ended = False

    def __enter__(self) -> "Programs":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._lock:
            self._has_ended = True
        for program in reversed(self._started):
            program.kill() if self._kills else program.stop()

    def start(
        self,
        name: str,
        *arguments: str,
        keeps: Sequence[int] = (),
        module: str = "",
        env: Mapping[str, str] | None = None,
    ) -> Program:
        """Starts `manage.py` with these arguments, or a module, and lets it run."""
        self._may_go_on()
        log = self._logs / f"{next(self._numbers)}.log"
        command = _command(module, *arguments)
        with self._lock:
            if self._has_ended:
                raise CommandFailed(f"The {name} was not started, because the programs are ending.")
            program = Program(name, command, self._stage, {**self._environment, **(env or {})}, log, keeps=keeps)
            self._started.append(program)
        return program

    def serve(self, name: str, listening: socket.socket) -> Program:
        """Starts the stage's API server on this socket, which then belongs only to the server."""
        host, port = listening.getsockname()
        arguments = (str(listening.fileno()), "runserver", "--noreload", f"{host}:{port}")
        with listening:
            return self.start(
                name,
                *arguments,
                keeps=[listening.fileno()],
                module="workshop.harness.inside.serve",
                env=self._inside,
            )

    def serve_behind_gunicorn(self, env: Mapping[str, str] | None = None) -> tuple[Program, str]:
        """Starts the API server behind gunicorn, and returns it with its URL once it is ready."""
        listening = listening_at(0)
        url = "http://{}:{}".format(*listening.getsockname())
        with listening:
            bound = ("--bind", f"fd://{listening.fileno()}")
            arguments = ("config.wsgi", *GUNICORN, *bound)
            server = self.start("API server", *arguments, keeps=[listening.fileno()], module="gunicorn", env=env)
        self.wait_until_ready(server, url)
        return server, url

    def prepare(self, **environment: str) -> str:
        """Makes the tables and an operator's key, which it returns. The environment may name a user for the admin."""
        return self.call(module="workshop.harness.inside.prepare", **self._inside, **environment)

    def call(self, *arguments: str, module: str = "", **environment: str) -> str:
        """Runs `manage.py` with these arguments, or a module, to its end and returns its output. Raises CommandFailed."""
        self._may_go_on()
        done = call(_command(module, *arguments), self._stage, {**self._environment, **environment}, 60)
        self._may_go_on()  # Ctrl-C in a terminal reaches the command too
        if done.returncode:
            what = module or f"manage.py {arguments[0]}"
            raise CommandFailed(f"{what} failed. Its last lines:\n{last_words(done.stderr)}")
        return done.stdout.strip()

    def wait_until_ready(self, server: Program, url: str, seconds: float = SECONDS_TO_START) -> None:
        """Returns once the server answers 200 on `/readyz`. Raises CommandFailed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.must_run()
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                if urllib3.request("GET", f"{url}/readyz", retries=False, timeout=2).status == 200:
                    return
            time.sleep(0.1)
        raise CommandFailed(f"The server was not ready after {seconds:.0f} s. Its last lines:\n{server.last_lines()}")

    def must_run(self) -> None:
        """Raises if a program has ended by itself, or if the command must end."""
        self._may_go_on()
        for program in list(self._started):
            program.must_run()

    @property
    def _inside(self) -> dict[str, str]:
        """The environment for a module of workshop.harness.inside."""
        return {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [self._environment.get("PYTHONPATH")])])}


def _command(module: str, *arguments: str) -> list[str]:
    """The call of `manage.py`, or of a module."""
    return [str(interpreter()), *(["-m", module] if module else ["manage.py"]), *arguments]


def listening_at(preferred: int) -> socket.socket:
    """A socket that listens at this port of the loopback address, or at any free one if another program has it.

    It is bound before the port is published, so only the program that gets this socket can answer there.
    """
    for port in (preferred, 0):
        with contextlib.suppress(OSError):
            return socket.create_server(("127.0.0.1", port))
    raise CommandFailed("No port is free on 127.0.0.1.")
