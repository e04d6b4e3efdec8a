"""`make demo` from start to end, as a person in a hurry runs it: into a pipe."""

import itertools
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
import requests
from click.testing import CliRunner

from workshop import ROOT
from workshop.__main__ import cli
from workshop.base import setup
from workshop.base.stages import stage
from workshop.demo import run
from workshop.demo.lab.log import Log

COMMAND = [str(setup.interpreter()), "-m", "workshop", "demo"]
QUIET = os.environ | {"NO_COLOR": "1", "COLUMNS": "80", "ONCE": "", "STAGE": ""}
# As in a shell that was just used for another project.
HOSTILE = {
    "DJANGO_SETTINGS_MODULE": "shop.settings",
    "DATABASE_URL": "postgresql://ada@127.0.0.1:1/shop",
    "ALLOWED_HOSTS": "shop.example",
    "WEBHOOKS_DELIVERY_ENGINE": "celery",
    "HTTP_PROXY": "http://127.0.0.1:1",
}


@pytest.fixture(scope="module")
def once():
    """One whole run with ONCE=1, in a shell that holds another project's settings."""
    environment = QUIET | HOSTILE | {"ONCE": "1"}
    return subprocess.run(COMMAND, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=150)


def test_it_ends_well_when_every_client_got_everything(once):
    assert once.returncode == 0, once.stdout + once.stderr
    assert once.stdout.count("all verified and acknowledged") == 9


def test_each_client_got_the_same_from_both_servers(once):
    assert len(re.findall(r"The same from before/ and after/: headers and \d+ bodies, byte for byte", once.stdout)) == 9
    assert "before/: 42 events became 291 deliveries" in once.stdout
    assert "after/: 42 events became 291 deliveries" in once.stdout


def test_one_byte_that_differs_is_shown_and_fails(tmp_path):
    copy = tmp_path / "after"
    shutil.copytree(ROOT / "after", copy, ignore=shutil.ignore_patterns("tests", "__pycache__", "*.sqlite3"))
    csv = copy / "webhooks" / "domain" / "formats" / "csv.py"
    whole = 'return f"{header}\\r\\n{values}\\r\\n".encode()'
    assert whole in csv.read_text()
    csv.write_text(csv.read_text().replace(whole, f"{whole}.replace(b'pay_1002', b'pay_1O02')"))
    script = "import sys; from pathlib import Path; from workshop.demo.run import main"
    script += "; from workshop.demo import run; from workshop.harness.clients import events"
    script += "; run.read_events = lambda: events()[:6]"  # the second of them is the payment that differs
    script += "; from workshop.base.stages import Stage, stage"
    script += "; sys.exit(main([stage('before'), Stage('after', Path(sys.argv[1]))], once=True))"
    command = [COMMAND[0], "-c", script, str(copy)]

    done = subprocess.run(command, cwd=ROOT, env=QUIET, capture_output=True, text=True, timeout=150)

    assert done.returncode == 1, done.stdout + done.stderr
    (line,) = re.findall(r"^DIFFERENT from before/ and after/: (.*)", done.stdout, re.MULTILINE)
    assert re.match(r"Event \d+: byte \d+ of the body: '", line)
    assert done.stdout.count("byte for byte") == 8


@pytest.mark.parametrize(("stage", "names"), [("", ["before", "after"]), ("after", ["after"])])
def test_one_side_alone_can_be_named(monkeypatch, stage, names):
    asked = []
    monkeypatch.setattr(run, "main", lambda stages, once: asked.extend(stage.name for stage in stages))

    CliRunner().invoke(cli, ["demo"], env={"STAGE": stage})

    assert asked == names


@pytest.mark.parametrize(
    "body",
    [
        '"type":"sale.completed"',
        '"amountMinor":124990',
        '"amount":{"value":124990,"currency":"EUR"}',
        '<?xml version="1.0" encoding="UTF-8"?><Payment',
        "event=PAYMENT_OK&date=22.11.2026+19%3A12%3A24",
        '"specversion":"1.0"',
        "€1,249.90 pay_1001",
        "event;date;payment;valor;currency",
    ],
)
def test_it_shows_a_body_in_each_format(once, body):
    text = "".join(line[2:-2].rstrip() for line in once.stdout.splitlines() if line[:1] == "│")

    assert body.replace(" ", "") in text.replace(" ", "")


def test_it_shows_the_two_failures_and_the_recovery(once):
    attempts = re.findall(r"\d\d:\d\d:\d\d  (\d+)  (\w+)", once.stdout)

    assert attempts == [("500", "bad_status"), ("503", "bad_status"), ("200", "acknowledged")]


def test_it_names_no_address_of_a_server_that_ends_with_it(once):
    assert "Without ONCE=1 the admin, the API docs and the lab stay open." in " ".join(once.stdout.split())
    for place in ("/admin/", "/docs/", "/inbox.json", "/lab", "operator key"):
        assert place not in once.stdout


def test_a_demo_that_stays_says_where_to_look_next_and_keeps_a_recording(monkeypatch, capsys, tmp_path):
    side = SimpleNamespace(name="before", url="http://127.0.0.1:8000", key="whk_key")
    receiver = SimpleNamespace(url="http://127.0.0.1:8001")
    lab, labs_url = SimpleNamespace(log=Log()), "http://127.0.0.1:8001/lab?token=secret"

    @contextmanager
    def running(stages, console, may_go_on):
        yield run.Running(console, receiver, [side], "password", lab, labs_url)

    monkeypatch.setattr(run, "_running", running)
    monkeypatch.setattr(run, "RECORDING", tmp_path / "demo" / "recording.html")
    monkeypatch.setattr(run, "_show", lambda demo: True)
    monkeypatch.setattr(run, "_stay", lambda demo: None)

    assert run.main([stage("before")], once=False) == 0
    shown = capsys.readouterr().out
    assert all(place in shown for place in ("/admin/", "/docs/", "/inbox.json", "whk_key", "/lab?token=secret"))
    assert str(tmp_path) in shown.replace("\n", "")
    assert "The lab" in (tmp_path / "demo" / "recording.html").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Ended:
    """A demo that ran next to another one until a signal ended it."""

    urls: set[str]
    ran: bool  # until the signal came
    exit_code: int


@pytest.fixture(scope="module")
def ended():
    """Two demos that start together, of one side and of both; each gets a signal of its own once its clients are there."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with (
        subprocess.Popen(COMMAND, cwd=ROOT, env=QUIET | {"STAGE": "before"}, **pipes) as one,
        subprocess.Popen(COMMAND, cwd=ROOT, env=QUIET, **pipes) as both,
    ):
        # Clients are registered with the operator key, which each server has in a database of its own.
        shown = ["".join(itertools.takewhile(lambda line: "Clients" not in line, demo.stdout)) for demo in (one, both)]
        ran = [demo.poll() is None for demo in (one, both)]
        one.terminate()
        both.send_signal(signal.SIGINT)
        for demo in (one, both):
            try:
                demo.communicate(timeout=60)
            finally:
                demo.kill()
    urls = [set(re.findall(r"(?:Server|Receiver) +(http\S+)", text)) for text in shown]
    return [Ended(*each) for each in zip(urls, ran, (one.returncode, both.returncode), strict=True)]


def test_two_that_start_together_have_servers_of_their_own(ended):
    one, both = ended

    assert one.ran and both.ran
    assert (len(one.urls), len(both.urls)) == (2, 3)
    assert one.urls.isdisjoint(both.urls)


def test_a_signal_ends_it_and_everything_it_started(ended):
    assert [demo.exit_code for demo in ended] == [128 + signal.SIGTERM, 128 + signal.SIGINT]
    assert [url for demo in ended for url in sorted(demo.urls) if answers(url)] == []


def answers(url):
    """Whether anyone still listens there, a moment after the demo has ended."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        try:
            requests.get(f"{url}/healthz", timeout=2)
        except requests.ConnectionError:
            return False
    return True
