"""What runs inside a stage's own process, to watch it at work: the same scripts for every stage, and no import from one.

`ask` starts one of these modules in a stage's folder, on a database that goes afterwards, and returns what it printed.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workshop import ROOT, sqlite_url
from workshop.base import environment, setup
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage

SECONDS = 120


def ask(stage: Stage, module: str, *arguments: str, seconds: float = SECONDS) -> Any:
    """Runs `workshop.harness.inside.<module>` in the stage to its end; what it answered, read from JSON."""
    with surroundings(stage) as made:
        done = subprocess.run(
            command(module, *arguments),
            cwd=stage.folder,
            env=made,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    if done.returncode:
        raise CommandFailed(f"{module} failed in {stage.name}:\n{last_words(done.stderr)}")
    return json.loads(done.stdout.splitlines()[-1])


def command(module: str, *arguments: str) -> Sequence[str]:
    """The call of one of these modules. No byte code is written: a copy of a stage may change within a second."""
    return [str(setup.interpreter()), "-B", "-m", f"workshop.harness.inside.{module}", *arguments]


@contextmanager
def surroundings(stage: Stage) -> Iterator[dict[str, str]]:
    """The environment of a stage on an empty SQLite database of its own."""
    with tempfile.TemporaryDirectory(prefix="workshop-inside-") as folder:
        yield environment.made() | {
            "PYTHONPATH": os.pathsep.join([str(stage.folder), str(ROOT)]),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": sqlite_url(Path(folder) / "inside.sqlite3"),
            "SECRET_KEY": "for-a-database-that-lives-a-minute",
            # Who receives is on this machine, which the server refuses to call unless told.
            "WEBHOOKS_ALLOWED_NETWORKS": "127.0.0.0/8",
            "WEBHOOKS_ALLOW_HTTP": "1",
            "WEBHOOKS_DELIVERY_ENGINE": "polling",
        }


def last_words(text: str, lines: int = 12) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-lines:]) or "  (it wrote nothing)"
