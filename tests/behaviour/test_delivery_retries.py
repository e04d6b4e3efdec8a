"""After a failed attempt: the schedule, Retry-After, and clients that are disabled for failing."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from backlog import plant
from history import deliveries_of, delivery_of, errors_of, moment

from harness.receiver import Answer

WAITS = [5, 300, 1800, 7200, 18000, 36000, 36000]  # seconds before the second attempt, the third, …
NOON = datetime(2027, 5, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def planned(delivery: dict[str, Any]) -> datetime:
    return moment(delivery["next_attempt_at"])


def wait(delivery: dict[str, Any], since: datetime) -> float:
    return (planned(delivery) - since).total_seconds()


def status_of(api, client) -> tuple[str, str | None]:
    document = api.get(client.url).json()
    return document["status"], document["disabled_reason"]


def enable(api, client) -> None:
    assert api.patch(client.url, {"status": "active"}).status == 200


@pytest.fixture
def failing(create_client):
    """A client whose endpoint answers with 500."""
    client = create_client()
    client.inbox.answer(Answer(500))
    return client


# The schedule


def test_eight_attempts_follow_the_schedule_then_the_delivery_is_dead(api, failing, accepted, deliver, clock):
    now = clock.freeze(NOON)
    accepted()

    for number, expected in enumerate(WAITS, 1):
        deliver()
        delivery = delivery_of(api, failing)
        assert (len(failing.inbox), delivery["attempt_count"], delivery["status"]) == (number, number, "pending")
        assert 0.8 * expected <= wait(delivery, now) <= 1.2 * expected
        now = clock.freeze(planned(delivery))
    deliver()

    delivery = delivery_of(api, failing)
    assert (delivery["status"], delivery["attempt_count"], delivery["next_attempt_at"]) == ("dead", 8, None)
    assert errors_of(delivery) == ["bad_status"] * 8


def test_nothing_is_sent_before_its_time(api, failing, accepted, deliver, clock):
    clock.freeze(NOON)
    accepted()
    deliver()

    clock.freeze(planned(delivery_of(api, failing)) - timedelta(milliseconds=1))
    deliver()

    assert len(failing.inbox) == 1


def test_the_dead_and_the_delivered_are_sent_no_more(api, create_client, failing, accepted, deliver, clock, database):
    fine = create_client()
    accepted()
    database.execute("UPDATE webhooks_delivery SET attempts_this_round = 7, attempt_count = 7")
    deliver()

    clock.move(days=300)
    deliver()

    assert [delivery_of(api, client)["status"] for client in (failing, fine)] == ["dead", "delivered"]
    assert [len(failing.inbox), len(fine.inbox)] == [1, 1]


def test_the_waits_are_spread_over_a_fifth_either_way(api, failing, accepted, deliver, clock, database):
    clock.freeze(NOON)
    accepted()
    plant(database, failing, 199)

    deliver()

    waits = [wait(row, NOON) for row in api.get("/v1/deliveries?limit=200").json()["results"]]
    assert len(set(waits)) > 190
    # Of 200 even draws, none from the lowest or none from the highest tenth comes up once in 700 million runs.
    assert 4 <= min(waits) < 4.2
    assert 5.8 < max(waits) <= 6


def test_a_retry_of_a_dead_delivery_starts_the_schedule_again(api, failing, accepted, deliver, clock, database):
    accepted()
    database.execute("UPDATE webhooks_delivery SET attempts_this_round = 7, attempt_count = 7")
    deliver()
    dead = delivery_of(api, failing)

    now = clock.freeze()
    assert api.post(f"/v1/deliveries/{dead['id']}/retry").status == 202
    deliver()

    again = delivery_of(api, failing)
    assert (dead["status"], again["status"], again["attempt_count"]) == ("dead", "pending", 9)
    assert 4 <= wait(again, now) <= 6


def test_every_attempt_sends_the_same_bytes_under_the_same_id(create_client, accepted, deliver, clock, api):
    client = create_client(format="flat_camel")
    client.inbox.answer(Answer(500), Answer(500), Answer(200))
    accepted()

    deliver()
    csv = {"name": "csv", "version": 1, "options": {"mask": ["customer.name"]}}
    assert api.patch(client.url, {"format": csv}).status == 200
    clock.move(seconds=7)
    deliver()
    clock.move(seconds=400)
    deliver()

    assert len(client.inbox) == 3
    assert len(set(client.inbox.bodies)) == 1
    assert {request.headers["content-type"] for request in client.inbox} == {"application/json"}
    assert len({request.headers["webhook-id"] for request in client.inbox}) == 1
    assert len({request.headers["webhook-timestamp"] for request in client.inbox}) == 3
    assert len({request.headers["webhook-signature"] for request in client.inbox}) == 3


def test_a_retry_goes_to_the_present_url(api, failing, accepted, deliver, clock, receiver):
    accepted()
    deliver()

    api.patch(failing.url, {"endpoint_url": receiver.url("/moved")})
    clock.move(seconds=7)
    deliver()

    assert len(failing.inbox) == 1
    assert receiver.inbox("/moved").bodies == failing.inbox.bodies


@pytest.mark.parametrize(
    "answer",
    [Answer(400), Answer.redirect("/"), Answer.reset(), Answer(size=70_000), Answer(200, b"nothing of the kind")],
    ids=["bad_status", "redirect", "connect", "too_large", "not_acknowledged"],
)
def test_whatever_failed_is_tried_again(api, create_client, accepted, deliver, clock, answer):
    client = create_client(format="form_legacy")
    client.inbox.answer(answer, Answer(200, b"[accepted]"))
    accepted()

    deliver()
    clock.move(seconds=7)
    deliver()

    delivery = delivery_of(api, client)
    assert (delivery["status"], delivery["attempt_count"]) == ("delivered", 2)


# Retry-After

AT = "Sat, 01 May 2027 12:00:{:02} GMT"


@pytest.fixture
def waits(api, create_client, accepted, deliver, clock):
    """Answers one event in each of these ways at noon. Returns the seconds until the next attempt, by the way."""

    def send(answers: dict[Any, Answer], **client: Any) -> dict[Any, float]:
        clock.freeze(NOON)
        clients = {name: create_client(**client) for name in answers}
        for name, answer in answers.items():
            clients[name].inbox.answer(answer)
        accepted()
        deliver()
        rows = {row["client"]: row for row in api.get("/v1/deliveries?limit=200").json()["results"]}
        return {name: wait(rows[client.slug], NOON) for name, client in clients.items()}

    return send


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_waited_for(waits, status):
    values = ["7", " 7 ", "007", AT.format(7), "Saturday, 01-May-27 12:00:07 GMT", "Sat May  1 12:00:07 2027"]

    waited = waits({value: Answer(status, b"busy", {"Retry-After": value}) for value in values})

    assert waited == dict.fromkeys(values, 7)


def test_retry_after_never_shortens_the_wait(waits):
    values = [
        "0",
        "1",
        "3",
        AT.format(0),
        AT.format(2),
        "Sat, 01 May 2027 11:59:53 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
    ]

    waited = waits({value: Answer(429, headers={"Retry-After": value}) for value in values})

    assert {value: seconds for value, seconds in waited.items() if not 4 <= seconds <= 6} == {}


def test_retry_after_at_most_doubles_the_wait(waits):
    far = format_datetime(NOON + timedelta(days=400), usegmt=True)
    values = ["13", "86400", "9" * 30, "9" * 400, far, "Fri, 31 Dec 9999 23:59:59 GMT"]

    waited = waits({value: Answer(503, headers={"Retry-After": value}) for value in values})

    assert {value: seconds for value, seconds in waited.items() if not 8 <= seconds <= 12} == {}


def test_retry_after_doubles_the_wait_after_jitter(waits):
    answers = {number: Answer(429, headers={"Retry-After": "60"}) for number in range(20)}

    waited = waits(answers)

    assert all(8 <= seconds <= 12 for seconds in waited.values())
    assert len(set(waited.values())) > 15


def test_an_invalid_retry_after_is_none(waits):
    values = [
        "",
        "-7",
        "+7",
        "7.0",
        "7s",
        "7 seconds",
        "1_0",
        "0x7",
        "1e1",
        "7, 7",
        "PT7S",
        "soon",
        "2027-05-01T12:00:07Z",
        "Sat, 01 May 2027 12:00:07",
        "Sat, 32 May 2027 12:00:07 GMT",
        "Sat, 01 May 2027 12:00:07 CET",
        "Sat, 01 May 2027 12:00:07 GMT.",
    ]

    waited = waits({value: Answer(429, headers={"Retry-After": value}) for value in values})

    assert {value: seconds for value, seconds in waited.items() if not 4 <= seconds <= 6} == {}


def test_retry_after_counts_for_429_and_503_only(waits):
    statuses = [200, 202, 301, 400, 408, 413, 425, 500, 502, 504]

    answers = {status: Answer(status, headers={"Retry-After": "7"}) for status in statuses}
    waited = waits(answers, format="form_legacy")

    assert {status: seconds for status, seconds in waited.items() if not 4 <= seconds <= 6} == {}


def test_retry_after_is_measured_against_the_wait_that_is_due(api, create_client, accepted, deliver, clock):
    client = create_client()
    client.inbox.answer(Answer(429, headers={"Retry-After": "400"}))
    accepted()
    deliver()

    now = clock.freeze(planned(delivery_of(api, client)))
    deliver()

    assert wait(delivery_of(api, client), now) == 400


# Gone


def test_410_disables_the_client_and_leaves_the_delivery_pending(api, create_client, accepted, deliver, clock):
    now = clock.freeze(NOON)
    client = create_client()
    client.inbox.answer(Answer(410, b"gone"))
    accepted()

    deliver()

    delivery = delivery_of(api, client)
    assert status_of(api, client) == ("disabled", "gone")
    assert (delivery["status"], errors_of(delivery)) == ("pending", ["bad_status"])
    assert 4 <= wait(delivery, now) <= 6


def test_410_disables_with_any_body(api, create_client, accepted, deliver):
    client = create_client(format="form_legacy")
    client.inbox.answer(Answer(410, size=70_000))
    accepted()

    deliver()

    assert status_of(api, client) == ("disabled", "gone")


def test_410_on_the_eighth_attempt_is_the_end_of_the_delivery_too(api, create_client, accepted, deliver, database):
    client = create_client()
    client.inbox.answer(Answer(410))
    accepted()
    database.execute("UPDATE webhooks_delivery SET attempts_this_round = 7, attempt_count = 7")

    deliver()

    assert delivery_of(api, client)["status"] == "dead"
    assert status_of(api, client) == ("disabled", "gone")


def test_other_clients_stay_active(api, create_client, accepted, deliver):
    gone, fine, failing = create_client(), create_client(), create_client()
    gone.inbox.answer(Answer(410))
    failing.inbox.answer(Answer(404))
    accepted()

    deliver()

    assert status_of(api, fine) == status_of(api, failing) == ("active", None)


def test_410_does_not_take_over_what_an_operator_disabled(api, create_client, accepted, manage, receiver):
    client, gate = create_client(), receiver.gate()
    client.inbox.answer(Answer(410, gate=gate))
    accepted()
    worker = manage.start("deliver", "--once")
    client.inbox.wait()

    api.patch(client.url, {"status": "disabled"})
    gate.open()

    assert worker.wait().exit_code == 0
    assert len(delivery_of(api, client)["attempts"]) == 1
    assert status_of(api, client) == ("disabled", "operator")


# Failing


@pytest.fixture
def send_on(accepted, deliver, clock):
    """Posts an event on each of these days, counted from noon, and sends all due deliveries each time."""

    def send(*days):
        for day in days:
            clock.freeze(NOON + timedelta(days=day))
            accepted()
            deliver()

    return send


def test_five_days_of_failures_disable_the_client(api, failing, accepted, deliver, clock, send_on):
    send_on(0, 1, 3)

    clock.freeze(NOON + timedelta(days=5) - SECOND)
    accepted()
    deliver()
    just_before = status_of(api, failing)
    clock.freeze(NOON + timedelta(days=5))
    accepted()
    deliver()

    assert just_before == ("active", None)
    assert status_of(api, failing) == ("disabled", "failing")
    assert {delivery["status"] for delivery in deliveries_of(api, failing)} == {"pending"}


def test_one_bad_event_and_a_bad_request_five_days_later_disable_nobody(
    api, failing, accepted, deliver, clock, send_on, database
):
    send_on(0)
    for _ in range(6):
        clock.freeze(planned(delivery_of(api, failing)))
        deliver()
    a_second_day = NOON + timedelta(hours=25)  # the eight attempts take 22 to 33 hours, as the jitter has it
    clock.freeze(max(planned(delivery_of(api, failing)), a_second_day))
    deliver()
    assert delivery_of(api, failing)["status"] == "dead"

    send_on(5)
    after_a_third_day = status_of(api, failing)
    send_on(6)

    assert after_a_third_day == ("active", None)
    assert status_of(api, failing) == ("disabled", "failing")


def test_days_without_a_worker_are_no_days_of_failures(api, failing, send_on):
    send_on(0, 5)
    send_on(5.25, 5.5, 5.75)

    assert status_of(api, failing) == ("active", None)


def test_an_interrupted_attempt_makes_no_day_of_failures(api, failing, send_on, database):
    send_on(0, 1, 2)
    days = database.execute(
        "UPDATE webhooks_attempt SET error = 'interrupted' WHERE started_at > ?", NOON + SECOND * 60
    )
    assert days >= 2

    send_on(5)
    with_two_days = status_of(api, failing)
    send_on(6, 7)

    assert with_two_days == ("active", None)
    assert status_of(api, failing) == ("disabled", "failing")


def test_failures_before_a_success_make_no_day_of_failures(api, failing, send_on):
    send_on(0, 1, 2)
    failing.inbox.answer(Answer(200))
    send_on(3)
    failing.inbox.answer(Answer(500))

    send_on(4, 9)

    assert status_of(api, failing) == ("active", None)


def test_five_days_without_an_attempt_disable_no_client(api, failing, accepted, deliver, clock):
    accepted()
    deliver()
    failing.inbox.answer(Answer(200))

    clock.move(days=30)
    deliver()

    assert status_of(api, failing) == ("active", None)


def test_a_success_clears_the_failure_clock(api, failing, accepted, deliver, clock, send_on):
    clock.freeze(NOON)
    accepted()
    deliver()
    failing.inbox.answer(Answer(200))
    clock.freeze(NOON + timedelta(days=2))
    deliver()
    failing.inbox.answer(Answer(500))

    send_on(4, 5, 6)
    clock.freeze(NOON + timedelta(days=9) - SECOND)
    deliver()
    five_days_after_the_success = status_of(api, failing)
    clock.freeze(NOON + timedelta(days=9))
    accepted()
    deliver()

    assert five_days_after_the_success == ("active", None)
    assert status_of(api, failing) == ("disabled", "failing")


def test_one_clients_success_is_not_anothers(api, failing, create_client, send_on):
    fine = create_client()

    send_on(0, 1, 2, 5)

    assert status_of(api, failing) == ("disabled", "failing")
    assert status_of(api, fine) == ("active", None)


def test_an_interrupted_attempt_does_not_start_the_failure_clock(
    api, create_client, accepted, manage, deliver, clock, receiver, send_on
):
    clock.freeze(NOON)
    client = create_client()
    client.inbox.answer(Answer(gate=receiver.gate()), Answer(500))
    accepted()
    worker = manage.start("deliver")
    client.inbox.wait()
    worker.kill()

    send_on(1, 2, 3, 5.5)
    on_the_fifth_day_after_the_interruption = status_of(api, client)
    send_on(6)

    assert ["interrupted", "bad_status"] in [errors_of(delivery)[:2] for delivery in deliveries_of(api, client)]
    assert on_the_fifth_day_after_the_interruption == ("active", None)
    assert status_of(api, client) == ("disabled", "failing")


def test_an_interrupted_attempt_does_not_end_five_days_of_failures(
    api, create_client, accepted, manage, deliver, clock, receiver
):
    client = create_client()
    client.inbox.answer(Answer(500), Answer(gate=receiver.gate()), Answer(200))
    accepted()
    deliver()
    clock.move(days=5)
    worker = manage.start("deliver")
    client.inbox.wait(2)
    worker.kill()

    clock.move(minutes=2)
    deliver()

    assert errors_of(delivery_of(api, client)) == ["bad_status", "interrupted", None]
    assert status_of(api, client) == ("active", None)


# Disabled, and enabled again


@pytest.mark.parametrize("who", ["operator", "client"])
def test_a_disabled_client_gets_rows_and_they_wait(api, create_client, accepted, deliver, clock, who):
    client, other = create_client(), create_client()
    (api if who == "operator" else client.api).patch(client.url, {"status": "disabled"})
    accepted()

    deliver()
    clock.move(days=3)
    deliver()

    delivery = delivery_of(api, client)
    assert (delivery["status"], delivery["attempt_count"]) == ("pending", 0)
    assert (len(client.inbox), len(other.inbox)) == (0, 1)


def test_enabling_releases_what_waited(api, create_client, accepted, deliver, clock):
    client = create_client()
    api.patch(client.url, {"status": "disabled"})
    events = [accepted(), accepted()]

    clock.move(days=3)
    enable(api, client)
    deliver()

    assert sorted(request.headers["webhook-id"] for request in client.inbox) == sorted(events)
    assert [delivery["status"] for delivery in deliveries_of(api, client)] == ["delivered"] * 2


def test_enabling_releases_retries_at_their_planned_times(api, create_client, accepted, deliver, clock):
    clock.freeze(NOON)
    client = create_client()
    client.inbox.answer(Answer(410), Answer(200))
    accepted()
    deliver()
    before = planned(delivery_of(api, client))

    enable(api, client)
    deliver()
    too_early = len(client.inbox)
    clock.freeze(before)
    deliver()

    delivery = delivery_of(api, client)
    assert (too_early, len(client.inbox)) == (1, 2)
    assert (delivery["status"], errors_of(delivery)) == ("delivered", ["bad_status", None])


@pytest.mark.parametrize("reason", ["operator", "gone", "failing"])
def test_enabling_clears_the_failure_clock(api, failing, send_on, reason):
    send_on(0, 1, 2)
    if reason in ("gone", "failing"):
        failing.inbox.answer(Answer(410 if reason == "gone" else 500))
        send_on(5)
    else:
        api.patch(failing.url, {"status": "disabled"})
    assert status_of(api, failing) == ("disabled", reason)

    failing.inbox.answer(Answer(500))
    enable(api, failing)
    send_on(6)
    first_failure = status_of(api, failing)
    send_on(7, 8, 11)

    assert first_failure == ("active", None)
    assert status_of(api, failing) == ("disabled", "failing")
