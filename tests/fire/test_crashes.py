"""Crashes: whatever dies, and whenever, an event that was accepted arrives, under the id that it was accepted with."""

import contextlib
from collections import Counter

import pytest
from crowd import at_once, traffic
from disk import small_disk
from faults import cut_connections, is_sqlite, nobody_can_write, out_of_service
from history import deliveries_of, delivery_of, errors_of
from ledger import Ledger
from stubborn import dripping, silent

from harness.databases import Sqlite
from harness.http import Api
from harness.problems import assert_problem
from harness.processes import eventually
from harness.receiver import Answer
from harness.world import create_client as build_client

LEASE = 90  # seconds
LEASED = "SELECT count(*) FROM webhooks_delivery WHERE lease_token IS NOT NULL"


@pytest.fixture
def drain(ledger, deliver, clock):
    """Lets every lease run out and every retry come, until nothing is pending."""

    def all_of_it():
        for _ in range(8):
            clock.move(seconds=LEASE + 1)
            deliver()
            clock.move(hours=13)
        ledger.wait_until_ended()

    return all_of_it


# A worker that is killed


def test_killed_between_claim_and_send(api, create_client, ledger, names, receiver, manage, deliver, clock, database):
    names.hang("slow.test", 30, ["127.0.0.1"])
    client = create_client(endpoint_url=receiver.url("/slow", host="slow.test"))
    ledger.subscribers[client.slug].paths.add("/slow")
    ledger.accepted()
    worker = manage.start("deliver")
    eventually(lambda: names.asked("slow.test"))
    claimed, arrived = database.value(LEASED), len(receiver.requests)

    worker.kill()
    names.answer("slow.test", ["127.0.0.1"])
    deliver()
    within_the_lease = len(receiver.requests)
    clock.move(seconds=LEASE + 1)
    deliver()

    assert (claimed, arrived, within_the_lease) == (1, 0, 0)
    assert errors_of(delivery_of(api, client)) == ["interrupted", None]
    count = ledger.count()
    assert (count.statuses, count.requests) == ({"delivered": 1}, 1)


def test_killed_during_a_send(create_client, ledger, receiver, manage, deliver, clock):
    clients = [create_client(), create_client()]
    for client in clients:
        client.inbox.answer(*[Answer(gate=receiver.gate())] * 5, Answer())
    events = ledger.accepted(5)
    worker = manage.start("deliver")
    for client in clients:
        client.inbox.wait(5)

    worker.kill()
    clock.move(seconds=LEASE + 1)
    deliver()

    for client in clients:
        assert Counter(request.headers["webhook-id"] for request in client.inbox) == dict.fromkeys(events, 2)
    count = ledger.count()
    assert count.statuses == {"delivered": 10}
    assert count.errors == {"interrupted": 10, None: 10}


def test_killed_between_send_and_record(create_client, ledger, receiver, manage, deliver, clock, database):
    client, gate = create_client(), receiver.gate()
    client.inbox.answer(Answer(gate=gate))
    events = ledger.accepted(3)
    worker = manage.start("deliver")
    client.inbox.wait(3)

    with nobody_can_write(database):
        gate.open()
        client.inbox.wait_idle()
        worker.kill()
    after_the_kill = [errors_of(delivery) for delivery in deliveries_of(ledger.api, client)]
    clock.move(seconds=LEASE + 1)
    deliver()

    assert after_the_kill == [[], [], []], "answered, and nobody wrote it down"
    assert Counter(request.headers["webhook-id"] for request in client.inbox) == dict.fromkeys(events, 2)
    count = ledger.count()
    assert count.statuses == {"delivered": 3}
    assert count.errors == {"interrupted": 3, None: 3}


def test_killed_at_the_instant_of_the_answer(create_client, ledger, receiver, manage, deliver, clock):
    client = create_client()
    for round_ in range(1, 7):
        gate = receiver.gate()
        client.inbox.answer(*[Answer(gate=gate)] * 2, Answer())
        ledger.accepted(2)
        worker = manage.start("deliver")
        eventually(lambda: client.inbox.in_flight == 2)
        at_once([gate.open, worker.kill])
        clock.move(seconds=LEASE + 1)
        deliver()
        assert ledger.count().statuses == {"delivered": 2 * round_}

    count = ledger.count()
    assert count.requests == count.errors.total(), "one more attempt for each request that nobody recorded"


def test_killed_again_and_again_under_load(create_client, ledger, manage, clock, receiver, drain):
    for delay in (0, 0.01, 0.03):
        create_client().inbox.answer(Answer(delay=delay))

    with traffic(ledger, senders=2) as flow:
        for round_ in range(6):
            worker = manage.start("deliver", "--concurrency", str(2 + round_))
            flow.wait_for_accepted(5)
            arrived = len(receiver.requests)
            eventually(lambda: len(receiver.requests) > arrived + 7 * round_)  # noqa: B023
            worker.kill()
            clock.move(seconds=LEASE + 1)
    drain()

    count = ledger.count()
    assert count.statuses == {"delivered": 3 * count.events}
    assert count.errors["interrupted"] >= 1
    assert count.errors[None] == count.deliveries, "acknowledged once in the books, however often it arrived"
    assert count.deliveries <= count.requests <= count.errors.total()


def test_of_two_workers_one_is_killed_and_the_other_takes_over(create_client, ledger, receiver, manage, clock):
    client, gate = create_client(), receiver.gate()
    client.inbox.answer(*[Answer(gate=gate)] * 4, Answer())
    first = manage.start("deliver", "--concurrency", "4")
    ledger.accepted(4)
    client.inbox.wait(4)
    second = manage.start("deliver", "--concurrency", "4")
    ledger.accepted(4)
    client.inbox.wait(8)

    first.kill()
    clock.move(seconds=LEASE + 1)
    ledger.wait_until_ended()

    assert second.alive
    count = ledger.count()
    assert (count.statuses, count.requests) == ({"delivered": 8}, 12)
    assert count.errors == {"interrupted": 4, None: 8}


# SIGTERM


def test_sigterm_in_flight_finishes_what_was_begun_and_leaves_the_rest(
    create_client, ledger, receiver, manage, deliver
):
    client, gate = create_client(), receiver.gate()
    client.inbox.answer(*[Answer(gate=gate)] * 6, Answer())
    ledger.accepted(9)
    workers = [manage.start("deliver", "--concurrency", "3") for _ in range(2)]
    client.inbox.wait(6)

    for worker in workers:
        worker.wait_for_output("worker_started")
        worker.terminate()
    gate.open()

    assert [worker.wait().exit_code for worker in workers] == [0, 0]
    assert len(client.inbox) == 6
    deliver()
    count = ledger.count()
    assert (count.statuses, count.requests, count.errors) == ({"delivered": 9}, 9, {None: 9})


def test_sigterm_while_nothing_can_be_recorded_waits_for_the_database(
    create_client, ledger, receiver, manage, database
):
    client, gate = create_client(), receiver.gate()
    client.inbox.answer(Answer(gate=gate))
    ledger.accepted(2)
    worker = manage.start("deliver")
    client.inbox.wait(2)

    with nobody_can_write(database):
        gate.open()
        client.inbox.wait_idle()
        worker.wait_for_output("worker_started")
        worker.terminate()
        with contextlib.suppress(AssertionError):
            eventually(lambda: not worker.alive, within=1)
        assert worker.alive

    assert worker.wait().exit_code == 0
    count = ledger.count()
    assert (count.statuses, count.requests, count.errors) == ({"delivered": 2}, 2, {None: 2})


# An API server that is killed


def test_what_a_killed_server_had_accepted_is_there(api, create_client, ledger, manage, deliver):
    clients = [create_client() for _ in range(3)]
    servers = [manage.serve() for _ in range(3)]

    with traffic(ledger, senders=6, api=Api(servers[0].port, api.key)) as flow:
        for killed, heir in zip(servers, [*servers[1:], None], strict=True):
            flow.wait_for_accepted(20)
            killed.process.kill()
            flow.api = Api(heir.port, api.key) if heir else api
        flow.wait_for_accepted(5)
    deliver()

    assert flow.unanswered, "somebody waited for an answer when it was killed"
    count = ledger.count()
    assert count.events == len(ledger.posted) >= 65
    assert count.statuses == {"delivered": count.events * len(clients)}
    assert count.requests == count.deliveries


# A database that is away for a moment


def test_a_database_that_is_away_is_a_503_until_it_is_back(api, create_client, ledger, database, deliver):
    create_client()
    ledger.accepted()
    posts = [ledger.note() for _ in range(4)]

    with database.away():
        refused = [ledger.send(posted) for posted in posts]
    taken = [ledger.send(posted) for posted in posts]
    deliver()

    for answer in refused:
        assert_problem(answer, 503)
    assert [(answer.status, answer.headers.get("Idempotent-Replayed")) for answer in taken] == [(202, None)] * 4
    count = ledger.count()
    assert (count.events, count.statuses, count.requests) == (5, {"delivered": 5}, 5)


def test_a_worker_outlives_a_database_that_is_away(create_client, ledger, database, manage):
    client = create_client()
    worker = manage.start("deliver")
    ledger.accepted()
    client.inbox.wait()

    with traffic(ledger, senders=1) as flow:
        for _ in range(2):
            with database.away():
                flow.wait_for_refused(20)
            flow.wait_for_accepted(3)
    ledger.wait_until_ended()

    assert worker.alive
    count = ledger.count()
    assert count.statuses == {"delivered": count.events}
    assert count.requests == count.deliveries, "nothing was in flight, nothing is sent twice"


def test_an_answer_that_cannot_be_recorded_is_kept_until_it_can(
    create_client, ledger, receiver, database, manage, deliver, clock
):
    """Longer than a wait for SQLite's lock: some 20 seconds."""
    client, gate = create_client(), receiver.gate()
    client.inbox.answer(Answer(gate=gate), Answer(500, gate=gate))
    ledger.accepted(2)
    worker = manage.start("deliver", "--concurrency", "2")
    client.inbox.wait(2)
    posted = ledger.note()

    with out_of_service(database):
        gate.open()
        client.inbox.wait_idle()
        assert_problem(ledger.send(posted), 503)
    client.inbox.answer(Answer())
    assert ledger.send(posted).status == 202
    client.inbox.wait(3)
    eventually(lambda: database.value("SELECT count(*) FROM webhooks_attempt") == 3)

    assert worker.alive
    histories = sorted(map(str, (errors_of(delivery) for delivery in deliveries_of(ledger.api, client))))
    assert histories == ["['bad_status']", "[None]", "[None]"]
    worker.terminate()
    assert worker.wait().exit_code == 0
    clock.move(seconds=10)
    deliver()
    count = ledger.count()
    assert (count.events, count.statuses, count.requests) == (3, {"delivered": 3}, 4)


def test_connections_that_are_cut_under_load_lose_nothing(create_client, ledger, database, manage, drain):
    for delay in (0, 0.02):
        create_client().inbox.answer(Answer(delay=delay))
    workers = [manage.start("deliver") for _ in range(2)]

    with traffic(ledger, senders=4) as flow:
        for _ in range(8):
            flow.wait_for_accepted(5)
            cut_connections(database)
    for worker in workers:
        assert worker.alive
        worker.wait_for_output("worker_started")
        worker.terminate()
    assert [worker.wait().exit_code for worker in workers] == [0, 0]
    drain()

    count = ledger.count()
    assert count.events == len(ledger.posted)
    assert count.statuses == {"delivered": 2 * count.events}


@pytest.mark.parametrize("kind", ["a small file system", "a limit on file sizes"])
def test_a_full_disk_refuses_and_loses_nothing(kind, api, ledger, database, manage, receiver, scratch):
    if not is_sqlite(database):
        pytest.skip("the disk of PostgreSQL is its own server's")
    folder = scratch / kind.replace(" ", "-")
    with small_disk(kind, folder) as disk:
        # The stage's own database, its tables and its operator's key, moves to the small disk.
        small = Sqlite(folder / "database")
        database.execute(f"VACUUM INTO '{folder}/database/webhooks.sqlite3'")
        server = manage.serve(env={"DATABASE_URL": small.url})
        books = Ledger(Api(server.port, api.key, server.log), small, receiver)
        clients = [books.enter(lambda: build_client(books.api, receiver)) for _ in range(2)]
        worker = manage.start("deliver", env={"DATABASE_URL": small.url})
        first = books.accepted()
        clients[0].inbox.wait()
        books.wait_until_ended()
        pids = server.process.pid, worker.pid

        disk.fill(*pids)
        refused = refused_posts(books, disk, pids, enough=3)
        half_written = small.value("SELECT count(*) FROM webhooks_event") * 2
        half_written -= small.value("SELECT count(*) FROM webhooks_delivery")
        disk.make_room(*pids)
        taken = [books.send(posted) for posted in refused]
        books.wait_until_ended()

        assert half_written == 0
        answers = [(answer.status, answer.headers.get("Idempotent-Replayed")) for answer in taken]
        assert answers == [(202, None)] * len(refused), "nothing of what was refused had been kept"
        assert worker.alive
        assert small.value("PRAGMA integrity_check") == "ok"
        count = books.count()
        assert count.events == len(books.posted) > len(first)
        assert count.statuses == {"delivered": 2 * count.events}
        worker.kill()
        server.process.kill()
        small.drop()


def refused_posts(books, disk, pids, enough):
    """Posts until so many events were refused; what somebody gave up is taken again."""
    refused = []
    for _ in range(200):
        posted = books.note(data__customer__name="n" * 140)
        answer = books.send(posted)
        assert answer.status in (202, 503)
        if answer.status == 503:
            assert_problem(answer, 503)
            refused.append(posted)
        if len(refused) == enough:
            return refused
        disk.fill(*pids)
    pytest.fail("a full disk took two hundred events")


# Clients that do their worst


def test_clients_that_drip_hang_and_redirect_cost_the_others_nothing(
    api, create_client, ledger, receiver, names, manage, clock, drain
):
    """The longest time of an attempt: some 15 seconds."""
    inside = "http://169.254.169.254/latest/meta-data/"
    names.answer("inside.test", ["127.0.0.1", "169.254.169.254"])
    with silent() as silent_port, dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", every=0.5) as dripping_port:
        bad = {
            "drips": create_client(),
            "hangs": create_client(),
            "says nothing": create_client(endpoint_url=f"http://127.0.0.1:{silent_port}/"),
            "drips headers": create_client(endpoint_url=f"http://127.0.0.1:{dripping_port}/"),
            "redirects inside": create_client(),
            "redirects": create_client(),
            "resolves inside": create_client(endpoint_url=receiver.url("/inside", host="inside.test")),
            "never ends": create_client(),
        }
        bad["drips"].inbox.answer(Answer(size=60, body_drip=0.5))
        bad["hangs"].inbox.answer(Answer(gate=receiver.gate()))
        bad["redirects inside"].inbox.answer(Answer.redirect(inside, 307))
        bad["redirects"].inbox.answer(Answer.redirect(receiver.url("/elsewhere"), 308))
        bad["never ends"].inbox.answer(Answer(endless=True))
        good = create_client()
        worker = manage.start("deliver", "--concurrency", "30")
        ledger.accepted(2)
        good.inbox.wait(2, within=5)
        ledger.accepted(1)
        good.inbox.wait(3, within=5)

        eventually(lambda: all(attempted(api, client, 3) for client in bad.values()), within=40)
        worker.wait_for_output("worker_started")
        worker.terminate()
        assert worker.wait().exit_code == 0

    errors = {
        name: {error for d in deliveries_of(api, client) for error in errors_of(d)} for name, client in bad.items()
    }
    assert errors == {
        "drips": {"timeout"},
        "hangs": {"timeout"},
        "says nothing": {"timeout"},
        "drips headers": {"timeout"},
        "redirects inside": {"redirect"},
        "redirects": {"redirect"},
        "resolves inside": {"address_refused"},
        "never ends": {"too_large"},
    }
    assert not len(receiver.inbox("/elsewhere")) and not len(receiver.inbox("/inside"))
    for client in bad.values():
        path = f"/well/{client.slug}"
        ledger.subscribers[client.slug].paths.add(path)
        assert api.patch(client.url, {"endpoint_url": receiver.url(path)}).status == 200
    drain()
    count = ledger.count()
    assert count.statuses == {"delivered": 3 * 9}


def attempted(api, client, number):
    """Whether each of the client's deliveries, so many, has had an attempt."""
    rows = api.get(f"/v1/deliveries?client={client.slug}").json()["results"]
    return len(rows) == number and all(row["attempt_count"] for row in rows)
