"""The warm process: it has loaded pytest and Django, and forks for each job, so that an answer takes no start-up.

Reads one JSON line a job on stdin, and writes {"result", "pid"} when it has begun and {"result", "exit"} when it has
ended. End of input ends every job that still runs. It never runs a line of the learner's itself.
"""

import gc
import importlib
import json
import os
import resource
import selectors
import signal
import sys
import traceback
from typing import Any

from workshop.exercises.doing import run
from workshop.exercises.jobs import Job

PRELOADED = (
    *("pytest", "_pytest.assertion.rewrite", "pytest_django.plugin", "workshop.exercises.behaviour"),
    *("django.core.checks", "django.core.handlers.wsgi", "django.core.management", "django.db.backends.sqlite3.base"),
    *("django.db.migrations.executor", "django.db.models", "django.forms", "django.shortcuts", "django.template"),
    *("django.test", "django.test.runner", "django.urls", "grimp", "importlinter.contracts.forbidden"),
    *("psycopg", "requests", "uritemplate", "yaml"),  # what Django REST framework looks for and imports
    *("workshop.exercises.probes.imports", "workshop.exercises.probes.running"),
)
MOST_BYTES = 16 * 1024 * 1024  # that a job may write into one file: an endless print ends


def preload() -> None:
    """Imports what nearly every job needs and what needs no settings of a project."""
    for module in PRELOADED:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()


def serve(requests: int, replies: int) -> Job:
    """Forks for each request. Returns in the children only, with their job."""
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes)
    selector = selectors.DefaultSelector()
    selector.register(requests, selectors.EVENT_READ)
    selector.register(woken, selectors.EVENT_READ)
    running: dict[int, str] = {}
    received = b""

    def reply(**message: Any) -> None:
        os.write(replies, json.dumps(message).encode() + b"\n")

    while True:
        for key, _ in selector.select():
            data = os.read(key.fd, 65536)
            if key.fd == woken:
                for pid in list(running):
                    ended, status = os.waitpid(pid, os.WNOHANG)
                    if ended:
                        reply(result=running.pop(pid), exit=os.waitstatus_to_exitcode(status))
                continue
            if not data:
                for pid in running:
                    os.killpg(pid, signal.SIGKILL)
                os._exit(0)
            *lines, received = (received + data).split(b"\n")
            for job in (Job(**json.loads(line)) for line in lines):
                pid = os.fork()
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    selector.close()
                    for descriptor in (woken, wakes, requests, replies):
                        os.close(descriptor)
                    _stand_alone(job)
                    return job
                running[pid] = job.result
                try:
                    os.setpgid(pid, pid)
                except OSError:
                    pass  # the child was quicker
                reply(result=job.result, pid=pid)


def _stand_alone(job: Job) -> None:
    """A process group of its own, an empty stdin, what it prints in a file, and no end of it refused."""
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
    output = os.open(f"{job.result}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in (1, 2):
        os.dup2(output, number)
    os.close(output)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started this process
    sys.dont_write_bytecode = True
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    preload()
    os.write(replies, b'{"ready": true}\n')
    code = 0
    job = serve(requests, replies)
    try:
        run(job)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
