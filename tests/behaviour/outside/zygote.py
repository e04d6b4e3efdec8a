"""A stage's `manage.py` with Django already loaded: forks for each command, so that a command costs milliseconds.

It is the fork server of workshop/harness/forks.py. A request is {"id", "argv", "stdout", "stderr"}; the last two are files.

With `BEHAVIOUR_SERVER_THREADS` a server has so many threads, and their database connections stay open, as under a WSGI
server. Without, it has a thread and a connection for each request.
"""

import atexit
import gc
import os
import runpy
import socketserver
import ssl
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.append(str(Path(__file__).parents[3]))
from workshop.harness import forks

sys.path.pop()  # a stage must not find this repository

SERVER_THREADS = int(os.environ.get("BEHAVIOUR_SERVER_THREADS", "0"))


def preload() -> None:
    """Loads the modules that a command would load, without running one and without a database connection."""
    from django.core import management

    # manage.py itself chooses the settings, so it runs until just before it would start a command.
    execute, management.execute_from_command_line = management.execute_from_command_line, lambda *_: None
    runpy.run_path("manage.py", run_name="__main__")
    management.execute_from_command_line = execute

    import django

    django.setup()

    import django.core.servers.basehttp
    import django.db.migrations.executor
    import django.db.models.sql.compiler
    from django.core.management.base import BaseCommand
    from django.db import connections
    from django.urls import get_resolver

    for name, app in management.get_commands().items():
        if not str(app).startswith("django."):
            management.load_command_class(app, name)
    get_resolver().url_patterns  # noqa: B018 - imports every view
    BaseCommand().check()
    ssl.create_default_context()  # OpenSSL sets itself up with the first one
    connections.close_all()
    gc.collect()
    gc.freeze()


def serve_from(pool: ThreadPoolExecutor) -> None:
    """Makes a server answer each request in a thread of the pool; threads start when they are needed."""

    def answer(self, request, client_address):
        leave_a_file_that_is_away()
        self.process_request_thread(request, client_address)

    def process_request(self, request, client_address):
        pool.submit(answer, self, request, client_address)

    socketserver.ThreadingMixIn.process_request = process_request


def leave_a_file_that_is_away() -> None:
    """Closes this thread's connection to an SQLite file that a test has taken away: an open file outlives its name."""
    from django.db import connection

    if connection.vendor == "sqlite" and not os.path.exists(connection.settings_dict["NAME"]):
        connection.close()


def run_and_leave() -> None:
    """Runs manage.py and ends as the interpreter does, but does not free its memory: that takes half of the time."""
    code: object = 0
    try:
        runpy.run_path("manage.py", run_name="__main__")
    except SystemExit as leaving:
        code = leaving.code or 0
        if not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined] - waits for the threads that are no daemons
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    sys.path[0] = os.getcwd()
    # Settings may ask which command this is, and are loaded here once for all: as for a server, which is the one command
    # here whose connections count. Kept open after each request, a hundred threads fill PostgreSQL.
    sys.argv = ["manage.py"] if SERVER_THREADS else ["manage.py", "runserver"]
    requests, replies = forks.take_over()
    preload()
    os.write(replies, b'{"ready": true}\n')
    request = forks.serve(requests, replies)
    forks.stand_alone(request["stdout"], request["stderr"])
    sys.argv = ["manage.py", *request["argv"]]
    if sys.argv[1] != "check":
        # Made once, before the first command: the code and the settings stay as they are.
        sys.argv.append("--skip-checks")
    if SERVER_THREADS:
        serve_from(ThreadPoolExecutor(SERVER_THREADS))
    run_and_leave()
