"""The warm process: it has loaded pytest and Django, and forks for each job, which saves the start-up time.

It is a fork server whose requests hold a `job`. It never runs a line of the learner's itself.
"""

import gc
import importlib
import os
import resource
import signal
import sys
import traceback
from contextlib import suppress
from functools import cache
from pathlib import Path

from workshop.exercises.doing import run
from workshop.exercises.jobs import Job
from workshop.harness import forks

PRELOADED = (
    *("pytest", "_pytest.assertion.rewrite", "pytest_django.plugin", "workshop.exercises.behaviour"),
    *("django.core.checks", "django.core.handlers.wsgi", "django.core.management", "django.db.backends.sqlite3.base"),
    *("django.db.migrations.executor", "django.db.models", "django.forms", "django.shortcuts", "django.template"),
    *("django.test", "django.test.runner", "django.urls", "workshop.exercises.probes.running"),
)
# Modules that only some exercises need, by a word in their checks or settings. They take as long as all of the above.
FURTHER = {
    "rest_framework": ("psycopg", "requests", "uritemplate", "yaml"),  # Django REST framework looks for them
    "imports.": ("grimp", "importlinter.contracts.forbidden", "workshop.exercises.probes.imports"),
}
MOST_BYTES = 16 * 1024 * 1024  # bytes that a job may write into one file, which stops an endless print


def preload() -> None:
    """Imports the modules that nearly every job needs and that need no project settings."""
    for module in PRELOADED:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()


@cache
def preload_for(folder: Path) -> None:
    """Imports the other modules that an exercise needs, once, because all its jobs would import the same."""
    read = [folder / "checks" / "architecture.py", folder / "start" / "config" / "settings.py"]
    text = "".join(file.read_text(encoding="utf-8") for file in read if file.exists())
    for word, modules in FURTHER.items():
        for module in modules if word in text else ():
            importlib.import_module(module)
    gc.freeze()


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    sys.dont_write_bytecode = True
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    requests, replies = forks.take_over()
    preload()
    code = 0
    request = forks.serve(requests, replies, lambda request: preload_for(Path(request["job"]["exercise"])))
    job = Job(**request["job"])
    forks.stand_alone(f"{job.result}.log", f"{job.result}.log")
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
    try:
        run(job)
    except BaseException:
        code = 1
        with suppress(OSError):
            traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # the log is full; since 3.14 a stream still has the text that it could not write
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
