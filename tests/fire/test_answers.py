"""Answers and their requests, with an endpoint that sends interim and stray ones at random, and then the count."""

import os
import signal
import time

from crowd import traffic
from erratic import erratic_endpoint
from ledger import EIGHT

from harness.processes import eventually

SECONDS = float(os.environ.get("FIRE_SECONDS", "20"))
SEED = int(os.environ.get("FIRE_SEED", "1"))


def test_what_an_endpoint_acknowledged_is_what_the_server_says(create_client, ledger, manage, clock, database):
    signal.setitimer(signal.ITIMER_REAL, SECONDS + 60)  # in place of the suite's limit
    with erratic_endpoint(SEED) as endpoint:
        clients = {
            path: create_client(endpoint_url=f"http://127.0.0.1:{endpoint.port}{path}")
            for path in ("/erratic", "/steady")
        }
        worker = manage.start("deliver", "--concurrency", "4")
        ends_at, accepted = time.monotonic() + SECONDS, 0
        while time.monotonic() < ends_at:
            with traffic(ledger, senders=2) as flow:
                flow.wait_for_accepted(20)
            accepted += flow.accepted
            _move(clock, database, hours=3)  # what was refused is due again, and goes out beside the next events
        endpoint.is_kind = True
        for _ in range(EIGHT):
            _move(clock, database, hours=13)
        ledger.wait_until_ended()
        worker.terminate()
        assert worker.wait().exit_code == 0

    print(f"{accepted} events, seed {SEED}, answered {dict(endpoint.ways)}")
    assert accepted > 20
    assert set(endpoint.ways) >= {"plain", "interim", "interims", "behind", "later"}
    for path, client in clients.items():
        said = {
            row["public_id"]: row["status"]
            for row in database.rows(
                "SELECT e.public_id, d.status FROM webhooks_delivery d JOIN webhooks_event e ON e.id = d.event_id"
                " JOIN clients_client c ON c.id = d.client_id WHERE c.slug = ?",
                client.slug,
            )
        }
        assert len(said) == accepted
        delivered = {event for event, status in said.items() if status == "delivered"}
        assert delivered == endpoint.acknowledged[path], f"{path}: not what the endpoint acknowledged"


def _move(clock, database, hours):
    """Moves the clock while no attempt is in flight.

    Otherwise the lease of an attempt ends before its answer, and the answer no longer decides, as the contract says.
    """
    eventually(lambda: not database.value(AT_WORK, clock.now()))
    clock.move(hours=hours)


AT_WORK = (
    "SELECT count(*) FROM webhooks_delivery"
    " WHERE leased_until IS NOT NULL OR (status = 'pending' AND next_attempt_at <= ?)"
)
