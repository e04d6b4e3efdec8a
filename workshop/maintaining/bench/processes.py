"""The processes of a stage: its server behind gunicorn, its worker, its commands. Each is ended by its own id."""

import itertools
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import urllib3

from workshop.base import setup
from workshop.base.problems import CommandFailed
from workshop.harness import processes

SECONDS_TO_STOP = 20  # the worker's attempt in flight takes 15 at most
SERVER = ("--workers", "4", "--log-level", "warning")  # as docs/running.md has it


class Process:
    """A process in a session of its own; what it writes goes to a file."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path) -> None:
        self._name = " ".join(command[1:4])
        self._log = log
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def must_run(self) -> None:
        """Raises with the process's last words if it has ended."""
        if self._popen.poll() is not None:
            raise CommandFailed(f"{self._name} ended with exit code {self._popen.returncode}:\n{self._last_words()}")

    def wait(self, seconds: float) -> None:
        """Returns once it has ended well."""
        try:
            code = self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise CommandFailed(f"{self._name} has not ended within {seconds:g} s:\n{self._last_words()}") from None
        if code:
            raise CommandFailed(f"{self._name} ended with exit code {code}:\n{self._last_words()}")

    def stop(self) -> None:
        """Asks it to end, and ends it, with all that it started, if it takes too long."""
        if self._popen.poll() is None:
            self._popen.terminate()
            try:
                self._popen.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """Ends it at once, with all that it started."""
        if self._popen.poll() is None:
            os.killpg(self._popen.pid, signal.SIGKILL)  # the session's leader, so the group has its id
            self._popen.wait()

    def peak_memory(self) -> float | None:
        """The most that it, or the largest of the processes it started, has held, in MiB; None where nothing tells."""
        leader = self._popen.pid
        family = [process.pid for process in processes.listed() if leader in (process.pid, process.parent)]
        peaks = [peak for pid in family if (peak := _peak_kib(pid)) is not None]
        return max(peaks) / 1024 if peaks else None

    def _last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").strip().splitlines()[-15:]) or "(it wrote nothing)"


def _peak_kib(pid: int) -> int | None:
    """VmHWM, the high-water mark of resident memory, which only Linux keeps."""
    try:
        found = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) if found else None


class Programs:
    """What runs of one stage on one database."""

    _numbers = itertools.count()

    def __init__(self, stage: Path, environment: Mapping[str, str], scratch: Path) -> None:
        self._stage = stage
        self._environment = environment
        self._scratch = scratch
        self._started: list[Process] = []

    def call(self, *arguments: str) -> str:
        """Runs `manage.py` with these arguments to its end and returns what it printed."""
        command = [str(setup.interpreter()), "manage.py", *arguments]
        done = subprocess.run(
            command,
            cwd=self._stage,
            env=dict(self._environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode:
            raise CommandFailed(f"manage.py {arguments[0]} failed:\n{done.stderr[-2000:]}")
        return done.stdout.strip()

    def deliver(self, *options: str, **environment: str) -> Process:
        """Starts one worker process."""
        return self._start(["manage.py", "deliver", *options], environment)

    def serve(self, **environment: str) -> tuple[Process, str]:
        """Starts the API server behind gunicorn, and returns it with its URL once it is ready."""
        address = self._scratch / f"{next(self._numbers)}.address"
        options = [*SERVER, "--bind", "127.0.0.1:0", "--config", str(Path(__file__).with_name("gunicorn_port.py"))]
        server = self._start(
            ["-m", "gunicorn", "config.wsgi", *options], {"BENCH_ADDRESS": str(address), **environment}
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            server.must_run()
            if address.exists() and (url := address.read_text()) and _is_ready(url):
                return server, url
            time.sleep(0.05)
        raise CommandFailed("The API server was not ready after 30 s.")

    def _start(self, arguments: Sequence[str], environment: Mapping[str, str]) -> Process:
        log = self._scratch / f"{next(self._numbers)}.log"
        command = [str(setup.interpreter()), *arguments]
        process = Process(command, self._stage, {**self._environment, **environment}, log)
        self._started.append(process)
        return process

    def end(self) -> None:
        """Ends at once whatever still runs."""
        for process in reversed(self._started):
            process.kill()


def _is_ready(url: str) -> bool:
    try:
        return urllib3.request("GET", f"{url}/readyz", retries=False, timeout=5).status == 200
    except urllib3.exceptions.HTTPError:
        return False
