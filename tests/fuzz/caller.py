"""Runs schemathesis as the command that it is, and reads what it met."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Report:
    """The outcome of a run: its exit code, its output, and a count of (operation, method, status)."""

    exit_code: int
    output: str = field(repr=False)
    answers: Counter[tuple[str, str, int]] = field(repr=False)

    def statuses(self, operation: str) -> set[int]:
        """The statuses that calls of this operation (`GET /v1/events`) were answered with, other methods left out."""
        method = operation.split()[0]
        return {status for label, sent, status in self.answers if (label, sent) == (operation, method)}

    def in_short(self) -> str:
        classes: Counter[int] = Counter()
        for (_, _, status), count in self.answers.items():
            classes[status // 100] += count
        shares = ", ".join(f"{count:,} × {first}xx" for first, count in sorted(classes.items()))
        return f"{classes.total():,} requests, {shares}"


@dataclass(frozen=True)
class Caller:
    """Everything that is the same for all runs. Zero `seconds` is one round, which a seed repeats exactly."""

    document: str
    folder: Path
    seed: int
    max_examples: int
    seconds: float

    def run(
        self,
        names: Mapping[str, Sequence[str]],
        key: str | None,
        *,
        more_settings: str = "",
        briefly: bool = False,
    ) -> Report:
        """One run. `names` are the dictionaries of schemathesis.toml; `briefly` is one round of valid requests only."""
        settings, tally = self.folder / "schemathesis.toml", self.folder / "tally"
        settings.write_text("\n".join([(HERE / "schemathesis.toml").read_text(), more_settings, *_own(names, key)]))
        tally.touch()
        command = [str(Path(sys.executable).with_name("schemathesis")), f"--config-file={settings}", "run"]
        command += [self.document, f"--seed={self.seed}", f"--max-examples={self.max_examples}", "--no-color"]
        if briefly:
            command.append("--mode=positive")
        elif self.seconds:
            command.append(f"--max-time={max(1, round(self.seconds))}")
        environment = os.environ | {
            "SCHEMATHESIS_HOOKS": "hooks",
            "PYTHONPATH": str(HERE),
            "FUZZ_TALLY": str(tally),
            "NO_PROXY": "127.0.0.1",
        }
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        answers = Counter(tuple(json.loads(line)) for line in tally.read_text().splitlines())
        return Report(done.returncode, done.stdout, answers)


def _own(names: Mapping[str, Sequence[str]], key: str | None) -> list[str]:
    """This run's part of the settings. JSON's strings and lists are TOML's, too."""
    lines = ["[dictionaries]", *(f"{name}.values = {json.dumps(list(values))}" for name, values in names.items())]
    if key is not None:
        lines += ["[auth.openapi.apiKey]", f"bearer = {json.dumps(key)}"]
    return lines
