"""Connections to PostgreSQL that hang: no byte comes back, and nobody says that they are gone."""

import threading
import time

import pytest
from faults import is_sqlite, nobody_can_write
from silence import Proxy

from harness.examples import event
from harness.http import Api
from harness.problems import assert_problem
from harness.processes import eventually

BOUND = 16  # seconds: ten for a statement, two more for its answer, and a slow machine's four


@pytest.fixture
def proxy(database):
    if is_sqlite(database):
        pytest.skip("SQLite has no connection that could hang")
    proxy = Proxy(database.url)
    yield proxy
    proxy.stop()


def test_a_worker_notices_a_connection_that_hangs_and_goes_on(create_client, ledger, manage, proxy):
    create_client()
    worker = manage.start("deliver", env={"DATABASE_URL": proxy.url})
    ledger.accepted()
    ledger.wait_until_ended()

    proxy.fall_silent()
    ledger.accepted()
    ledger.wait_until_ended(within=BOUND + 5)

    assert "database_away" in worker.stderr
    worker.terminate()
    assert worker.wait(within=BOUND).exit_code == 0
    assert ledger.count().deliveries == 2


def test_a_worker_whose_connection_hangs_stops_when_it_is_asked_to(create_client, ledger, manage, proxy):
    create_client()
    worker = manage.start("deliver", env={"DATABASE_URL": proxy.url})
    ledger.accepted()
    ledger.wait_until_ended()

    proxy.fall_silent()
    worker.terminate()
    run = worker.wait(within=20)

    assert run.exit_code == 0
    assert ledger.count().deliveries == 1


def test_the_api_answers_though_its_connection_hangs(api, create_client, database, manage, proxy):
    create_client()
    server = manage.serve(env={"DATABASE_URL": proxy.url})
    through = Api(server.port, api.key, server.log)
    assert through.get("/v1/clients").status == 200
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    body, headers = event(), {"Idempotency-Key": "once"}

    with nobody_can_write(database):
        answers = []
        caller = threading.Thread(target=lambda: answers.append(through.post("/v1/events", body, headers=headers)))
        caller.start()
        eventually(lambda: database.value(asked))
        proxy.fall_silent()
        began_at = time.monotonic()
        caller.join(25)
        waited = time.monotonic() - began_at

    assert_problem(answers[0], 503)
    assert waited < BOUND
    assert through.post("/v1/events", body, headers=headers).status == 202
