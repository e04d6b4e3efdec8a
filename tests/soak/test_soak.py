"""The soak: what the count finds, what the seed decides, and one soak of a few seconds."""

import itertools
import os
import random
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from workshop import ROOT
from workshop.base import setup
from workshop.harness.processes import descendants, is_running

sys.path += [str(ROOT / "tests" / suite) for suite in ("behaviour", "fire")]

from endpoints import KINDS, Script, takes_long
from ledger import Ledger
from mishaps import faults_of

from harness.inbox import Box

COMMAND = [str(setup.interpreter()), "-m", "workshop", "soak"]
QUIET = {name: value for name, value in os.environ.items() if name not in ("MINUTES", "SEED", "STAGE", "DB")}


# The count, on books of one client that got one event


class Tables:
    """A database that answers the count's three questions."""

    def __init__(self):
        self.events = [{"public_id": "evt_1", "idempotency_key": "key-000001"}]
        self.deliveries = [
            {
                "id": 1,
                "public_id": "dlv_1",
                "event": "evt_1",
                "slug": "acme",
                "client_status": "active",
                "deleted_at": None,
                "status": "delivered",
                "attempt_count": 2,
                "body": b"frozen",
            }
        ]
        self.attempts = [{"delivery_id": 1, "error": "bad_status"}, {"delivery_id": 1, "error": None}]

    def rows(self, sql):
        table = re.search(r"FROM webhooks_(\w+)", sql)[1]
        return {"event": self.events, "delivery": self.deliveries, "attempt": self.attempts}[table]


def request(webhook_id="evt_1", body=b"frozen", length=6):
    return SimpleNamespace(headers={"webhook-id": webhook_id, "content-length": str(length)}, body=body)


@pytest.fixture
def books():
    """Books that balance: posted once, delivered with the second attempt."""
    receiver = SimpleNamespace(boxes={"/acme": Box([request(), request()])})
    books = Ledger(api=None, database=Tables(), receiver=receiver)
    created = {"event_types": ["*"]}
    books.enter(lambda: SimpleNamespace(slug="acme", created=created, inbox=SimpleNamespace(path="/acme")))
    posted = books.note()
    posted.status, posted.event_id, posted.answered_at = 202, "evt_1", posted.sent_at
    return books


def differences(books, acknowledges=None):
    return books.counted(acknowledges).differences


def test_books_that_balance_have_no_difference(books):
    count = books.counted()

    assert (count.events, count.deliveries, count.requests, count.differences) == (1, 1, 2, [])


def change_delivery(**columns):
    return lambda books: books.database.deliveries[0].update(columns)


WRONG = {
    "an event is lost": (lambda books: books.database.events.clear(), "evt_1 was accepted"),
    "an event is stored that nobody posted": (lambda books: books.posted.clear(), "nobody posted"),
    "an event has another id than was answered": (
        lambda books: books.database.events[0].update(public_id="evt_2"),
        "and evt_2 is stored",
    ),
    "a refused event is stored": (
        lambda books: vars(books.posted["key-000001"]).update(status=503, event_id=""),
        "was answered with 503",
    ),
    "a delivery is missing": (
        lambda books: (books.database.deliveries.clear(), books.receiver.boxes.clear()),
        "0 deliveries to acme, not 1",
    ),
    "a delivery is there twice": (
        lambda books: books.database.deliveries.append(books.database.deliveries[0] | {"id": 2, "public_id": "dlv_2"}),
        "2 deliveries to acme, not 1",
    ),
    "a client got what it did not subscribe to": (
        lambda books: books.subscribers["acme"].event_types.__setitem__(0, "payout.*"),
        "1 deliveries to acme, not 0",
    ),
    "a delivery waits though nothing keeps it": (change_delivery(status="pending"), "its client is active"),
    "a delivery of a deleted client waits": (
        change_delivery(status="pending", client_status="disabled", deleted_at="today"),
        "its client was deleted",
    ),
    "a delivery is cancelled and its client there": (change_delivery(status="cancelled"), "was not deleted"),
    "a skipped delivery was sent": (change_delivery(status="skipped"), "it was sent"),
    "a delivery is dead before its time": (change_delivery(status="dead"), "dead after 2 attempts"),
    "an attempt is not recorded": (lambda books: books.database.attempts.pop(0), "counts 2 attempts and has 1"),
    "a request is not recorded": (
        lambda books: books.receiver.boxes["/acme"].requests.append(request()),
        "3 requests arrived, 2 attempts",
    ),
    "a delivered one never arrived": (lambda books: books.receiver.boxes.clear(), "nobody acknowledged it"),
    "a delivered one has no good attempt": (
        lambda books: books.database.attempts[1].update(error="timeout"),
        "nobody acknowledged it",
    ),
    "a retry has another body": (
        lambda books: books.receiver.boxes["/acme"].requests.append(request(body=b"reborn")),
        "other bytes arrived",
    ),
    "a retry has another webhook-id": (
        lambda books: books.receiver.boxes["/acme"].requests.append(request(webhook_id="evt_9")),
        "'evt_9', of no delivery",
    ),
    "a request reached somebody else": (
        lambda books: books.receiver.boxes.update({"/elsewhere": Box([request()])}),
        "/elsewhere got webhook-id",
    ),
}


@pytest.mark.parametrize(("break_books", "message"), WRONG.values(), ids=WRONG)
def test_the_count_finds_that(books, break_books, message):
    break_books(books)

    found = differences(books)

    assert any(message in difference for difference in found), found


def test_a_delivered_one_needs_an_answer_that_acknowledges(books):
    assert differences(books, lambda path, turn: turn == 1) == []
    assert differences(books, lambda path, turn: False) != []


def test_a_request_that_broke_off_is_no_other_body_and_no_delivery(books):
    whole, broken = request(), request(body=b"fro")
    books.receiver.boxes["/acme"].requests[:] = [broken, whole]
    assert differences(books) == []

    books.receiver.boxes["/acme"].requests[:] = [broken, broken]

    assert differences(books) == ["dlv_1 (delivered) of evt_1 to acme: nobody acknowledged it"]


def test_who_was_there_for_a_part_of_the_time_may_have_a_delivery_and_need_not(books):
    posted, acme = books.posted["key-000001"], books.subscribers["acme"]
    posted.answered_at = posted.sent_at + 2
    acme.delete_sent_at, acme.deleted_at = posted.sent_at + 1, posted.sent_at + 3
    with_it = differences(books)
    books.database.deliveries.clear()
    books.receiver.boxes.clear()

    assert (with_it, differences(books)) == ([], [])


def test_the_pending_delivery_of_a_disabled_client_is_in_order(books):
    change_delivery(status="pending", client_status="disabled")(books)

    assert differences(books) == []


# The effects of the seed


@pytest.mark.parametrize("kind", KINDS)
def test_an_endpoint_says_which_of_its_answers_acknowledge(kind):
    script = Script(KINDS[kind], seed=1, name="one")
    good = [turn for turn in range(300) if script.acknowledges(turn)]

    assert {script[turn].status for turn in good} <= {200}
    assert {script[turn].body for turn in good} <= {KINDS[kind].ack}
    bad = [replace(script[turn], delay=0) for turn in range(300) if turn not in good]
    assert all(mishap in [replace(known, delay=0) for known in KINDS[kind].mishaps] for mishap in bad)
    assert bool(bad) == bool(KINDS[kind].trouble)


def test_the_same_seed_and_name_give_the_same_answers():
    def answers(seed, name):
        script = Script(KINDS["flaky"], seed, name)
        return [script[turn] for turn in range(50)]

    assert answers(1, "one") == answers(1, "one")
    assert answers(1, "one") != answers(2, "one")
    assert answers(1, "one") != answers(1, "two")


@pytest.mark.parametrize("kind", ["hanging", "flooding"])
def test_an_endpoint_that_hurries_hangs_no_more(kind):
    script = Script(KINDS[kind], seed=1, name="one")
    acknowledged = [script.acknowledges(turn) for turn in range(500)]
    hung = [turn for turn in range(500) if takes_long(script[turn])]

    script.hurry()

    assert hung
    assert not [turn for turn in range(500) if takes_long(script[turn])]
    assert [script.acknowledges(turn) for turn in range(500)] == acknowledged


@pytest.mark.parametrize("url", ["sqlite:///here", "postgresql://there"])
def test_the_same_seed_gives_the_same_faults(url):
    def first_faults(seed):
        database = SimpleNamespace(url=url)
        world = SimpleNamespace(draws=random.Random(seed), database=database, broker=None)
        return [name for name, _ in itertools.islice(faults_of(world), 60)]

    assert first_faults(1) == first_faults(1) != first_faults(2)
    assert ("connections cut" in {*first_faults(1), *first_faults(2)}) == url.startswith("postgresql")


# A soak of a few seconds


@pytest.fixture(scope="module")
def short():
    """Six seconds of faults, the drain and the count, into a pipe."""
    command = [*COMMAND, "--minutes", "0.1", "--seed", "3"]
    return subprocess.run(command, cwd=ROOT, env=QUIET, capture_output=True, text=True, timeout=110)


def test_a_short_soak_ends_well_and_says_so(short):
    assert short.returncode == 0, short.stdout + short.stderr
    assert "Nothing was lost and nothing made up." in short.stdout


def test_it_prints_its_seed_its_faults_and_the_count(short):
    assert "SEED=3" in short.stdout.splitlines()[0]
    figures = {line.split()[0]: line for line in short.stdout.splitlines() if line[:1].isalpha()}
    assert re.search(r"faults +[1-9]\d*: \w+", figures["faults"])
    answered, stored = re.search(r"([\d,]+) answered with 202, ([\d,]+) stored", figures["events"]).groups()
    assert answered == stored != "0"
    assert "delivered" in figures["deliveries"]
    assert "acknowledged" in figures["attempts"]
    assert re.search(r"differences +0$", figures["differences"])


def test_a_stage_that_does_not_exist_is_said_to_be_none():
    command = [*COMMAND, "--stage", "nowhere"]

    done = subprocess.run(command, cwd=ROOT, env=QUIET, capture_output=True, text=True, timeout=30)

    assert done.returncode == 1
    assert "There is no stage 'nowhere'" in done.stderr


def test_a_signal_ends_it_and_everything_it_started():
    with subprocess.Popen([*COMMAND, "--minutes", "5"], cwd=ROOT, env=QUIET, stdout=subprocess.DEVNULL) as soak:
        deadline = time.monotonic() + 30
        while len(started := descendants(soak.pid)) < 4:  # what forks, a server, workers
            assert soak.poll() is None and time.monotonic() < deadline
        soak.send_signal(signal.SIGTERM)
        try:
            soak.wait(60)
        finally:
            soak.kill()

    assert soak.returncode == 1
    deadline = time.monotonic() + 10
    while left := [pid for pid in started if is_running(pid)]:
        assert time.monotonic() < deadline, left
