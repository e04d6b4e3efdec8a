"""Plants one mistake at a time in a copy of a stage and expects the shared suite to notice.

A mutant is a unified diff in tests/mutants/, made from the repository's root, under two lines:

    # breaks: 410 Gone disables the client, with the reason `gone`
    # noticed by: tests/behaviour/test_delivery_retries.py -k gone

`noticed by` names the tests to run first. If they stay green, the whole shared suite runs.
"""

import ast
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from workshop import ROOT
from workshop.base import leftovers, setup
from workshop.base.calls import call, last_words
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage
from workshop.harness.testing import SHARED, SHARED_OPTIONS

AT_ONCE = 2
SECONDS_A_RUN = 1200  # the shared suite ends each of its tests after 60 s by itself
IGNORED = shutil.ignore_patterns(*leftovers.LEFTOVERS)
HEADER = re.compile(r"# breaks: (.+)\n# noticed by: (.+)\n")
FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)  # in pytest's summary
TESTS_FAILED = 1  # pytest's exit code; all others except 0 mean that it could not run the tests


class BrokenMutant(CommandFailed):
    """The mutant proves nothing: no header, does not apply, no valid Python, no such tests, or an endless run."""


class NotHere(BrokenMutant):
    """The patch does not apply: this stage has other code there, or has it in another file."""


class Fate(Enum):
    KILLED = "killed"
    NOT_HERE = "not here"
    SURVIVED = "SURVIVED"
    BROKEN = "BROKEN"


@dataclass(frozen=True)
class Mutant:
    """One planted mistake."""

    name: str
    patch: Path
    breaks: str
    noticed_by: tuple[str, ...]

    @property
    def files(self) -> list[str]:
        """The files that the patch writes, as paths from the repository's root."""
        return re.findall(r"^\+\+\+ b/(\S+)", self.patch.read_text(encoding="utf-8"), re.MULTILINE)

    @property
    def made_for(self) -> str:
        """The stage in whose folder the patch was made. At another stage it applies if its code is the same there."""
        return self.files[0].split("/")[0] if self.files else "before"


@dataclass(frozen=True)
class Verdict:
    """The fate of a mutant: the test that killed it, or the problem with it."""

    mutant: Mutant
    fate: Fate
    detail: str
    seconds: float


@dataclass(frozen=True)
class Suite:
    """The folder of the tests and the command to run them. Tests of this module use their own."""

    root: Path = ROOT
    shared: tuple[str, ...] = SHARED
    command: tuple[str, ...] = (str(setup.interpreter()), "-m", "pytest", *SHARED_OPTIONS)


def read(patch: Path) -> Mutant:
    """The mutant that a patch file describes."""
    header = HEADER.match(patch.read_text(encoding="utf-8"))
    if not header:
        raise BrokenMutant(f"{patch.name} must start with two lines: # breaks: … and # noticed by: …")
    return Mutant(patch.stem, patch, header[1], tuple(shlex.split(header[2])))


def read_all(folder: Path, only: str = "") -> list[Mutant]:
    """The mutants of a folder by name; with `only`, those whose name contains it."""
    return [read(patch) for patch in sorted(folder.glob("*.patch")) if only in patch.stem]


def healthy(stage: Stage, mutants: Sequence[Mutant], suite: Suite) -> bool:
    """Whether the named tests are green on the unchanged stage: red tests would "kill" every mutant."""
    files = sorted({part for mutant in mutants for part in mutant.noticed_by if part.startswith("tests/")})
    command = [*suite.command, "-q", "-n", "2", *files, f"--stage-dir={stage.folder}"]
    return subprocess.run(command, cwd=suite.root).returncode == 0


def hunt(stage: Stage, mutants: Sequence[Mutant], suite: Suite) -> Iterator[Verdict]:
    """The verdicts as they come, two mutants at once."""
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for trial in as_completed([pool.submit(try_one, stage, mutant, suite) for mutant in mutants]):
            yield trial.result()
    finally:
        pool.shutdown(cancel_futures=True)


def try_one(stage: Stage, mutant: Mutant, suite: Suite) -> Verdict:
    """Plants the mutant and runs the tests it names, then the whole suite."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        try:
            mutated = plant(stage, mutant, Path(folder))
            killer = _killer(mutant.noticed_by, mutated, suite, "names tests that cannot be run")
            killer = killer or _killer(suite.shared, mutated, suite, "stopped the suite from running")
            fate, detail = (Fate.KILLED, killer) if killer else (Fate.SURVIVED, mutant.breaks)
        except NotHere as reason:
            fate, detail = Fate.NOT_HERE, str(reason)
        except BrokenMutant as reason:
            fate, detail = Fate.BROKEN, str(reason)
    return Verdict(mutant, fate, detail, time.monotonic() - started)


def plant(stage: Stage, mutant: Mutant, folder: Path) -> Path:
    """A copy of the stage with the patch applied, exactly as it was made: no fuzz."""
    copy = folder / mutant.made_for
    shutil.copytree(stage.folder, copy, ignore=IGNORED)
    environment = os.environ | {"GIT_CEILING_DIRECTORIES": str(folder.parent)}
    applied = call(["git", "apply", "--whitespace=nowarn", mutant.patch.resolve()], folder, environment)
    if applied.returncode:
        failure = BrokenMutant if stage.name == mutant.made_for else NotHere
        raise failure(f"no longer applies: {applied.stderr.strip()}")
    for path in (folder / name for name in mutant.files if name.endswith(".py")):
        try:
            ast.parse(path.read_text(encoding="utf-8"))
        except SyntaxError as error:
            raise BrokenMutant(f"is no valid Python: {path.name}, line {error.lineno}") from error
    return copy


def _killer(tests: Sequence[str], mutated: Path, suite: Suite, otherwise: str) -> str | None:
    """The name of the first failed test; None if all pass. `otherwise` says what it means that no test ran."""
    command = [*suite.command, "-q", "-x", "--color=no", *tests, f"--stage-dir={mutated}"]
    try:
        done = call(command, suite.root, seconds=SECONDS_A_RUN)
    except CommandFailed:
        raise BrokenMutant(f"the tests did not end in {SECONDS_A_RUN} s, which proves nothing") from None
    if done.returncode == TESTS_FAILED:
        failed = FAILED.search(done.stdout)
        return failed[1] if failed else "a test that pytest does not name"
    if not done.returncode:
        return None
    said = last_words(done.stdout + done.stderr, lines=5)
    raise BrokenMutant(f"{otherwise} (pytest ended with {done.returncode}):\n{said}")
