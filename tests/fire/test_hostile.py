"""One hostile client among nine good ones: these are hardly slower, and the worker's time and memory are bounded."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from backlog import plant
from engine import Engine, Program, Redis, why_no_celery
from hostile import KINDS

from harness.http import Api
from harness.processes import eventually

GOOD = 9
EVENTS = 400  # for each client: the start of a worker must not decide
# The part of the good clients' rate that they may lose. A tenth is what we want, and STRICT=1 asks for it, on a quiet
# machine and with no other test at the same time. Without it the bound finds a worker that waits for the hostile client,
# which costs nearly everything, and not a core that another test takes.
LOSS = 0.10 if os.environ.get("STRICT") else 0.35
# Tens of thousands of packets a second cost the kernel a fifth to a third of two cores, whatever a process does with them.
LOSSES = {"packets of one byte": 0.6}
ROUNDS = 4  # the best counts: other work on the machine makes a rate smaller, and never greater
MEMORY = 150 * 1024  # KiB
ATTEMPT_MS = 16_000
STOP_SECONDS = 20
ENGINES = [
    "polling",
    pytest.param("celery", marks=pytest.mark.skipif(bool(why_no_celery()), reason=f"no Celery: {why_no_celery()}")),
]
HOSTS, DESCRIPTORS = 60, 160


@pytest.fixture
def hostile_url(authority):
    """`hostile_url(kind)`: the URL of an endpoint of this kind, in a process that ends with the test."""
    started = []

    def start(kind):
        authority.server_context("127.0.0.1")
        certificate = max(authority.folder.glob("server-*.pem"), key=lambda path: path.stat().st_mtime)
        command = [sys.executable, str(Path(__file__).with_name("hostile.py")), kind, str(certificate)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        scheme = "https" if kind == "session tickets" else "http"
        return f"{scheme}://127.0.0.1:{int(started[-1].stdout.readline())}/"

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture(params=ENGINES)
def start_worker(request, stage, scratch, authority, manage, api):
    """Starts a worker, of either engine, that trusts the tests' authority."""
    trust = {"SSL_CERT_FILE": str(authority.ca_file)}
    if request.param == "polling":
        return lambda: manage.start("deliver", env=trust)
    engine = Engine(stage, Redis(stage, scratch))
    engine.env |= trust
    ringing = Api(manage.serve(env=engine.env).port, api.key)

    def start():
        worker = engine.worker("--concurrency", "2")
        client = next(row["slug"] for row in ringing.get("/v1/clients").json()["results"])
        ringing.post(f"/v1/clients/{client}/test")
        return worker

    return start


@pytest.mark.parametrize("kind", KINDS)
def test_one_hostile_client_costs_nine_good_ones_little(
    kind, start_worker, hostile_url, api, create_client, database, ledger, receiver
):
    signal.setitimer(signal.ITIMER_REAL, 240)  # in place of the suite's limit
    good = [create_client() for _ in range(GOOD)]
    tenth = create_client()
    url = hostile_url(kind)

    usual, beside, least = 0.0, 0.0, 1 - LOSSES.get(kind, LOSS)
    for _ in range(ROUNDS):
        usual = max(
            usual, rate(api, database, ledger, receiver, good, tenth, tenth.created["endpoint_url"], start_worker)
        )
        beside = max(beside, rate(api, database, ledger, receiver, good, tenth, url, start_worker))
        if beside >= least * usual:
            break

    print(f"{kind}: {usual:.0f} deliveries a second without it, {beside:.0f} beside it")
    assert beside >= least * usual
    longest = database.value("SELECT max(duration_ms) FROM webhooks_attempt WHERE error <> 'interrupted'")
    assert (longest or 0) <= ATTEMPT_MS


def rate(api, database, ledger, receiver, good, tenth, url, start_worker):
    """The good clients' deliveries per second, with the tenth client at this URL. Ends the worker in order."""
    assert api.patch(tenth.url, {"endpoint_url": url}).status == 200
    for table in ("webhooks_attempt", "webhooks_delivery", "webhooks_event"):
        database.execute(f"DELETE FROM {table}")
    receiver.clear()
    ledger.accepted()
    for client in [*good, tenth]:
        plant(database, client, EVENTS)
    worker = start_worker()

    eventually(lambda: all(len(client.inbox) > EVENTS for client in good), 60)
    arrivals = [request.monotonic for client in good for request in client.inbox]
    memory = peak_memory(worker.pid)
    began = time.monotonic()
    worker.terminate()
    assert worker.wait(within=STOP_SECONDS).exit_code == 0
    print(f"memory {memory} KiB, stopped in {time.monotonic() - began:.1f} s")
    assert memory < MEMORY
    return len(arrivals) / (max(arrivals) - min(arrivals))


def peak_memory(pid):
    """The peak memory of the process or one of its children, in KiB; 0 if the system does not report it."""
    peaks = [0]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        if str(pid) in (fields["Pid"].strip(), fields["PPid"].strip()) and "VmHWM" in fields:
            peaks.append(int(fields["VmHWM"].split()[0]))
    return max(peaks)


def test_many_hosts_leave_an_innocent_client_its_descriptors(stage, create_client, ledger, names, receiver, database):
    for number in range(HOSTS):
        names.answer(f"host-{number}.test", ["127.0.0.1"])
        create_client(slug=f"c{number}", path=f"/c{number}")
        url = receiver.url(f"/c{number}", host=f"host-{number}.test")
        database.execute("UPDATE clients_client SET endpoint_url = ? WHERE slug = ?", url, f"c{number}")
    limited = f'ulimit -n {DESCRIPTORS}; exec "$0" manage.py deliver'
    worker = Program(stage, ["sh", "-c", limited, sys.executable])

    ledger.accepted(6)
    ledger.wait_until_ended()
    worker.terminate()

    assert worker.wait().exit_code == 0
    count = ledger.count()
    assert count.errors == {None: 6 * HOSTS}
