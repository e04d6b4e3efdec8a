"""The lab without a browser and without servers: its records, its comparisons, its buttons and its workers."""

import base64
import json
import re
import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from labs import post, receive, records

from workshop.base.problems import CommandFailed
from workshop.demo.lab import actions, log, state
from workshop.demo.lab.log import Log
from workshop.demo.lab.recording import recording
from workshop.demo.lab.servers import Said, accepted, agree, as_bytes, side_by_side
from workshop.demo.lab.watch import Watch
from workshop.harness.clock import Clock
from workshop.harness.programs import Programs

# Records


def test_a_record_is_given_to_everybody_who_has_not_seen_it():
    kept = Log()
    kept.add("clock", key="clock", ahead=1)
    kept.add("clock", key="clock", ahead=2)

    assert [json.loads(record.text)["ahead"] for record in kept.after(1, 0)] == [2]
    assert kept.after(2, 0) == []


def test_waiting_ends_when_the_run_ends():
    kept = Log()
    threading.Timer(0.1, kept.end).start()
    began = time.monotonic()

    assert kept.after(0, 60) == []
    assert time.monotonic() - began < 30


def test_the_oldest_events_are_forgotten_with_all_their_records(monkeypatch):
    monkeypatch.setattr(log, "MOST_EVENTS", 2)
    kept = Log()
    for number in (1, 2):
        kept.add("event", event=number)
        kept.add("request", event=number)

    forgotten = kept.add("event", event=3)

    left = [json.loads(record.text) for record in kept.after(0, 0)]
    assert forgotten == [1]
    assert [(record["kind"], record.get("event")) for record in left] == [
        ("event", 2), ("request", 2), ("event", 3), ("forgotten", None),
    ]  # fmt: skip
    assert left[-1]["up_to"] == 1


def test_large_events_are_forgotten_sooner(monkeypatch):
    monkeypatch.setattr(log, "MOST_BYTES", 1000)
    kept = Log()
    kept.add("event", event=1, posted="x" * 600)

    assert kept.add("event", event=2, posted="x" * 600) == [1]


def test_a_state_that_a_later_one_replaced_is_dropped_first(monkeypatch):
    monkeypatch.setattr(log, "MOST_STATES", 4)
    kept = Log()
    kept.add("start", key="start")
    for ahead in range(9):
        kept.add("clock", key="clock", ahead=ahead)

    left = [json.loads(record.text) for record in kept.after(0, 0)]
    assert len(left) <= 4
    assert left[0]["kind"] == "start"
    assert left[-1]["ahead"] == 8


# Requests and comparisons


def test_a_request_that_is_faster_than_the_answer_to_its_post_belongs_to_its_event(lab):
    receive(lab, "before", "evt_B")
    assert records(lab, "request") == []

    number = post(lab)

    assert [(found["event"], found["side"]) for found in records(lab, "request")] == [(number, "before")]


def test_both_sides_are_compared_without_ids(lab):
    number = post(lab)
    receive(lab, "before", "evt_B", b'{"id":"evt_B"}')
    assert records(lab, "verdict") == []

    receive(lab, "after", "evt_A", b'{"id":"evt_A"}')

    assert [(found["event"], found["same"]) for found in records(lab, "verdict")] == [(number, True)]


def test_one_byte_is_a_difference_and_its_place_is_named(lab):
    post(lab)
    receive(lab, "before", "evt_B", b'{"amount":"10.10"}')
    receive(lab, "after", "evt_A", b'{"amount":"10.11"}')

    (verdict,) = records(lab, "verdict")
    assert not verdict["same"]
    assert verdict["why"].startswith("Attempt 1: byte 15 of the body")


def test_each_attempt_is_compared_with_the_same_attempt_of_the_other_side(lab):
    post(lab)
    for name, event in (("before", "evt_B"), ("after", "evt_A")):
        receive(lab, name, event, b"1")
        receive(lab, name, event, b"2")

    assert [found["same"] for found in records(lab, "verdict")][-1]


def test_a_forgotten_event_gets_no_more_records(lab, monkeypatch):
    monkeypatch.setattr(log, "MOST_EVENTS", 1)
    post(lab)
    second = post(lab, "evt_B2", "evt_A2")

    receive(lab, "before", "evt_B")

    assert lab.ids_of(1) == {}
    assert {found["event"] for found in records(lab, "event") + records(lab, "request")} == {second}


def test_a_post_with_an_earlier_key_is_no_new_event(lab):
    first = post(lab)
    second = post(lab)

    receive(lab, "before", "evt_B")

    assert [found["same_as"] for found in records(lab, "event")] == [None, first]
    assert [found["event"] for found in records(lab, "request")] == [first]
    assert lab.ids_of(second) == {}


def test_answers_about_a_client_agree_if_only_its_own_members_differ():
    answers = {name: Said(200, {}, as_bytes({"endpoint_url": name, "slug": "a"})) for name in ("before", "after")}

    assert side_by_side(answers, "its address", "endpoint_url")["agree"]
    assert not side_by_side(answers, "its address")["agree"]


def test_answers_agree_if_only_the_id_differs():
    other = {"id": "evt_A", "deliveries": 8}

    assert agree([accepted({"id": "evt_B", "deliveries": 8}), accepted(other)])
    assert not agree([accepted({"id": "evt_B", "deliveries": 7}), accepted(other)])
    assert not agree([Said(422, {}, b"{}"), Said(400, {}, b"{}")])


# What the servers say


class Answering:
    """A server that knows one delivery to one client, and counts what it is asked."""

    def __init__(self, side, **delivery):
        self.side, self.asked = side, []
        about = {"id": "dlv_1", "client": "ops-channel", "skip_reason": None, "next_attempt_at": None}
        self.delivery = about | delivery
        self.client = {"slug": "ops-channel", "status": "active", "disabled_reason": None}

    def get(self, path):
        self.asked.append(path)
        if path.startswith("/v1/clients"):
            return {"results": [self.client]}
        return self.delivery | {"attempts": ["one"]} if path.endswith("/dlv_1") else {"results": [self.delivery]}


def rounds(lab, server, number=1):
    lab.servers = [server]
    watch = Watch(lab)
    for _ in range(number):
        watch.round()


@pytest.mark.parametrize(
    ("status", "count", "attempts"), [("pending", 1, ["one"]), ("delivered", 2, ["one"]), ("delivered", 1, None)]
)
def test_the_attempts_of_a_delivery_are_asked_for_if_one_failed(lab, status, count, attempts):
    post(lab)

    rounds(lab, Answering(lab.sides["before"], status=status, attempt_count=count))

    (seen,) = records(lab, "delivery")
    assert (seen["status"], seen["attempt_count"], seen["attempts"]) == (status, count, attempts)


def test_nothing_is_noted_twice(lab):
    post(lab)

    rounds(lab, Answering(lab.sides["before"], status="pending", attempt_count=1), 3)

    assert len(records(lab, "delivery")) == len(records(lab, "client")) == 1


def test_a_server_is_not_asked_about_an_event_that_has_ended(lab, monkeypatch):
    monkeypatch.setattr(state, "SECONDS_NEW", 0)
    post(lab)
    server = Answering(lab.sides["before"], status="delivered", attempt_count=1)

    rounds(lab, server, 3)

    assert len([path for path in server.asked if path.startswith("/v1/deliveries")]) == 1


def test_a_client_that_a_server_disables_is_noted(lab):
    server = Answering(lab.sides["before"], status="pending", attempt_count=1)
    server.client |= {"status": "disabled", "disabled_reason": "gone"}

    rounds(lab, server)

    assert [(found["slug"], found["status"], found["reason"]) for found in records(lab, "client")] == [
        ("ops-channel", "disabled", "gone")
    ]


# Clock and workers

PRINTS_THE_TIME = "import time\nprint(time.time())\n"


def test_a_move_of_the_clock_reaches_the_processes_of_a_stage(tmp_path):
    (tmp_path / "manage.py").write_text(PRINTS_THE_TIME)
    clock = Clock(tmp_path / "clock")
    clock.move(timedelta(hours=13))

    with Programs(tmp_path, clock.surroundings, tmp_path) as programs:
        said = programs.call("time")

    assert clock.ahead == timedelta(hours=13)
    assert float(said) - time.time() == pytest.approx(13 * 3600, abs=60)


@pytest.fixture
def worker(tmp_path, lab):
    """A program that runs until it is killed, as the only worker of before."""
    (tmp_path / "manage.py").write_text("import time\ntime.sleep(60)\n")
    with Programs(tmp_path, {}, tmp_path) as programs:
        started = programs.start("worker", "deliver")
        lab.sides["before"].workers.append(started)
        yield SimpleNamespace(program=started, programs=programs)


def test_only_the_worker_of_the_button_is_killed_and_the_demo_goes_on(worker, lab):
    other = worker.programs.start("other worker", "deliver")

    actions.do(lab, {"do": "kill", "pid": worker.program.pid})

    assert not worker.program.is_running
    assert other.is_running
    worker.programs.must_run()
    assert records(lab, "worker")[-1]["state"] == "killed"


@pytest.mark.parametrize("pid", [1, 999999999])
def test_a_process_that_is_no_worker_is_not_killed(worker, lab, pid):
    with pytest.raises(CommandFailed, match=f"No worker with the process id {pid} is running"):
        actions.do(lab, {"do": "kill", "pid": pid})


def test_no_program_is_started_after_the_end(tmp_path):
    with Programs(tmp_path, {}, tmp_path) as programs:
        pass

    with pytest.raises(CommandFailed, match="the programs are ending"):
        programs.start("worker", "deliver")


# What a button may ask


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ([], "do: one of post, preview"),
        ({"do": "shout"}, "do: one of post, preview"),
        ({"do": "post"}, "text: a text was expected"),
        ({"do": "post", "text": "x" * 300_001}, "text: at most 300000 characters, but these are 300001"),
        ({"do": "post", "text": "{}", "key": "a b"}, "an idempotency key has 1 to 255 visible ASCII characters"),
        ({"do": "move", "seconds": -1}, "seconds: a whole number from 1 to 31536000 was expected"),
        ({"do": "move", "seconds": True}, "seconds: a whole number"),
        ({"do": "move", "seconds": 1.5}, "seconds: a whole number"),
        ({"do": "conduct", "slug": "acme", "conduct": "500"}, "there is no client 'acme'"),
        ({"do": "conduct", "slug": "ops-channel", "conduct": "sings"}, "conduct: one of usual, 500"),
        ({"do": "options", "slug": "ops-channel", "text": "{"}, "options: this is not JSON"),
        ({"do": "options", "slug": "ops-channel", "text": "[" * 100_000}, "options: this is not JSON"),
        ({"do": "rotate", "slug": "ops-channel", "overlap": -1}, "overlap: a whole number"),
        ({"do": "retry", "event": 7, "slug": "ops-channel"}, "Event 7 has no delivery to ops-channel"),
        ({"do": "start", "side": "beside"}, "side: one of before, after was expected"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_with_the_reason(lab, asked, reason):
    with pytest.raises(CommandFailed, match=re.escape(reason)):
        actions.do(lab, asked)


def test_the_clock_stays_within_a_year(lab):
    actions.do(lab, {"do": "move", "seconds": 31_536_000})

    with pytest.raises(CommandFailed, match="at most 365 days ahead"):
        actions.do(lab, {"do": "move", "seconds": 1})
    assert lab.clock.ahead == timedelta(days=365)


@pytest.mark.parametrize("text", ["\ud800", "\0", "{" * 1000, "ä" * 100_000])
def test_any_text_can_be_posted_and_recorded(lab, text):
    actions.do(lab, {"do": "post", "text": text})

    assert json.loads(lab.log.after(0, 0)[-1].text)["kind"] == "event"
    assert recording(lab.log).encode()


def test_options_with_half_a_character_reach_the_servers(lab):
    actions.do(lab, {"do": "options", "slug": "ops-channel", "text": '{"mask": ["\\ud800"]}'})

    assert records(lab, "changed")[0]["slug"] == "ops-channel"


def test_a_server_that_does_not_answer_is_shown_so(lab):
    number = actions.do(lab, {"do": "post", "text": "{}"})["event"]

    (event,) = records(lab, "event")
    assert event["event"] == number
    assert event["ids"] == {}
    assert "No answer to POST /v1/events" in base64.b64decode(event["answers"]["before"]["body"]).decode()
