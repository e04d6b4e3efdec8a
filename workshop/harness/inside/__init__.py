"""Scripts that run inside a stage's own process and watch it. They work for every stage and import none.

`ask` starts one of these modules in a stage's folder, on a temporary database, and returns its output.
"""

import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workshop import ROOT, sqlite_url
from workshop.base import environment, setup
from workshop.base.calls import output_of
from workshop.base.stages import Stage

SECONDS = 120


def ask(stage: Stage, module: str, *arguments: str, seconds: float = SECONDS, what: str = "") -> Any:
    """Runs `workshop.harness.inside.<module>` in the stage to its end; returns its answer, read from JSON.

    If it fails, CommandFailed says that `what` failed, or else the module. Sets are in the same order each time, so that two answers can be compared.
    """
    with surroundings(stage) as found:
        made = found | {"PYTHONHASHSEED": "0"}
        failure = f"{what or module} failed in {stage.name}"
        said = output_of(command(module, *arguments), failure, stage.folder, made, seconds)
    return json.loads(said.splitlines()[-1])


def command(module: str, *arguments: str) -> Sequence[str]:
    """The command for one of these modules. No byte code is written: a copy of a stage may change within a second."""
    return [str(setup.interpreter()), "-B", "-m", f"workshop.harness.inside.{module}", *arguments]


@contextmanager
def surroundings(stage: Stage) -> Iterator[dict[str, str]]:
    """The environment of a stage on an empty SQLite database of its own."""
    with tempfile.TemporaryDirectory(prefix="workshop-inside-") as folder:
        yield on_database(sqlite_url(Path(folder) / "inside.sqlite3")) | {
            "PYTHONPATH": os.pathsep.join([str(stage.folder), str(ROOT)]),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }


def on_database(url: str) -> dict[str, str]:
    """The environment of a stage's processes on a database, with receivers on this machine."""
    return environment.made() | {
        "DATABASE_URL": url,
        "SECRET_KEY": secrets.token_urlsafe(40),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        # By default the server refuses to call this machine.
        "WEBHOOKS_ALLOWED_NETWORKS": "127.0.0.0/8",
        "WEBHOOKS_ALLOW_HTTP": "1",
        "WEBHOOKS_DELIVERY_ENGINE": "polling",
    }
