"""The bench: the figures from samples, its sink, its databases, and one short bench."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from rich.console import Console

from workshop import ROOT
from workshop.__main__ import cli
from workshop.base import setup
from workshop.base.problems import CommandFailed
from workshop.base.stages import stage
from workshop.harness.databases import Sqlite
from workshop.harness.processes import descendants, is_running
from workshop.harness.programs import Program
from workshop.harness.sink import sink as started_sink
from workshop.maintaining.bench import figures, load, phases, run
from workshop.maintaining.bench.backlog import plant
from workshop.maintaining.bench.report import Report
from workshop.maintaining.bench.site import BODY, prepared

COMMAND = [str(setup.interpreter()), "-m", "workshop", "bench", "--db", "sqlite", "--only", "limits", "--rounds", "1"]
QUIET = {name: value for name, value in os.environ.items() if name not in ("STAGE", "DB", "STRICT")}


# The figures of the samples


def test_a_figure_of_rounds_is_their_median():
    assert figures.middle("drain")({"drain": [900, 100, 800]}) == 800


def test_a_ratio_compares_within_a_round_so_that_a_slow_moment_hits_both_sides():
    samples = {"drain": [500, 50, 900], "loop": [1000, 100, 1000]}

    assert figures.ratio("drain", "loop")(samples) == 0.5


def test_a_ratio_to_nothing_is_the_worst_there_is():
    assert figures.ratio("drain", "loop")({"drain": [500], "loop": [0]}) == 0


def test_a_loss_is_what_is_missing_in_per_cent():
    assert figures.loss("nine", "ten")({"nine": [750], "ten": [1000]}) == 25


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_a_sample_that_was_measured(share, expected):
    samples = {"arrival": list(range(100, 0, -1))}

    assert figures.percentile("arrival", share)(samples) == expected


def test_what_was_not_measured_has_no_figure():
    assert {figure.of({}) for figure in figures.FIGURES} == {None}


@pytest.mark.parametrize(
    ("target", "kept", "missed"),
    [(figures.at_least(300), 300, 299.9), (figures.under(20), 19.9, 20)],
)
def test_a_target_is_kept_up_to_its_bound(target, kept, missed):
    assert target.meets(kept) and not target.meets(missed)


def test_every_figure_is_made_of_samples_that_a_phase_takes():
    def everything():
        asked = set()

        class Asked(dict):
            def get(self, name, default=None):
                asked.add(name)
                return default

        for figure in figures.FIGURES:
            figure.of(Asked())
        return asked

    loops = {f"{name}_{threads}" for name in ("requests", "urllib3") for threads in (1, phases.CONCURRENCY)}
    accepted = {f"accept_{count}" for count in phases.SUBSCRIBERS} | {"accept_bare", "alone_1", "alone_100"}
    drained = {f"drain_{count}" for count in phases.BACKLOGS} | {"drain_to_100_ms", "ten_good", "nine_good"}
    assert everything() == loops | accepted | drained | {"commits", "arrival", "memory_worker", "memory_server"}


# The report


@pytest.fixture
def report():
    """One stage on two databases. On PostgreSQL it drains less than 0.75 of the bare loop."""
    fast = {"requests_1": [2000, 2100, 1900], "drain_1000": [1600], "drain_10000": [1520, 1500, 1540]}
    slow = {"requests_1": [2000, 2100, 1900], "drain_10000": [750, 700, 800], "arrival": [9.0, 3.0, 6.0]}
    began = datetime(2026, 11, 22, 13, 27, 24, tzinfo=UTC)
    return Report(["before"], began, 432.1, 0.5, {"sqlite": {"before": fast}, "postgres": {"before": slow}})


@pytest.fixture
def side_by_side(report):
    """Two stages on one database: the second drains as fast as the first, and half as fast with 100,000 waiting."""
    first = {"requests_1": [2000], "drain_10000": [1200], "drain_100000": [1200]}
    second = {"requests_1": [2000], "drain_10000": [1200], "drain_100000": [600], "arrival": [4.0]}
    return Report(["before", "after"], report.began, 600, 0.5, {"sqlite": {"before": first, "after": second}})


def lines_of(report, engine, width):
    printed = io.StringIO()
    Console(file=printed, width=width).print(report.table(engine))
    return [" ".join(line.split()) for line in printed.getvalue().splitlines()]


def test_the_table_has_the_target_and_a_plain_word_next_to_each_figure(report):
    assert "of the requests.Session loop 0.76 × ok ≥ 0.75 ×" in lines_of(report, "sqlite", 80)
    assert "of the requests.Session loop 0.38 × missed ≥ 0.75 ×" in lines_of(report, "postgres", 80)


def test_the_table_leaves_out_what_was_not_measured(report):
    lines = lines_of(report, "sqlite", 80)

    assert lines[2:] == [
        *("Limits, per second", "requests.Session, bare loop 2,000"),
        *(
            "One worker, deliveries per second",
            "instant sink, 1,000 waiting 1,600",
            "instant sink, 10,000 waiting 1,520",
        ),
        "of the requests.Session loop 0.76 × ok ≥ 0.75 ×",
    ]


@pytest.mark.parametrize(("stages", "width"), [(["before"], 80), (["before", "after"], 90)])
def test_the_table_fits_a_terminal(report, stages, width):
    class Everything(dict):
        def get(self, name, default=None):
            return [12345.6]

        __getitem__ = get

    full = Report(stages, report.began, 1, 0, {"sqlite": dict.fromkeys(stages, Everything())})

    lines = lines_of(full, "sqlite", width)
    labels = [figure.label for figure in figures.FIGURES]
    assert [label for label in labels if not any(line.startswith(f"{label} ") for line in lines)] == []
    assert "…" not in "".join(lines)


def test_two_stages_are_next_to_each_other_with_the_ratio_of_the_last_to_the_first(side_by_side):
    lines = lines_of(side_by_side, "sqlite", 100)

    assert lines[1] == "before after after / before"
    assert "instant sink, 100,000 waiting 1,200 600 0.50 × missed" in lines
    assert "instant sink, 10,000 waiting 1,200 1,200 1.00 × ok" in lines
    assert "p50 4 ms" in lines


def test_a_missed_target_is_named_with_its_stage_and_its_database(report, side_by_side):
    assert report.missed() == ["before, PostgreSQL: One worker, deliveries per second, of the requests.Session loop"]
    assert "after / before, SQLite: One worker, deliveries per second, instant sink, 100,000 waiting" in (
        side_by_side.missed()
    )


@pytest.mark.parametrize(
    ("better", "last", "kept"),
    [
        ("higher", 97.0, True),
        ("higher", 96.9, False),
        ("lower", 103.0, True),
        ("lower", 103.2, False),
        (None, 1.0, None),
    ],
)
def test_the_last_stage_is_as_good_as_the_first_within_three_per_cent(better, last, kept):
    figure = figures.Figure("group", "label", figures.middle("x"), better=better)

    assert figure.keeps_up({"x": [last]}, {"x": [100.0]}) is kept


def test_stages_are_not_compared_by_what_only_one_of_them_has():
    figure = figures.Figure("group", "label", figures.middle("x"), better="lower")

    assert figure.keeps_up({"x": [1.0]}, {}) is None


def test_the_limits_of_the_machine_are_not_compared():
    limits = [figure for figure in figures.FIGURES if figure.group == figures.LIMITS or "limit:" in figure.label]

    assert {figure.better for figure in limits} == {None}


def test_several_stages_take_turns_at_every_step(monkeypatch, tmp_path):
    asked = []

    def phase(made, seconds):
        asked.append(made.stage.name)
        yield "requests_1", 1.0

    monkeypatch.setattr(run, "IN_ROUNDS", {"limits": phase, "drain": phase})
    plan = run.Plan([stage("before"), stage("after")], ["sqlite"], ["limits", "drain"], 1, 1)

    samples = run.measured(plan, "sqlite", None, tmp_path, 0)

    assert asked == ["before", "after"] * 2
    assert samples == {"before": {"requests_1": [1.0, 1.0]}, "after": {"requests_1": [1.0, 1.0]}}


def test_the_json_has_figures_samples_and_missed_targets(report, tmp_path):
    written = json.loads(report.write(tmp_path / "results").read_text(encoding="utf-8"))

    found = written["databases"]["postgres"]["before"]
    assert found["samples"]["drain_10000"] == [750, 700, 800]
    assert found["figures"][f"{figures.WAITING}, p99"] == 9
    assert written["missed"] == report.missed()


def test_what_is_compared_comes_again_in_each_round():
    plan = run.Plan([stage("before")], ["sqlite"], ["limits", "drain", "arrival"], 1, 2)

    assert [title.split(",")[0] for title, _ in plan.steps()] == ["limits", "drain", "limits", "drain", "arrival"]


@pytest.mark.parametrize(("kept", "options", "code"), [(True, [], 0), (False, [], 0), (False, ["--strict"], 1)])
def test_a_missed_target_fails_the_command_only_where_it_is_strict(monkeypatch, kept, options, code):
    monkeypatch.setattr(run, "main", lambda plan, results, keep: kept)

    assert CliRunner().invoke(cli, ["bench", "--db", "sqlite", *options]).exit_code == code


# The sink


@pytest.fixture
def sink():
    with started_sink() as started:
        yield started


@pytest.fixture
def connection(sink):
    with closing(HTTPConnection("127.0.0.1", int(sink.url.rpartition(":")[2]), timeout=5)) as opened:
        yield opened


def deliver(connection, path, webhook_id):
    connection.request("POST", path, b"frozen", {"webhook-id": webhook_id})
    response = connection.getresponse()
    return response.status, response.read()


def test_the_sink_answers_and_counts_each_delivery_once(sink, connection):
    assert deliver(connection, "/instant/one", "evt_1") == (200, b"ok")
    deliver(connection, "/instant/one", "evt_1")
    deliver(connection, "/instant/two", "evt_1")

    count = sink.count()
    assert (count.answered, count.requests) == (2, 3)


def test_the_sink_knows_when_a_delivery_first_arrived(sink, connection):
    before = time.monotonic()
    deliver(connection, "/instant/one", "evt_1")
    after = time.monotonic()
    deliver(connection, "/instant/one", "evt_1")

    assert before <= sink.arrivals("/instant/one")["evt_1"] <= after
    assert sink.arrivals("/instant/two") == {}


def test_the_sink_gives_the_latest_delivery_back(sink, connection):
    connection.request("POST", "/instant/one", "Zoë".encode(), {"webhook-id": "evt_1", "Content-Type": "a/b"})
    connection.getresponse().read()

    headers, body = sink.last()

    assert body == "Zoë".encode()
    assert headers["content-type"] == "a/b"


def test_the_sink_answers_as_late_as_the_path_says(sink, connection):
    began = time.monotonic()

    deliver(connection, "/after/80/one", "evt_1")

    assert time.monotonic() - began >= 0.08
    assert sink.count().answered == 1


def test_the_sink_can_be_silent(sink, connection):
    connection.request("POST", "/never/one", b"frozen", {"webhook-id": "evt_1"})
    connection.sock.settimeout(0.2)

    with pytest.raises(TimeoutError):
        connection.getresponse()

    assert (sink.count().answered, sink.count().requests) == (0, 1)


def test_the_sink_takes_a_request_in_pieces_and_two_in_one(sink, connection):
    request = b"POST /instant/one HTTP/1.1\r\nWebhook-Id: evt_%d\r\nContent-Length: 3\r\n\r\nabc"
    connection.connect()
    for piece in (request[:30] % (), (request % 1)[30:-1], b"c" + request % 2):
        connection.sock.sendall(piece)
        time.sleep(0)

    received = b""
    while received.count(b"\r\n\r\nok") < 2:
        received += connection.sock.recv(4096)

    assert set(sink.arrivals("/instant/one")) == {"evt_1", "evt_2"}


def test_the_sink_forgets_when_it_is_told_to(sink, connection):
    deliver(connection, "/instant/one", "evt_1")

    sink.clear()

    assert (sink.count().answered, sink.arrivals("/instant/one")) == (0, {})


# The databases


@pytest.fixture
def database(tmp_path):
    """The two tables that a backlog is planted in, with an event that went to three clients."""
    made = Sqlite(tmp_path)
    made.execute(
        "CREATE TABLE webhooks_event (id INTEGER PRIMARY KEY, public_id TEXT UNIQUE, idempotency_key TEXT UNIQUE,"
        " payment_id TEXT NOT NULL, created_at TEXT NOT NULL)"
    )
    made.execute(
        "CREATE TABLE webhooks_delivery (id INTEGER PRIMARY KEY, public_id TEXT UNIQUE, event_id INTEGER NOT NULL,"
        " client_id INTEGER NOT NULL, body BLOB, created_at TEXT NOT NULL, next_attempt_at TEXT,"
        " UNIQUE (event_id, client_id))"
    )
    ulid = "01KAPB7Y3Q0123456789ABCDEF"
    made.execute(f"INSERT INTO webhooks_event VALUES (1, 'evt_{ulid}', 'key', 'pay_01', '2026-11-22 13:27:24.123456')")
    for client in (1, 2, 3):
        values = (
            f"{client}, 'dlv_{ulid[:-1]}{client}', 1, {client}, x'c3ab', '2026-11-22 13:27:24', '2026-11-22 13:27:24'"
        )
        made.execute(f"INSERT INTO webhooks_delivery VALUES ({values})")
    return made


def test_a_planted_backlog_is_as_large_as_asked_and_of_whole_copies(database):
    plant(database, 300)

    assert database.execute("SELECT count(*), count(DISTINCT event_id) FROM webhooks_delivery") == [(300, 100)]
    assert database.execute("SELECT DISTINCT body FROM webhooks_delivery") == [(b"\xc3\xab",)]
    assert database.execute("SELECT DISTINCT payment_id FROM webhooks_event") == [("pay_01",)]
    assert database.execute("SELECT DISTINCT length(public_id) FROM webhooks_delivery") == [(30,)]


def test_a_planted_backlog_is_due_in_the_order_of_its_events(database):
    plant(database, 300)

    times = database.execute("SELECT next_attempt_at FROM webhooks_delivery WHERE event_id > 1 ORDER BY id")
    assert times == sorted(times)
    assert len(set(times)) == 99
    assert datetime.fromisoformat(times[-1][0]) < datetime.now(UTC).replace(tzinfo=None)


def test_a_copy_is_a_database_of_its_own(database):
    with database.copied() as copy:
        copy.execute("DELETE FROM webhooks_delivery")
        file = Path(unquote(copy.url.removeprefix("sqlite:///")))
        assert file.exists()

    assert database.execute("SELECT count(*) FROM webhooks_delivery") == [(3,)]
    assert not file.exists()


def test_a_copy_that_was_not_made_can_be_dropped(database):
    sibling = database.sibling()

    sibling.drop()

    assert not Path(unquote(sibling.url.removeprefix("sqlite:///"))).exists()


def test_a_connection_commits_as_durably_as_a_stage(database):
    with database.connected() as run_statement:
        modes = [run_statement(f"PRAGMA {name}") for name in ("journal_mode", "synchronous")]

    assert modes == [[("wal",)], [(2,)]]


def test_a_rate_counts_what_all_threads_did():
    done = []

    measured = load.rate([lambda: done.append(time.sleep(0.01))] * 3, 0.2)

    assert 3 <= len(done) <= 3 * 21
    assert measured == pytest.approx(len(done) / 0.2, rel=0.5)


POST = """
import sys
from config.wsgi import application
from django.test import Client
key, body = sys.argv[1:]
headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": key[-5:]}
answer = Client(SERVER_NAME="127.0.0.1").post("/v1/events", body, "application/json", headers=headers)
assert answer.status_code == 202, answer.content
"""


def test_the_bare_view_stores_the_rows_that_a_stage_stores(tmp_path):
    site = prepared(stage("before"), Sqlite(tmp_path), tmp_path)
    site.database.execute(
        "INSERT INTO clients_client (slug, name, endpoint_url, event_types, format_name, format_version, format_options,"
        " status, signing_secret, created_at)"
        """ VALUES ('a', 'a', 'http://127.0.0.1', '["*"]', 'std_json', 1, '{}', 'active', '', '2026-11-22')"""
    )

    for folder, key in ((site.stage.folder, site.key), (phases.BARE, "other")):
        command = [sys.executable, "-c", POST, key, BODY.decode()]
        subprocess.run(command, cwd=folder, env=site.environment(), check=True)

    different = "'id', 'public_id', 'event_id', 'idempotency_key', 'created_at', 'next_attempt_at', 'body'"
    for table in ("webhooks_event", "webhooks_delivery"):
        asked = f"SELECT group_concat(name) FROM pragma_table_info('{table}') WHERE name NOT IN ({different})"
        ((columns,),) = site.database.execute(asked)
        of_stage, of_bare_view = site.database.execute(f"SELECT {columns} FROM {table} ORDER BY id")
        assert of_bare_view == of_stage


# The processes


def test_a_process_that_ends_too_early_leaves_its_last_words(tmp_path):
    command = [sys.executable, "-c", "import sys; sys.exit('no such table')"]
    process = Program("worker", command, tmp_path, os.environ, tmp_path / "log")

    with pytest.raises(CommandFailed, match="no such table"):
        process.wait(20)


def test_a_process_is_ended_with_what_it_started(tmp_path):
    code = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    process = Program("worker", [sys.executable, "-c", code], tmp_path, os.environ, tmp_path / "log")
    eventually(lambda: (tmp_path / "log").read_text().strip())

    process.kill()

    eventually(lambda: not is_running(int((tmp_path / "log").read_text())))


# A bench of a second


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    pytest.importorskip("gunicorn", reason="the bench's own group is not installed: ./ws bench")
    results = tmp_path_factory.mktemp("results")
    command = [*COMMAND, "--seconds", "0.4", "--results", str(results)]
    return subprocess.run(command, cwd=ROOT, env=QUIET, capture_output=True, text=True, timeout=100), results


def test_a_short_bench_ends_well_and_shows_the_limits(short):
    done, _ = short

    assert done.returncode == 0, done.stdout + done.stderr
    rates = re.findall(r"(?:bare loop|threads|one row) +([\d,]+)", done.stdout)
    assert len(rates) == 5
    assert all(int(rate.replace(",", "")) > 0 for rate in rates)


def test_a_short_bench_writes_where_it_says(short):
    done, results = short

    (written,) = results.iterdir()
    assert f"Written: {written}" in done.stdout
    assert list(json.loads(written.read_text())["databases"]) == ["sqlite"]


def test_a_signal_ends_it_and_everything_it_started():
    with subprocess.Popen([*COMMAND, "--seconds", "60"], cwd=ROOT, env=QUIET, stdout=subprocess.DEVNULL) as bench:
        try:
            eventually(lambda: len(descendants(bench.pid)) >= 2 or bench.poll() is not None)  # the sink, and a command
            started = descendants(bench.pid)
            bench.send_signal(signal.SIGTERM)
            bench.wait(30)
        finally:
            bench.kill()

    assert bench.returncode == 1
    assert len(started) >= 2
    eventually(lambda: not [pid for pid in started if is_running(pid)])


def eventually(condition, within=20):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(0.02)
