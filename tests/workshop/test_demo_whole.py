"""`make demo` from start to end, as a person in a hurry runs it: into a pipe."""

import os
import re
import signal
import subprocess
import time

import pytest
import requests

from workshop import ROOT, setup

COMMAND = [str(setup.interpreter()), "-m", "workshop", "demo"]
QUIET = os.environ | {"NO_COLOR": "1", "COLUMNS": "80", "ONCE": ""}


@pytest.fixture(scope="module")
def once():
    """One whole run with ONCE=1."""
    environment = QUIET | {"ONCE": "1"}
    return subprocess.run(COMMAND, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=90)


def test_it_ends_well_when_every_client_got_everything(once):
    assert once.returncode == 0, once.stdout + once.stderr
    assert once.stdout.count("all verified and acknowledged") == 9


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


def test_it_says_where_to_look_next(once):
    for place in ("/admin/", "/docs/", "/inbox.json"):
        assert place in once.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_everything_it_started(number):
    with subprocess.Popen(COMMAND, cwd=ROOT, env=QUIET, stdout=subprocess.PIPE, text=True) as demo:
        urls = []
        for line in demo.stdout:
            urls += re.findall(r"(?:Server|Receiver) +(http\S+)", line)
            if len(urls) == 2:
                break
        demo.send_signal(number)
        try:
            demo.communicate(timeout=60)
        finally:
            demo.kill()
        assert demo.returncode == 128 + number

    assert [url for url in urls if answers(url)] == []


def answers(url):
    """Whether anyone still listens there, a moment after the demo has ended."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        try:
            requests.get(f"{url}/healthz", timeout=2)
        except requests.ConnectionError:
            return False
    return True
