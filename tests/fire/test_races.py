"""Races: the second process finds consistent rows, and nothing is lost or sent twice without need."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import psycopg
import pytest
from admin_site import CLIENTS, AdminSite
from crowd import at_once, traffic
from faults import is_sqlite
from history import deliveries_of, delivery_of, errors_of
from standardwebhooks import Webhook

from harness.http import Api
from harness.processes import Process, eventually
from harness.receiver import Answer, Gate
from harness.world import Client


@pytest.fixture
def start_workers(manage):
    """Starts so many workers."""

    def start(count, *argv):
        return [manage.start("deliver", *argv) for _ in range(count)]

    return start


@dataclass
class Held:
    """A client with a delivery in flight, whose answer the gate holds back, and the worker that waits for it."""

    client: Client
    gate: Gate
    worker: Process

    def let_go(self):
        self.gate.open()
        assert self.worker.wait().exit_code == 0


@pytest.fixture
def hold(create_client, ledger, receiver, manage):
    """`hold(500)`: the first answer will be a 500, the next ones 200."""

    def start(status):
        client, gate = create_client(), receiver.gate()
        client.inbox.answer(Answer(status, gate=gate), Answer())
        ledger.accepted()
        worker = manage.start("deliver", "--once")
        client.inbox.wait(1)
        return Held(client, gate, worker)

    return start


@pytest.fixture
def held(hold):
    return hold(500)


def end_well(workers):
    """Asks the workers to stop, and they do so in order."""
    for worker in workers:
        worker.wait_for_output("worker_started")  # from then on it hears the signal
        worker.terminate()
    assert [worker.wait().exit_code for worker in workers] == [0] * len(workers)


# Posting


def test_fifty_identical_posts_at_once_make_one_event(api, create_client, ledger, manage, deliver):
    clients = [create_client(), create_client()]
    servers = [api, Api(manage.serve().port, api.key)]
    posted = ledger.note()

    answers = at_once(partial(ledger.send, posted, servers[n % 2]) for n in range(50))
    deliver()

    assert {(answer.status, answer.json()["deliveries"]) for answer in answers} == {(202, 2)}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [answer.headers.get("Idempotent-Replayed") for answer in answers].count("true") == 49
    assert [len(client.inbox) for client in clients] == [1, 1]
    count = ledger.count()
    assert (count.events, count.statuses) == (1, {"delivered": 2})


def test_many_different_posts_at_once_are_each_accepted_once(api, create_client, ledger, manage, start_workers):
    for _ in range(3):
        create_client()
    servers = [api, Api(manage.serve().port, api.key)]
    workers = start_workers(2)
    posts = [ledger.note() for _ in range(36)]

    answers = at_once(partial(ledger.send, posted, servers[n % 2]) for n, posted in enumerate(posts))
    ledger.wait_until_ended()
    end_well(workers)

    assert {answer.status for answer in answers} == {202}
    count = ledger.count()
    assert (count.events, count.statuses, count.requests) == (36, {"delivered": 108}, 108)


def test_of_ten_clients_of_one_slug_one_is_made(api, client_document, ledger, deliver):
    documents = [client_document(slug="contested", name=f"Number {n}") for n in range(10)]

    answers = at_once(partial(api.post, "/v1/clients", document) for document in documents)

    assert sorted(answer.status for answer in answers) == [201] + [409] * 9
    (made,) = (answer.json() for answer in answers if answer.status == 201)
    assert api.get("/v1/clients/contested").json()["name"] == made["name"]
    assert api.as_key(made["api_key"]).get("/v1/clients/contested").status == 200
    assert ledger.count().events == 0


# Workers on one queue


@pytest.mark.parametrize("number", [2, 4])
def test_several_workers_send_each_delivery_once(create_client, ledger, start_workers, number):
    clients = [create_client() for _ in range(4)]
    for client in clients:
        client.inbox.answer(Answer(delay=0.01))
    workers = start_workers(number)

    with traffic(ledger, senders=4) as flow:
        flow.wait_for_accepted(40)
    ledger.wait_until_ended()
    end_well(workers)

    count = ledger.count()
    assert count.events >= 40
    assert count.statuses == {"delivered": 4 * count.events}
    assert count.requests == count.deliveries, "each once"


@pytest.mark.parametrize("number", [2, 4])
def test_several_workers_share_what_is_waiting(create_client, ledger, start_workers, number):
    clients = [create_client() for _ in range(3)]
    for client in clients:
        client.inbox.answer(Answer(delay=0.01))
    ledger.accepted(40)

    workers = start_workers(number, "--once")

    assert [worker.wait().exit_code for worker in workers] == [0] * number
    count = ledger.count()
    assert (count.statuses, count.requests) == ({"delivered": 120}, 120)


def test_workers_that_fail_and_try_again_leave_no_attempt_out(create_client, ledger, start_workers, clock):
    for answers in ([Answer(500), Answer()], [Answer.reset(), Answer()], [Answer(503), Answer(302), Answer()]):
        create_client().inbox.answer(*answers * 4)
    workers = start_workers(3)

    ledger.accepted(12)
    for _ in range(8):
        eventually(lambda: not due_now(ledger, clock))
        clock.move(hours=13)
    ledger.wait_until_ended()
    end_well(workers)

    count = ledger.count()
    assert count.statuses == {"delivered": 36}
    assert count.requests == count.errors.total(), "as many attempts as requests"


def due_now(ledger, clock):
    """Whether a delivery is due, or being sent."""
    sql = "SELECT count(*) FROM webhooks_delivery WHERE status = 'pending' AND next_attempt_at <= ?"
    return ledger.database.value(sql, clock.now())


# A client that changes while its delivery is in flight


@pytest.mark.parametrize("status", [200, 500])
def test_a_client_deleted_in_flight_gets_nothing_more(hold, create_client, ledger, deliver, clock, status):
    held, other = hold(status), create_client()
    late = ledger.accepted(3)

    ledger.delete(held.client)
    held.let_go()
    clock.move(days=1)
    deliver()

    assert len(held.client.inbox) == 1
    assert sorted(request.headers["webhook-id"] for request in other.inbox) == sorted(late)
    count = ledger.count()
    assert count.statuses == {"cancelled": 4, "delivered": 3}


def test_a_client_deleted_in_the_middle_of_its_backlog_has_nothing_pending(create_client, ledger, start_workers):
    leaving, staying = create_client(), create_client()
    leaving.inbox.answer(Answer(delay=0.01))
    ledger.accepted(60)
    workers = start_workers(2, "--concurrency", "4")
    leaving.inbox.wait(20)

    ledger.delete(leaving)
    ledger.wait_until_ended()
    leaving.inbox.wait_idle()
    end_well(workers)

    count = ledger.count()
    assert len(staying.inbox) == 60
    assert count.statuses["delivered"] >= 60 + 1
    assert count.statuses["cancelled"] >= 1
    assert count.deliveries == 120
    assert len({request.headers["webhook-id"] for request in leaving.inbox}) == len(leaving.inbox)


def test_no_event_leaves_a_pending_delivery_to_a_client_that_is_deleted_meanwhile(create_client, ledger, deliver):
    staying = create_client()
    leaving = [create_client() for _ in range(12)]

    with traffic(ledger, senders=6) as flow:
        for client in leaving:
            ledger.delete(client)
            flow.wait_for_accepted(2)
    deliver()

    count = ledger.count()
    assert len(staying.inbox) == count.events == count.statuses["delivered"]
    assert set(count.statuses) <= {"delivered", "cancelled"}


def test_a_client_disabled_in_flight_waits_and_goes_on(api, held, ledger, deliver, clock):
    late = ledger.accepted(3)
    assert api.patch(held.client.url, {"status": "disabled"}).status == 200
    held.let_go()
    clock.move(minutes=1)
    deliver()
    while_disabled = ledger.count()

    assert api.patch(held.client.url, {"status": "active"}).status == 200
    deliver()

    assert (while_disabled.statuses, while_disabled.requests) == ({"pending": 4}, 1)
    assert {request.headers["webhook-id"] for request in held.client.inbox} >= set(late)
    count = ledger.count()
    assert (count.statuses, count.requests) == ({"delivered": 4}, 5)


def test_a_secret_rotated_in_flight_signs_the_next_attempt_together_with_the_old_one(api, held, ledger, deliver, clock):
    rotated = api.post(f"{held.client.url}/rotate-secret", {"overlap_seconds": 3600})
    held.let_go()
    clock.move(seconds=10)
    deliver()

    first, second = held.client.inbox
    old, new = held.client.signing_secret, rotated.json()["signing_secret"]
    assert len(first.headers["webhook-signature"].split()) == 1
    assert len(second.headers["webhook-signature"].split()) == 2
    for secret in (old, new):
        Webhook(secret).verify(second.body, second.headers, json_parse=False)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert ledger.count().statuses == {"delivered": 1}


def test_a_format_changed_in_flight_leaves_the_body_and_its_ack_rule(api, held, ledger, deliver, clock):
    changed = {"name": "form_legacy", "version": 1, "options": {"mask": ["customer.name"]}}
    assert api.patch(held.client.url, {"format": changed}).status == 200
    held.let_go()
    clock.move(seconds=10)
    deliver()

    first, second = held.client.inbox
    assert first.body == second.body
    assert first.headers["content-type"] == second.headers["content-type"] == "application/json"
    assert errors_of(delivery_of(api, held.client)) == ["bad_status", None], "acknowledged by a bare 200, as std_json"
    assert ledger.count().statuses == {"delivered": 1}


def test_an_endpoint_moved_in_flight_gets_the_next_attempt(api, held, ledger, receiver, deliver, clock):
    ledger.subscribers[held.client.slug].paths.add("/moved")
    assert api.patch(held.client.url, {"endpoint_url": receiver.url("/moved")}).status == 200
    held.let_go()
    clock.move(seconds=10)
    deliver()

    (first,), (second,) = held.client.inbox, receiver.inbox("/moved")
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert ledger.count().statuses == {"delivered": 1}


# Retry and recover while a worker runs


def let_die(deliver, clock):
    """All eight attempts of what is due."""
    for _ in range(8):
        deliver()
        clock.move(hours=13)


def test_retries_that_race_a_worker_send_only_what_they_are_answered_for(api, create_client, ledger, start_workers):
    client = create_client()
    client.inbox.answer(Answer(delay=0.005))
    ledger.accepted(10)
    workers = start_workers(2)
    ids = [delivery["id"] for delivery in deliveries_of(api, client)]

    retries = [partial(api.post, f"/v1/deliveries/{delivery}/retry") for delivery in ids]
    answers = [answer for _ in range(4) for answer in at_once(retries)]
    ledger.wait_until_ended()
    client.inbox.wait_idle()
    end_well(workers)

    assert {answer.status for answer in answers} == {202}
    count = ledger.count()
    assert count.statuses == {"delivered": 10}
    assert 10 <= count.requests <= 10 + len(answers)
    assert count.errors == {None: count.requests}, "an attempt for each request, and no other"


def test_recovering_while_workers_run_queues_and_sends_each_dead_delivery_once(
    api, create_client, ledger, start_workers, deliver, clock
):
    client = create_client()
    client.inbox.answer(Answer(500))
    since = clock.now()
    ledger.accepted(12)
    let_die(deliver, clock)
    dead = ledger.count()
    client.inbox.answer(Answer())
    workers = start_workers(2)

    period = {"since": since.isoformat(), "until": clock.now().isoformat()}
    answers = at_once([partial(api.post, f"{client.url}/recover", period)] * 6)
    ledger.wait_until_ended()
    end_well(workers)

    assert dead.statuses == {"dead": 12}
    assert {answer.status for answer in answers} == {202}
    assert sum(answer.json()["queued"] for answer in answers) == 12
    count = ledger.count()
    assert count.statuses == {"delivered": 12}
    assert count.requests == 12 * 8 + 12


def test_a_retry_during_the_enabling_of_a_client_leaves_nothing_half_done(api, create_client, ledger, deliver, clock):
    client = create_client()
    client.inbox.answer(Answer(500))
    ledger.accepted(4)
    let_die(deliver, clock)
    client.inbox.answer(Answer())
    ids = [delivery["id"] for delivery in deliveries_of(api, client)]

    for status in ("disabled", "active") * 3:
        retries = [partial(api.post, f"/v1/deliveries/{delivery}/retry") for delivery in ids]
        change, *answers = at_once([partial(api.patch, client.url, {"status": status}), *retries])
        assert change.status == 200
        assert {answer.status for answer in answers} <= {202, 409}
    deliver()

    for delivery in ids:
        assert api.post(f"/v1/deliveries/{delivery}/retry").status == 202
    deliver()
    assert ledger.count().statuses == {"delivered": 4}


# A change during an automatic disablement


def test_a_change_during_an_automatic_disablement_undoes_neither(api, create_client, ledger, receiver, manage):
    worker = manage.start("deliver")

    for round_ in range(8):
        client, gate = create_client(), receiver.gate()
        client.inbox.answer(Answer(410, gate=gate))
        ledger.accepted()
        client.inbox.wait()
        changed, _ = at_once([partial(api.patch, client.url, {"name": f"Round {round_}"}), gate.open])
        assert changed.status == 200
        shown = eventually(lambda: (now := api.get(client.url).json())["status"] == "disabled" and now)  # noqa: B023

        assert (shown["name"], shown["disabled_reason"]) == (f"Round {round_}", "gone")
        ledger.delete(client)

    end_well([worker])
    count = ledger.count()
    assert (count.statuses, count.requests) == ({"cancelled": 8}, 8)


def test_enabling_during_an_automatic_disablement_ends_in_one_of_the_two(
    api, create_client, ledger, receiver, manage, deliver, clock
):
    client, gate = create_client(), receiver.gate()
    client.inbox.answer(*[Answer(410, gate=gate)] * 5, Answer())
    worker = manage.start("deliver")
    ledger.accepted(5)
    client.inbox.wait(5)

    at_once([gate.open, *[partial(api.patch, client.url, {"status": "active"})] * 5])
    client.inbox.wait_idle()
    end_well([worker])
    shown = api.get(client.url).json()
    assert api.patch(client.url, {"status": "active"}).status == 200
    clock.move(seconds=10)
    deliver()

    assert (shown["status"], shown["disabled_reason"]) in {("active", None), ("disabled", "gone")}
    assert api.get(client.url).json()["disabled_reason"] is None
    count = ledger.count()
    assert (count.statuses, count.requests) == ({"delivered": 5}, 10)


# The locks of PostgreSQL

row_locks = pytest.mark.skipif(
    os.environ.get("DB") != "postgres", reason="SQLite has one lock for all writers, so they wait in a row"
)


@pytest.fixture
def admin(api, manage):
    """The admin, with a superuser signed in."""
    superuser = {f"DJANGO_SUPERUSER_{name}": "ada@example.com" for name in ("USERNAME", "EMAIL", "PASSWORD")}
    manage.ok("createsuperuser", "--noinput", env=superuser)
    admin = AdminSite(api)
    admin.sign_in("ada@example.com", "ada@example.com")
    return admin


@pytest.fixture
def key_of(database):
    return lambda client: database.value("SELECT id FROM clients_client WHERE slug = ?", client.slug)


@row_locks
def test_an_event_that_is_being_accepted_keeps_nobody_from_a_change_of_its_client(
    api, create_client, ledger, database, deliver, clock, admin, key_of
):
    client = create_client()
    client.inbox.answer(Answer(500))
    ledger.accepted()
    let_die(deliver, clock)
    dead = f"/v1/deliveries/{deliveries_of(api, client)[0]['id']}"
    ever = {"since": "2000-01-01T00:00:00Z", "until": "2200-01-01T00:00:00Z"}

    with psycopg.connect(database.url) as event:
        event.execute("SELECT 1 FROM clients_client FOR KEY SHARE")  # as a delivery's foreign key takes it
        answers = [
            api.patch(client.url, {"name": "Acme", "event_types": ["*"]}),
            api.post(f"{client.url}/rotate-secret", {}),
            api.post(f"{client.url}/recover", ever),
            api.post(f"{dead}/retry"),
            admin.submit(f"{CLIENTS}{key_of(client)}/change/", {"name": "Acme Books"}),
            admin.act(CLIENTS, "disable_selected", [key_of(client)]),
        ]

    assert [answer.status for answer in answers] == [200, 200, 202, 202, 302, 302]
    assert ledger.count().statuses == {"pending": 1}


@row_locks
def test_a_bad_body_is_refused_without_waiting_for_the_client(api, create_client, ledger, database):
    client = create_client()

    with psycopg.connect(database.url) as other:
        other.execute("SELECT 1 FROM clients_client FOR UPDATE")
        answers = [
            api.patch(client.url, {"format": {"name": "csv", "version": 1, "options": {"mask": ["x"]}}}),
            api.post(f"{client.url}/rotate-secret", {"overlap_seconds": -1}),
            api.post(f"{client.url}/recover", {"since": "yesterday", "until": "now"}),
        ]

    assert [answer.status for answer in answers] == [422] * 3
    assert ledger.count().events == 0


@row_locks
def test_disabling_in_the_admin_and_accepting_events_never_wait_for_each_other_in_a_circle(
    api, create_client, ledger, database, admin, key_of
):
    clients = [create_client() for _ in range(9)]
    for client in reversed(clients):  # the order in which the table is read is not the order of the keys any more
        database.execute("UPDATE clients_client SET name = name WHERE slug = ?", client.slug)
    keys = [key_of(client) for client in clients]
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    # The client in the middle is held, so that both have what is on their side of it before they go on.
    with ThreadPoolExecutor() as threads, psycopg.connect(database.url) as middle:
        middle.execute("SELECT 1 FROM clients_client WHERE id = %s FOR UPDATE", [keys[4]])
        posted = threads.submit(ledger.send, ledger.note())
        eventually(lambda: database.value(waiting) == 1)
        disabled = threads.submit(admin.act, CLIENTS, "disable_selected", keys)
        eventually(lambda: database.value(waiting) == 2)
        middle.rollback()

    assert (posted.result().status, disabled.result().status) == (202, 302)
    assert {row["status"] for row in api.get("/v1/clients").json()["results"]} == {"disabled"}
    assert ledger.count().statuses == {"pending": 9}


# Making a key while its client is deleted


def test_no_key_is_made_for_a_client_that_is_being_deleted(create_client, manage, database):
    if is_sqlite(database):
        pytest.skip("SQLite has no row that could be locked: one writer comes after the other")
    client = create_client()
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with psycopg.connect(database.url) as deleting:
        deleting.execute("UPDATE clients_client SET deleted_at = now() WHERE slug = %s", [client.slug])
        deleting.execute("SELECT 1 FROM clients_client WHERE slug = %s FOR UPDATE", [client.slug])
        command = manage.start("create_api_key", "--role", "client", "--client", client.slug)
        eventually(lambda: database.value(waiting))

    run = command.wait()

    assert run.exit_code != 0
    assert "There is no client" in run.stderr
    assert run.stdout == ""
