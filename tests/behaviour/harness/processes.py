"""Starts the stage's management commands and servers, and always ends them."""

import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OUTSIDE = Path(__file__).parents[1] / "outside"


@dataclass(frozen=True)
class Run:
    """A command that has ended. `exit_code` is negative if a signal ended it."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def log(self) -> list[dict[str, Any]]:
        """The log lines on stderr; each must be one JSON object."""
        return [json.loads(line) for line in self.stderr.splitlines() if line.strip()]


class Process:
    """A command that runs. Its output goes to files, so it never blocks on a reader."""

    def __init__(self, stdout: Path, stderr: Path) -> None:
        self._stdout, self._stderr = stdout, stderr
        self.pid = 0
        self._exit: Future[int] = Future()

    @property
    def stdout(self) -> str:
        return self._stdout.read_text(errors="replace") if self._stdout.exists() else ""

    @property
    def stderr(self) -> str:
        return self._stderr.read_text(errors="replace") if self._stderr.exists() else ""

    @property
    def alive(self) -> bool:
        return not self._exit.done()

    def wait(self, within: float = 30) -> Run:
        """Waits for its end. If it does not end in time, it is killed, and the test fails."""
        try:
            exit_code = self._exit.result(within)
        except NotYet:
            self.kill()
            raise AssertionError(f"still running after {within} s\n{self.stderr[-4000:]}") from None
        return Run(exit_code, self.stdout, self.stderr)

    def terminate(self) -> None:
        """SIGTERM, to the process alone."""
        if self.alive:
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL, to the process and its children; returns when it is dead."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._exit.result(10)

    def wait_for_output(self, text: str, within: float = 15) -> None:
        """Waits until its stdout or stderr holds the text."""
        eventually(lambda: text in self.stdout + self.stderr or not self.alive, within)
        assert text in self.stdout + self.stderr, f"ended without saying {text!r}: {self.stderr[-2000:]}"


class Zygote:
    """A process with the stage loaded that forks for each command; `outside/zygote.py` is the other end."""

    def __init__(self, stage: Path, env: Mapping[str, str], folder: Path) -> None:
        self._errors = folder / "zygote.err"
        self._numbers = itertools.count()
        self._processes: dict[int, tuple[Process, threading.Event]] = {}
        with self._errors.open("wb") as errors:
            self._popen = subprocess.Popen(
                [sys.executable, str(OUTSIDE / "zygote.py")],
                cwd=stage,
                env=dict(env),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        assert self._popen.stdin and self._popen.stdout
        self._requests, self._replies = self._popen.stdin, self._popen.stdout
        ready = self._replies.readline()
        assert ready, f"the stage does not load:\n{self._errors.read_text()}"
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, process: Process, argv: tuple[str, ...]) -> None:
        number, known = next(self._numbers), threading.Event()
        self._processes[number] = process, known
        request = {
            "id": number,
            "argv": argv,
            "stdout": str(process._stdout),
            "stderr": str(process._stderr),
        }
        self._requests.write(json.dumps(request).encode() + b"\n")
        self._requests.flush()
        assert known.wait(10), f"no fork:\n{self._errors.read_text()}"

    def _listen(self) -> None:
        for message in map(json.loads, self._replies):
            process, known = self._processes[message["id"]]
            if "pid" in message:
                process.pid = message["pid"]
                known.set()
            else:
                process._exit.set_result(message["exit"])
                del self._processes[message["id"]]

    def stop(self) -> None:
        """Ends the zygote, and it ends every command that still runs."""
        self._requests.close()
        try:
            self._popen.wait(10)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()


class Stage:
    """The code under test: a folder with a manage.py, and the environment that its processes get."""

    def __init__(self, folder: Path, env: dict[str, str], scratch: Path) -> None:
        self.folder = folder
        self.env = env
        self.scratch = scratch
        self._numbers = itertools.count()
        self._zygote: Zygote | None = None
        self._started: list[Process] = []

    def start(self, *argv: str, env: Mapping[str, str | None] | None = None) -> Process:
        """Starts `manage.py argv…`; `env` changes variables of the environment (None: unset)."""
        number = next(self._numbers)
        process = Process(self.scratch / f"{number}.out", self.scratch / f"{number}.err")
        if env is None and hasattr(os, "fork"):
            if self._zygote is None:
                self._zygote = Zygote(self.folder, self.env, self.scratch)
            self._zygote.start(process, argv)
        else:
            self._start_plainly(process, argv, env or {})
        self._started.append(process)
        return process

    def _start_plainly(self, process: Process, argv: tuple[str, ...], env: Mapping[str, str | None]) -> None:
        whole = {name: value for name, value in {**self.env, **env}.items() if value is not None}
        with process._stdout.open("wb") as stdout, process._stderr.open("wb") as stderr:
            popen = subprocess.Popen(
                [sys.executable, "manage.py", *argv],
                cwd=self.folder,
                env=whole,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        process.pid = popen.pid
        threading.Thread(target=lambda: process._exit.set_result(popen.wait()), daemon=True).start()

    def serve(self, env: Mapping[str, str | None] | None = None) -> "Server":
        """Starts another API server and waits until it listens."""
        for _ in range(3):  # a free port may be taken by someone else before the server binds it
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            process = self.start("runserver", "--noreload", f"127.0.0.1:{port}", env=env)
            server = Server(process, port)
            eventually(server.listens_or_ended, 30)
            if process.alive:
                return server
        raise AssertionError(f"the server does not start:\n{process.stdout}\n{process.stderr}")

    def started(self) -> int:
        return len(self._started)

    def end_all_after(self, mark: int) -> None:
        """Ends the processes that were started after `started()` gave this mark."""
        for process in self._started[mark:]:
            process.kill()
        del self._started[mark:]

    def stop(self) -> None:
        self.end_all_after(0)
        if self._zygote:
            self._zygote.stop()


@dataclass
class Server:
    """A running API server. `log` reads its stderr since the begin of the test."""

    process: Process
    port: int
    _mark: int = 0

    def mark(self) -> None:
        self._mark = self.process._stderr.stat().st_size

    def log(self) -> str:
        with self.process._stderr.open("rb") as file:
            file.seek(self._mark)
            return file.read().decode(errors="replace")

    def listens_or_ended(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return not self.process.alive
        return True


def eventually(condition: Any, within: float = 15) -> Any:
    """Waits until the condition is true, and returns its value; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(0.01)
    return value
