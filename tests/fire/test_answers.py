"""Answers and their requests, with an endpoint that sends interim and stray ones at random, and then the count."""

import os
import signal
import time

from crowd import traffic
from erratic import erratic_endpoint

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
        ends_at = time.monotonic() + SECONDS
        with traffic(ledger, senders=2) as flow:
            while time.monotonic() < ends_at and not flow.failures:
                flow.wait_for_accepted(20)
                clock.move(hours=3)  # what was refused is due again
        endpoint.is_kind = True
        for _ in range(8):
            clock.move(hours=13)
            eventually(lambda: not database.value(DUE, clock.now()))
        ledger.wait_until_ended()
        worker.terminate()
        assert worker.wait().exit_code == 0

    print(f"{flow.accepted} events, seed {SEED}, answered {dict(endpoint.ways)}")
    assert flow.accepted > 20
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
        assert len(said) == flow.accepted
        delivered = {event for event, status in said.items() if status == "delivered"}
        assert delivered == endpoint.acknowledged[path], f"{path}: not what the endpoint acknowledged"


DUE = "SELECT count(*) FROM webhooks_delivery WHERE status = 'pending' AND next_attempt_at <= ?"
