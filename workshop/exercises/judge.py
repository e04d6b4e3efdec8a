"""Checks a folder against an exercise, through a warm process, and says which lights are green."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base import environment
from workshop.base.problems import CommandFailed
from workshop.exercises.catalogue import Check, Exercise, Light
from workshop.exercises.findings import Finding
from workshop.exercises.jobs import BEHAVIOUR, Answer, Job

SECONDS_TO_WARM = 60
SECONDS_A_JOB = 10
MOST_PATIENCE = 6  # how many times longer a job may take on a busy machine
DOES_NOT_START = "Your project does not start: {found}."
CRASHED = "Your code crashes at {file}:{line} with {found}. Fix the crash first; then this check can run."
ENDLESS = (
    "Your code gave no answer in {seconds} s. Is there an endless loop, or code that waits for another process? "
    "If other programs keep this machine busy, check again."
)
NO_ANSWER = "This check could not run: {reason}."


@dataclass(frozen=True)
class Result:
    """One check's outcome. `broken` says that the check could not run; its only finding has the reason."""

    check: Check
    findings: tuple[Finding, ...]
    broken: bool = False

    @property
    def is_green(self) -> bool:
        return not self.findings

    @property
    def says_nothing(self) -> bool:
        """Whether the check gave no verdict: it could not run, or the learner's code crashed in it."""
        return self.broken or any(finding.crashed for finding in self.findings[:1])

    def message(self) -> str:
        """The check's message with its first finding filled in, or the error that stopped the check."""
        first = self.findings[0]
        if self.broken and not first.file:
            return first.found
        template = DOES_NOT_START if self.broken else CRASHED if first.crashed else self.check.message
        if not first.file:
            template = template.replace(" at {file}:{line}", "")
        if not first.line:
            template = template.replace(":{line}", "")
        return template.format(file=first.file, line=first.line, found=first.found.rstrip("."))


@dataclass(frozen=True)
class Verdict:
    """The results of all checks, in the exercise's order."""

    results: tuple[Result, ...]
    seconds: float

    @property
    def red(self) -> list[Result]:
        return [result for result in self.results if not result.is_green]

    @property
    def is_green(self) -> bool:
        return not self.red

    def light(self, light: Light) -> list[Result]:
        return [result for result in self.results if result.check.light is light]


class Judge:
    """A warm process and the jobs for it. Use it in a `with` block, which ends the process by its id."""

    def __init__(self, seconds_a_job: float = SECONDS_A_JOB) -> None:
        self.seconds_a_job = seconds_a_job
        self._scratch = tempfile.TemporaryDirectory(prefix="workshop-judge-")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "workshop.exercises.warm"],
            cwd=ROOT,
            env=environment.made(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(Path(self._scratch.name) / "warm.log").open("wb"),
            start_new_session=True,
        )
        self._received = b""

    def __enter__(self) -> "Judge":
        return self

    def __exit__(self, *error: object) -> None:
        """Ends the warm process and all its children."""
        try:
            self._process.communicate(timeout=5)  # the end of its input ends it
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._scratch.cleanup()

    def judge(self, exercise: Exercise, project: Path) -> Verdict:
        """Every check of the exercise, on the present folder."""
        began = time.monotonic()
        together = tempfile.mkdtemp(dir=self._scratch.name)  # the folder that the jobs of this judgement share
        what = {check: BEHAVIOUR if check.light is Light.BEHAVIOUR else check.id for check in exercise.checks}
        files = {job: Path(together, f"{job}.json") for job in what.values()}
        on = str(exercise.folder), str(project.resolve()), exercise.settings
        broken = self._run([Job(*on, job, str(file)) for job, file in files.items()])
        results = [_result(check, files[job], broken.get(job)) for check, job in what.items()]
        return Verdict(tuple(results), time.monotonic() - began)

    def _run(self, jobs: list[Job]) -> dict[str, str]:
        """Runs the jobs at the same time; returns the reason for each job that did not end well."""
        assert self._process.stdin
        lines = "".join(json.dumps({"id": job.result, "job": asdict(job)}) + "\n" for job in jobs)
        self._process.stdin.write(lines.encode())
        self._process.stdin.flush()
        waiting = {job.result: job.what for job in jobs}
        pids: dict[str, int] = {}
        stopped: dict[str, str] = {}
        seconds = patient(self.seconds_a_job)
        deadline = time.monotonic() + SECONDS_TO_WARM
        while waiting:
            if time.monotonic() > deadline:
                if not pids:
                    raise CommandFailed(f"The checks were not ready after {SECONDS_TO_WARM} s.")
                for result in waiting.keys() & pids.keys():
                    stopped[waiting[result]] = ENDLESS.format(seconds=f"{seconds:.3g}")
                    with suppress(ProcessLookupError):  # it ended by itself just now
                        os.killpg(pids[result], signal.SIGKILL)
                deadline = time.monotonic() + seconds
            for reply in self._replies(deadline - time.monotonic()):
                if "pid" in reply:
                    pids[reply["id"]] = int(reply["pid"])
                    deadline = time.monotonic() + seconds
                elif (what := waiting.pop(reply["id"], None)) and reply["exit"]:
                    reason = NO_ANSWER.format(reason=_last_line(f"{reply['id']}.log").rstrip("."))
                    stopped.setdefault(what, reason)
        return stopped

    def _replies(self, seconds: float) -> Iterable[dict[str, str]]:
        assert self._process.stdout
        if not select.select([self._process.stdout], [], [], max(0.0, seconds))[0]:
            return []
        data = os.read(self._process.stdout.fileno(), 65536)
        if not data:
            log = Path(self._scratch.name) / "warm.log"
            raise CommandFailed(f"The checks cannot run here: {_last_line(str(log))} Try: make setup")
        *lines, self._received = (self._received + data).split(b"\n")
        return [json.loads(line) for line in lines]


def patient(seconds: float) -> float:
    """The time limit: these seconds on a quiet machine, more on a busy one, so that slow code is not called endless."""
    try:
        load = os.getloadavg()[0]
    except OSError:
        return seconds
    return seconds * min(MOST_PATIENCE, max(1.0, load / (os.cpu_count() or 1)))


def _result(check: Check, file: Path, stopped: str | None) -> Result:
    if stopped is None and not file.exists():
        stopped = NO_ANSWER.format(reason="your code ended the process that checks it")
    if stopped is not None:
        return Result(check, (Finding("", 0, stopped),), broken=True)
    answer = Answer.read(file)
    if answer.broken:
        return Result(check, (answer.broken,), broken=True)
    if check.id not in answer.findings:
        return Result(check, (Finding("", 0, NO_ANSWER.format(reason="no test belongs to it")),), broken=True)
    return Result(check, tuple(answer.findings[check.id]))


def _last_line(log: str) -> str:
    try:
        lines = Path(log).read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1] if lines else "it ended without an error message"
