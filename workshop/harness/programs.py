"""Starts the demo's programs and ends every one of them, however the demo ends."""

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import requests

from workshop import ROOT
from workshop.base.problems import CommandFailed

SECONDS_TO_STOP = 10


class Program:
    """A program that keeps running; what it writes goes to a file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        environment: dict[str, str],
        log: Path,
        may_go_on: Callable[[], None],
        *,
        keeps: Sequence[int] = (),
    ) -> None:
        self.name = name
        self._log = log
        self._may_go_on = may_go_on
        with log.open("wb") as output:
            # A session of its own: Ctrl-C reaches the demo alone, which then ends this in order.
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=keeps,
            )

    def must_run(self) -> None:
        """Raises with the program's last words if it has ended, or if the demo shall."""
        self._may_go_on()
        if self._process.poll() is not None:
            ended = f"The {self.name} ended with exit code {self._process.returncode}."
            raise CommandFailed(f"{ended} Its last lines:\n{self.last_lines()}")

    def last_lines(self, count: int = 12) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return "\n".join(f"  {line}" for line in lines[-count:]) or "  (it wrote nothing)"

    def stop(self) -> None:
        """Asks it to end, and after ten seconds ends it."""
        if self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Programs:
    """The stage's programs. Leaving the `with` block ends those that still run, newest first.

    `may_go_on` is called before each step and while waiting; what it raises ends the block.
    """

    def __init__(
        self,
        python: Path,
        stage: Path,
        environment: dict[str, str],
        logs: Path,
        may_go_on: Callable[[], None] = lambda: None,
    ) -> None:
        self._python = python
        self._stage = stage
        self._environment = environment
        self._logs = logs
        self._may_go_on = may_go_on
        self._started: list[Program] = []

    def __enter__(self) -> "Programs":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for program in reversed(self._started):
            program.stop()

    def start(self, name: str, *arguments: str) -> Program:
        """Starts `manage.py` with these arguments and lets it run."""
        self._may_go_on()
        log = self._logs / f"{name}.log"
        command = self._manage(arguments)
        program = Program(name, command, self._stage, self._environment, log, self._may_go_on)
        self._started.append(program)
        return program

    def serve(self, name: str, listening: socket.socket) -> Program:
        """Starts the stage's API server on this socket, which is then the server's alone."""
        self._may_go_on()
        host, port = listening.getsockname()
        arguments = [str(listening.fileno()), "runserver", "--noreload", f"{host}:{port}"]
        command = [str(self._python), "-m", "workshop.harness.inside.serve", *arguments]
        environment = self._environment | {"PYTHONPATH": str(ROOT)}
        log = self._logs / f"{name}.log"
        with listening:
            keeps = [listening.fileno()]
            program = Program(name, command, self._stage, environment, log, self._may_go_on, keeps=keeps)
        self._started.append(program)
        return program

    def call(self, *arguments: str, **environment: str) -> str:
        """Runs `manage.py` with these arguments to its end and returns what it printed."""
        self._may_go_on()
        done = subprocess.run(
            self._manage(arguments),
            cwd=self._stage,
            env=self._environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        self._may_go_on()  # Ctrl-C in a terminal reaches the command too
        if done.returncode:
            said = "\n".join(f"  {line}" for line in done.stderr.strip().splitlines()[-12:])
            raise CommandFailed(f"manage.py {arguments[0]} failed. Its last lines:\n{said}")
        return done.stdout.strip()

    def must_run(self) -> None:
        """Raises if one of them has ended by itself, or if the demo shall end."""
        self._may_go_on()
        for program in self._started:
            program.must_run()

    def _manage(self, arguments: Sequence[str]) -> list[str]:
        return [str(self._python), "manage.py", *arguments]


def listening_at(preferred: int) -> socket.socket:
    """A socket that listens at this port of the loopback address, or at any free one if another program has it.

    It is bound before anyone learns the port: whoever is asked there is the program that gets this socket.
    """
    for port in (preferred, 0):
        with contextlib.suppress(OSError):
            return socket.create_server(("127.0.0.1", port))
    raise CommandFailed("No port is free on 127.0.0.1.")


def wait_until_ready(server: Program, url: str, seconds: float = 20) -> None:
    """Returns once the server answers 200 on `/readyz`."""
    deadline = time.monotonic() + seconds
    with requests.Session() as session:
        session.trust_env = False
        while time.monotonic() < deadline:
            server.must_run()
            try:
                if session.get(f"{url}/readyz", timeout=2).status_code == 200:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.1)
    lines = server.last_lines()
    raise CommandFailed(f"The server was not ready after {seconds:.0f} s. Its last lines:\n{lines}")
