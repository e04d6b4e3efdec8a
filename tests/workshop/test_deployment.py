"""docs/running.md describes a working deployment: its environment, Django's checks, and its command lines."""

import os
import re
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection

import pytest

from workshop import ROOT, sqlite_url
from workshop.base.clean import holds_data

RUNNING = (ROOT / "docs/running.md").read_text(encoding="utf-8")
SIDES = ("before", "after")
SECRETS = {
    "SECRET_KEY": "Qk2p9vX7sLr4TzB1nWc8YfHm3GdJe6Ua0oKiZxEqVbNtMhPwRy5S",
    "WEBHOOKS_ENCRYPTION_KEYS": "A" * 43 + "=",
}


def documented_environment():
    """The variables of the first block, with secrets in the place of the ellipses."""
    block = re.search(r"## The environment.*?```\n(.*?)```", RUNNING, re.DOTALL)[1]
    named = dict(re.findall(r"^export (\w+)=(\S+)", block, re.MULTILINE))
    assert {name for name, value in named.items() if value == "…"} == set(SECRETS)
    return {"PATH": os.environ["PATH"], **named, **SECRETS}


@pytest.mark.parametrize("side", SIDES)
def test_each_warning_of_djangos_deployment_checks_is_answered(side):
    command = [sys.executable, "manage.py", "check", "--deploy"]

    done = subprocess.run(
        command, cwd=ROOT / side, env=documented_environment(), capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0, done.stderr
    warned = set(re.findall(r"\(([a-z_]+\.[A-Z][0-9]+)\)", done.stderr))
    assert warned == set(re.findall(r"`([a-z_]+\.[A-Z][0-9]+)`", RUNNING))


@pytest.fixture(params=SIDES)
def gunicorn(request, tmp_path):
    """The server as the documentation starts it, on a free port."""
    pytest.importorskip("gunicorn", reason="the bench's own group is not installed: ./ws bench")
    (line,) = re.findall(r"^python -m gunicorn (.*)$", RUNNING, re.MULTILINE)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = line.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace("--workers 4", "--workers 1").split()
    environment = {**documented_environment(), "DATABASE_URL": sqlite_url(tmp_path / "db.sqlite3")}
    process = subprocess.Popen([sys.executable, "-m", "gunicorn", *options], cwd=ROOT / request.param, env=environment)
    yield port
    process.terminate()
    process.wait(30)


def test_no_caller_names_the_script(gunicorn):
    headers = {"Host": "hooks.example", "SCRIPT_NAME": "/v1", "X-Forwarded-Proto": "https"}

    for path, status in (("/v1/formats", 401), ("/healthz", 200), ("/v1/openapi.json", 200)):
        assert answer(gunicorn, path, headers).status == status


def answer(port, path, headers, within=30):
    deadline = time.monotonic() + within
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse()
        except ConnectionError:  # it does not listen yet
            assert time.monotonic() < deadline
        finally:
            connection.close()


def test_a_database_is_found_in_a_folder_of_any_name(tmp_path):
    folder = tmp_path / "c# p%41 why? two words"
    folder.mkdir()
    environment = {**os.environ, "DATABASE_URL": sqlite_url(folder / "db.sqlite3")}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]

    subprocess.run(command, cwd=ROOT / "before", env=environment, check=True, timeout=120)

    assert [file.parent for file in tmp_path.rglob("db.sqlite3")] == [folder]
    assert not holds_data(folder / "db.sqlite3")
