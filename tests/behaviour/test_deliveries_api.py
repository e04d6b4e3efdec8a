"""Deliveries over the API: lists, attempts, retry, recover, visibility, and the deliveries of a deleted client."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from backlog import plant
from delivery_states import count_attempts, end, only_delivery

from harness.examples import EXAMPLE, event
from harness.problems import assert_problem
from harness.receiver import Answer

DELIVERY = [
    "id",
    "event",
    "client",
    "status",
    "skip_reason",
    "attempt_count",
    "next_attempt_at",
    "created_at",
]
ATTEMPT = ["started_at", "duration_ms", "response_status", "error", "response_excerpt"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def written(moment):
    """A time as the API writes it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def listed(api, query=""):
    response = api.get(f"/v1/deliveries{query}")
    assert response.status == 200
    return response.json()["results"]


@pytest.fixture
def read(api):
    """A single delivery, with its attempts in the order of their start."""

    def get(delivery_id, through=api):
        response = through.get(f"/v1/deliveries/{delivery_id}")
        assert response.status == 200
        delivery = response.json()
        delivery["attempts"].sort(key=lambda attempt: attempt["started_at"])
        return delivery

    return get


@pytest.fixture
def retry(api):
    return lambda delivery_id, through=api: through.post(f"/v1/deliveries/{delivery_id}/retry")


@pytest.fixture
def in_state(create_client, accepted, deliver, api, database):
    """A client, and one delivery of its in this state."""

    def bring(status):
        skips = {"format": "slack_blocks"} if status == "skipped" else {}
        client = create_client(**skips)
        accepted()
        row = listed(api, f"?client={client.slug}")[0]
        if status == "delivered":
            deliver()
        elif status in ("dead", "cancelled"):
            end(database, status, row["id"])
        (row,) = listed(api, f"?client={client.slug}")
        assert row["status"] == status
        return client, row["id"]

    return bring


STATUSES = ("pending", "delivered", "dead", "skipped", "cancelled")

# Lists


def test_a_listed_delivery_has_these_members_in_this_order(create_client, accepted, api, clock):
    clock.freeze(NOON)
    client = create_client()
    event_id = accepted()

    page = api.get("/v1/deliveries").json()

    (delivery,) = page["results"]
    assert (page["next"], page["previous"]) == (None, None)
    assert list(delivery) == DELIVERY
    assert delivery["id"].startswith("dlv_")
    assert delivery == {
        "id": delivery["id"],
        "event": event_id,
        "client": client.slug,
        "status": "pending",
        "skip_reason": None,
        "attempt_count": 0,
        "next_attempt_at": written(NOON),
        "created_at": written(NOON),
    }


def test_the_newest_delivery_is_first(create_client, accepted, api):
    create_client()
    ids = [accepted() for _ in range(3)]

    assert [row["event"] for row in listed(api)] == ids[::-1]


def test_filters_narrow_the_list_alone_and_together(create_client, accepted, api, database):
    ada, ben = create_client(), create_client()
    first, second = accepted(), accepted()
    end(database, "dead", listed(api, f"?event={first}&client={ada.slug}")[0]["id"])

    def found(query):
        return {(row["event"], row["client"]) for row in listed(api, query)}

    assert found(f"?client={ada.slug}") == {(first, ada.slug), (second, ada.slug)}
    assert found(f"?event={second}") == {(second, ada.slug), (second, ben.slug)}
    assert found("?status=dead") == {(first, ada.slug)}
    assert found(f"?status=pending&client={ada.slug}") == {(second, ada.slug)}
    assert found(f"?event={first}&client={ben.slug}&status=dead") == set()
    assert len(found("")) == len(found("?colour=red")) == 4


def test_each_state_can_be_filtered_for(create_client, accepted, api, database):
    create_client()
    ids = {}
    for status in STATUSES:
        accepted()
        ids[status] = listed(api)[0]["id"]
        if status != "pending":
            end(database, status, ids[status])

    shown = {status: listed(api, f"?status={status}") for status in STATUSES}

    assert {status: [row["id"] for row in rows] for status, rows in shown.items()} == {
        status: [delivery_id] for status, delivery_id in ids.items()
    }


@pytest.mark.parametrize(
    "query",
    [
        "?client=nobody",
        "?client=",
        "?client=%00",
        "?client=%ED%A0%80",
        "?client=*",
        "?event=evt_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "?event=",
        "?event=%00",
        "?event=1",
    ],
)
def test_an_unknown_client_or_event_is_an_empty_page(create_client, accepted, api, query):
    create_client()
    accepted()

    page = api.get(f"/v1/deliveries{query}")

    assert page.status == 200
    assert page.json() == {"next": None, "previous": None, "results": []}


@pytest.mark.parametrize("status", ["", "sent", "Pending", "%20pending", "pending,dead", "%00"])
def test_an_unknown_status_is_refused(api, status):
    response = api.get(f"/v1/deliveries?status={status}")

    assert_problem(response, 422, {""}, naming="status")


def test_further_pages_keep_the_filters(create_client, accepted, api):
    client = create_client()
    create_client()
    ids = [accepted() for _ in range(3)]

    first = api.get(f"/v1/deliveries?client={client.slug}&status=pending&limit=2").json()
    second = api.get(first["next"]).json()

    shown = [(row["event"], row["client"]) for row in first["results"] + second["results"]]
    assert shown == [(event_id, client.slug) for event_id in ids[::-1]]


# A delivery and its attempts


def test_a_delivery_is_shown_as_listed_with_its_attempts(create_client, accepted, deliver, api):
    create_client()
    accepted()
    deliver()

    row = only_delivery(api)
    delivery = api.get(f"/v1/deliveries/{row['id']}").json()

    assert list(delivery) == [*DELIVERY, "attempts"]
    assert delivery == {**row, "attempts": delivery["attempts"]}
    assert [list(attempt) for attempt in delivery["attempts"]] == [ATTEMPT]


def test_a_delivery_that_was_not_tried_has_no_attempts(in_state, read):
    for status in ("pending", "skipped"):
        _, delivery_id = in_state(status)

        delivery = read(delivery_id)

        assert delivery["attempts"] == []
        assert delivery["attempt_count"] == 0


@pytest.mark.parametrize(
    ("answer", "response_status", "error", "excerpt"),
    [
        (Answer(200, b"thanks"), 200, None, "thanks"),
        (Answer(204), 204, None, ""),
        (Answer(500, b"oops"), 500, "bad_status", "oops"),
        (Answer(404, "nö".encode()), 404, "bad_status", "nö"),
        (Answer.redirect("/elsewhere", 307), 307, "redirect", ""),
        (Answer.reset(), None, "connect", ""),
    ],
)
def test_an_attempt_says_what_came_back(
    create_client, accepted, deliver, read, api, clock, answer, response_status, error, excerpt
):
    clock.freeze(NOON)
    client = create_client()
    client.inbox.answer(answer)
    accepted()
    clock.freeze(NOON + timedelta(days=400))

    deliver()

    delivery = read(only_delivery(api)["id"])
    (attempt,) = delivery["attempts"]
    duration_ms = attempt.pop("duration_ms")
    assert attempt == {
        "started_at": written(NOON + timedelta(days=400)),
        "response_status": response_status,
        "error": error,
        "response_excerpt": excerpt,
    }
    assert type(duration_ms) is int
    assert 0 <= duration_ms < 15_000
    assert delivery["attempt_count"] == 1


def test_a_duration_is_in_milliseconds(create_client, accepted, deliver, read, api):
    client = create_client()
    client.inbox.answer(Answer(delay=0.3))
    accepted()

    deliver()

    (attempt,) = read(only_delivery(api)["id"])["attempts"]
    assert 300 <= attempt["duration_ms"] < 5000


def test_an_answer_without_the_ack_is_not_acknowledged(create_client, accepted, deliver, read, api):
    client = create_client(format="form_legacy")
    client.inbox.answer(Answer(200, b"[rejected]"))
    accepted()

    deliver()

    (attempt,) = read(only_delivery(api)["id"])["attempts"]
    assert (attempt["response_status"], attempt["error"]) == (200, "not_acknowledged")
    assert attempt["response_excerpt"] == "[rejected]"


IBAN = EXAMPLE["data"]["customer"]["iban"]
EXCERPTS = {
    "at most 1,000 characters, not bytes": ("ü".encode() * 1001, "ü" * 1000),
    "UTF-8 with replacement": (b"a\xff\xc3b", "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b"),
    "no U+0000, which does not count": (b"a\0b" + b"x" * 999, "ab" + "x" * 998),
    "masked": (f"got {IBAN}, {IBAN}".encode(), "got DE****************3000, DE****************3000"),
    "masked before it is cut": (
        b"x" * 990 + IBAN.encode(),
        "x" * 990 + "DE********",
    ),
}


@pytest.mark.parametrize(("body", "excerpt"), EXCERPTS.values(), ids=EXCERPTS)
def test_an_excerpt_is(create_client, accepted, deliver, read, api, body, excerpt):
    client = create_client(options={"mask": ["customer.iban"]})
    client.inbox.answer(Answer(500, body))
    accepted()

    deliver()

    (attempt,) = read(only_delivery(api)["id"])["attempts"]
    assert attempt["response_excerpt"] == excerpt


def test_all_recorded_attempts_count_and_a_waiting_delivery_says_when_it_is_next(
    create_client, accepted, deliver, read, api, clock
):
    clock.freeze(NOON)
    client = create_client()
    client.inbox.answer(Answer(500), Answer(503), Answer(200))
    accepted()

    clock.freeze(NOON + timedelta(days=1))
    deliver()
    waiting = read(only_delivery(api)["id"])
    clock.move(seconds=6)
    deliver()
    clock.move(minutes=6)
    deliver()
    ended = read(waiting["id"])

    assert (waiting["status"], waiting["attempt_count"]) == ("pending", 1)
    assert TIME.fullmatch(waiting["next_attempt_at"])
    first_wait = datetime.fromisoformat(waiting["next_attempt_at"]) - NOON - timedelta(days=1)
    assert timedelta(seconds=4) <= first_wait <= timedelta(seconds=6)
    assert (ended["status"], ended["attempt_count"]) == ("delivered", 3)
    assert [attempt["response_status"] for attempt in ended["attempts"]] == [500, 503, 200]


@pytest.mark.parametrize("status", STATUSES)
def test_only_what_is_pending_has_a_next_attempt_and_what_is_skipped_a_reason(in_state, read, status):
    _, delivery_id = in_state(status)

    delivery = read(delivery_id)

    assert (delivery["next_attempt_at"] is not None) == (status == "pending")
    assert delivery["skip_reason"] == ("below_threshold" if status == "skipped" else None)


@pytest.mark.parametrize("delivery_id", ["dlv_01ARZ3NDEKTSV4RRFFQ69G5FAV", "1", "%00", "%ED%A0%80"])
def test_an_unknown_delivery_is_not_found(create_client, accepted, api, delivery_id):
    create_client()
    accepted()

    assert_problem(api.get(f"/v1/deliveries/{delivery_id}"), 404)
    assert_problem(api.post(f"/v1/deliveries/{delivery_id}/retry"), 404)


# Retry


@pytest.mark.parametrize("status", ["pending", "delivered", "dead"])
@pytest.mark.parametrize("role", ["operator", "client"])
def test_a_retry_makes_a_delivery_due_now(in_state, retry, deliver, read, api, clock, status, role):
    clock.freeze(NOON)
    client, delivery_id = in_state(status)
    arrived = len(client.inbox)
    clock.freeze(NOON + timedelta(days=1000))

    response = retry(delivery_id, client.api if role == "client" else api)

    assert response.status == 202
    assert list(response.json()) == DELIVERY
    assert response.json() == only_delivery(api)
    assert response.json()["status"] == "pending"
    assert response.json()["next_attempt_at"] <= written(clock.now())
    deliver()
    assert len(client.inbox) == arrived + 1
    assert read(delivery_id)["status"] == "delivered"


def test_a_waiting_delivery_need_not_wait_after_a_retry(create_client, accepted, deliver, retry, read, api):
    client = create_client()
    client.inbox.answer(Answer(500), Answer(200))
    accepted()
    deliver()
    delivery_id = only_delivery(api)["id"]

    assert retry(delivery_id).status == 202
    deliver()

    assert read(delivery_id)["status"] == "delivered"
    assert len(client.inbox) == 2


def test_a_retry_sends_the_same_bytes_under_the_same_id(in_state, retry, deliver, api):
    client, delivery_id = in_state("delivered")
    csv = {"name": "csv", "version": 1, "options": {}}
    api.patch(client.url, {"format": csv})

    retry(delivery_id)
    deliver()

    first, second = client.inbox.requests
    assert second.body == first.body
    assert second.headers["webhook-id"] == first.headers["webhook-id"]
    assert second.headers["content-type"] == first.headers["content-type"]


def test_a_retry_of_what_is_dead_starts_eight_new_attempts(in_state, retry, deliver, read, clock):
    client, delivery_id = in_state("dead")
    client.inbox.answer(Answer(500))
    counted = read(delivery_id)["attempt_count"]

    retry(delivery_id)
    for _ in range(7):
        deliver()
        waiting = read(delivery_id)
        assert waiting["status"] == "pending"
        clock.move_to(datetime.fromisoformat(waiting["next_attempt_at"]))
    deliver()

    dead = read(delivery_id)
    assert (dead["status"], dead["attempt_count"]) == ("dead", counted + 8)
    assert len(dead["attempts"]) == 8


def test_a_retry_of_what_was_delivered_starts_eight_new_attempts(in_state, retry, deliver, read, clock, database):
    client, delivery_id = in_state("delivered")
    client.inbox.answer(Answer(500))

    retry(delivery_id)
    deliver()
    waiting = read(delivery_id)
    clock.move_to(datetime.fromisoformat(waiting["next_attempt_at"]))
    count_attempts(database, delivery_id, 6)
    deliver()
    one_left = read(delivery_id)["status"]
    clock.move(hours=13)
    deliver()

    # Only the first failure of a round is tried again after some five seconds.
    wait = datetime.fromisoformat(waiting["next_attempt_at"]) - datetime.fromisoformat(
        waiting["attempts"][-1]["started_at"]
    )
    assert wait < timedelta(seconds=60)
    assert (one_left, read(delivery_id)["status"]) == ("pending", "dead")


def test_a_retry_of_what_is_pending_goes_on_counting(in_state, retry, deliver, read, database):
    client, delivery_id = in_state("pending")
    client.inbox.answer(Answer(500))
    count_attempts(database, delivery_id, 7)

    retry(delivery_id)
    deliver()

    assert (read(delivery_id)["status"], read(delivery_id)["attempt_count"]) == ("dead", 8)


def test_a_retry_leaves_what_is_being_sent_as_it_is(in_state, retry, manage, deliver, read, receiver):
    client, delivery_id = in_state("pending")
    gate = receiver.gate()
    client.inbox.answer(Answer(gate=gate))
    worker = manage.start("deliver", "--once")
    client.inbox.wait()
    before = read(delivery_id)

    response = retry(delivery_id)
    deliver()

    assert response.status == 202
    assert read(delivery_id) == before
    gate.open()
    assert worker.wait().exit_code == 0
    deliver()
    assert (read(delivery_id)["status"], read(delivery_id)["attempt_count"]) == ("delivered", 1)
    assert len(client.inbox) == 1


def test_a_retry_while_a_first_retry_is_being_sent_adds_no_attempt(in_state, retry, manage, deliver, read, receiver):
    client, delivery_id = in_state("delivered")
    gate = receiver.gate()
    client.inbox.answer(Answer(gate=gate))
    retry(delivery_id)
    worker = manage.start("deliver", "--once")
    client.inbox.wait(2)

    assert retry(delivery_id).status == 202
    gate.open()
    worker.wait()
    deliver()

    assert (read(delivery_id)["status"], read(delivery_id)["attempt_count"]) == ("delivered", 2)


@pytest.mark.parametrize("status", ["skipped", "cancelled"])
def test_what_was_never_to_be_sent_cannot_be_retried(in_state, retry, read, deliver, status):
    client, delivery_id = in_state(status)
    before = read(delivery_id)

    assert_problem(retry(delivery_id), 409)
    assert_problem(retry(delivery_id, client.api), 409)
    deliver()

    assert read(delivery_id) == before
    assert len(client.inbox) == 0


def test_what_was_not_rendered_cannot_be_retried(create_client, accepted, retry, deliver, read, api, database):
    client = create_client(format="csv")
    database.execute("UPDATE clients_client SET format_options = ?", '{"timezone": "Mars/Olympus"}')
    accepted()
    database.execute("UPDATE clients_client SET format_options = ?", "{}")
    delivery_id = only_delivery(api)["id"]
    assert only_delivery(api)["status"] == "dead"

    assert_problem(retry(delivery_id), 409)
    assert_problem(retry(delivery_id, client.api), 409)
    deliver()

    assert read(delivery_id)["status"] == "dead"
    assert len(client.inbox) == 0


@pytest.mark.parametrize("status", ["pending", "delivered", "dead"])
def test_nothing_of_a_disabled_client_can_be_retried(in_state, retry, read, api, status):
    client, delivery_id = in_state(status)
    api.patch(client.url, {"status": "disabled"})
    before = read(delivery_id)

    assert_problem(retry(delivery_id), 409)
    assert_problem(retry(delivery_id, client.api), 409)

    assert read(delivery_id) == before


@pytest.mark.parametrize("status", ["pending", "delivered", "dead"])
def test_nothing_of_a_deleted_client_can_be_retried(in_state, retry, read, api, status):
    client, delivery_id = in_state(status)
    api.delete(client.url)
    before = read(delivery_id)

    assert_problem(retry(delivery_id), 409)

    assert read(delivery_id) == before


def test_a_retry_takes_no_body_or_an_empty_object(in_state, api):
    _, delivery_id = in_state("dead")

    assert api.post(f"/v1/deliveries/{delivery_id}/retry").status == 202
    assert api.post(f"/v1/deliveries/{delivery_id}/retry", {}).status == 202


# Recover


# Many attempts


@pytest.fixture
def tried(database):
    """Gives the delivery a number of attempts at this moment, each a millisecond longer than the last."""

    def plant(delivery_id, count, at):
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        database.execute(
            f"{numbers} INSERT INTO webhooks_attempt"
            " (delivery_id, started_at, duration_ms, response_status, error, response_excerpt)"
            " SELECT d.id, ?, i, 500, 'bad_status', '' FROM n, webhooks_delivery d WHERE d.public_id = ?",
            at,
            delivery_id,
        )
        database.execute(
            "UPDATE webhooks_delivery SET attempt_count = attempt_count + ? WHERE public_id = ?", count, delivery_id
        )

    return plant


@pytest.mark.parametrize("count", [100, 101, 250])
def test_of_many_attempts_the_newest_hundred_are_shown_oldest_first(in_state, tried, api, count):
    _, delivery_id = in_state("pending")
    tried(delivery_id, count, NOON)

    shown = api.get(f"/v1/deliveries/{delivery_id}").json()

    assert shown["attempt_count"] == count
    assert [attempt["duration_ms"] for attempt in shown["attempts"]] == list(range(count - 99, count + 1))


@pytest.mark.parametrize("status", ["dead", "delivered"])
def test_with_a_hundred_attempts_in_24_hours_no_round_is_started(in_state, tried, retry, read, clock, status, database):
    _, delivery_id = in_state(status)
    database.execute("DELETE FROM webhooks_attempt")
    tried(delivery_id, 99, clock.freeze(NOON))
    assert retry(delivery_id).status == 202
    end(database, "dead", delivery_id)
    tried(delivery_id, 100, NOON)

    clock.freeze(NOON + timedelta(days=1, microseconds=-1))
    response = retry(delivery_id)

    assert_problem(response, 409)
    assert response.json()["detail"] == "The delivery had 100 attempts in the last 24 hours. Retry it later."
    assert read(delivery_id)["status"] == "dead"
    clock.freeze(NOON + timedelta(days=1))
    assert retry(delivery_id).status == 202


def test_recover_leaves_out_what_had_a_hundred_attempts_in_24_hours(create_client, dead_at, recover, tried, api, clock):
    client = create_client()
    dead_at(NOON, NOON)
    often, seldom = (row["id"] for row in listed(api))
    tried(often, 100, NOON)
    tried(seldom, 99, NOON)

    first = recover(client, NOON, NOON + timedelta(seconds=1))
    clock.freeze(NOON + timedelta(days=1))
    second = recover(client, NOON, NOON + timedelta(seconds=1))

    assert (first.json(), second.json()) == ({"queued": 1}, {"queued": 1})


def test_thousands_are_recovered_in_one_call(create_client, dead_at, recover, database, api):
    client = create_client()
    dead_at(NOON)
    plant(database, client, 2000)

    response = recover(client, NOON, NOON + timedelta(seconds=1))

    assert (response.status, response.json()) == (202, {"queued": 2001})
    assert database.value("SELECT count(*) FROM webhooks_delivery WHERE status = 'pending'") == 2001


@pytest.fixture
def recover(api):
    def post(client, since, until, through=api):
        times = [value if isinstance(value, str) else written(value) for value in (since, until)]
        period = dict(zip(("since", "until"), times, strict=True))
        return through.post(f"{client.url}/recover", period)

    return post


@pytest.fixture
def dead_at(accepted, api, clock, database):
    """An event accepted at each of these moments, all its deliveries dead. Returns the ids of the events."""

    def create(*moments):
        events = []
        for moment in moments:
            clock.freeze(moment)
            events.append(accepted())
        end(database, "dead", *(row["id"] for row in listed(api)))
        return events

    return create


def test_recover_takes_what_was_created_from_since_up_to_before_until(create_client, dead_at, recover, api):
    client = create_client()
    tick = timedelta(microseconds=1)
    moments = [NOON - tick, NOON, NOON + tick, NOON + timedelta(hours=1)]
    _, first, second, _ = dead_at(*moments)

    response = recover(client, NOON, NOON + timedelta(hours=1))

    assert response.status == 202
    assert response.json() == {"queued": 2}
    assert [row["event"] for row in listed(api, "?status=pending")] == [second, first]


def test_recovered_deliveries_are_due_now_and_are_sent(create_client, dead_at, recover, deliver, api, clock):
    client = create_client()
    dead_at(NOON)
    now = clock.freeze(NOON + timedelta(days=3))

    recover(client, NOON, NOON + timedelta(seconds=1))

    row = only_delivery(api)
    assert (row["status"], row["next_attempt_at"]) == ("pending", written(now))
    deliver()
    assert only_delivery(api)["status"] == "delivered"
    assert client.inbox.last.body == client.api.get(f"/v1/events/{row['event']}").body


def test_recovered_deliveries_have_eight_new_attempts(create_client, dead_at, recover, deliver, api, clock):
    client = create_client()
    client.inbox.answer(Answer(500))
    dead_at(NOON)

    recover(client, NOON, NOON + timedelta(seconds=1))
    deliver()

    row = only_delivery(api)
    wait = datetime.fromisoformat(row["next_attempt_at"]) - clock.now()
    assert (row["status"], row["attempt_count"]) == ("pending", 9)
    assert wait <= timedelta(seconds=6)


def test_recover_leaves_other_clients_and_other_states_alone(
    create_client, accepted, recover, deliver, api, clock, database
):
    clock.freeze(NOON)
    client = create_client()
    create_client()
    for status in ("delivered", "cancelled", "pending", "dead"):
        event_id = accepted()
        for row in listed(api, f"?event={event_id}"):
            if status != "pending":
                end(database, status if row["client"] == client.slug else "dead", row["id"])
    clock.move(hours=1)
    before = {row["id"]: row for row in listed(api)}

    response = recover(client, NOON, NOON + timedelta(seconds=1))

    after = {row["id"]: row for row in listed(api)}
    (changed,) = [row for row_id, row in after.items() if row != before[row_id]]
    assert response.json() == {"queued": 1}
    assert (changed["client"], changed["status"]) == (client.slug, "pending")
    assert before[changed["id"]]["status"] == "dead"


def test_recover_leaves_what_was_not_rendered(create_client, accepted, recover, api, database):
    client = create_client(format="csv")
    database.execute("UPDATE clients_client SET format_options = ?", '{"timezone": "Mars/Olympus"}')
    accepted()
    database.execute("UPDATE clients_client SET format_options = ?", "{}")

    response = recover(client, "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z")

    assert (response.status, response.json()) == (202, {"queued": 0})
    assert only_delivery(api)["status"] == "dead"


def test_a_client_recovers_its_own_and_times_may_have_offsets(create_client, dead_at, recover):
    client = create_client()
    dead_at(NOON, NOON + timedelta(hours=1))

    response = recover(client, "2026-11-22T13:00:00+01:00", "2026-11-22T07:00:00.5-05:00", client.api)

    assert response.json() == {"queued": 1}


def test_an_empty_period_recovers_nothing(create_client, dead_at, recover, api):
    client = create_client()
    dead_at(NOON)

    assert recover(client, NOON, NOON).json() == {"queued": 0}
    assert only_delivery(api)["status"] == "dead"


def test_nothing_is_recovered_for_a_disabled_client(create_client, dead_at, recover, api):
    client = create_client()
    dead_at(NOON)
    api.patch(client.url, {"status": "disabled"})

    assert_problem(recover(client, NOON, NOON + timedelta(seconds=1)), 409)
    assert_problem(recover(client, NOON, NOON + timedelta(seconds=1), client.api), 409)
    assert only_delivery(api)["status"] == "dead"


GOOD, BAD = "2026-11-22T12:00:00Z", "2026-11-22 12:00:00"


@pytest.mark.parametrize(
    ("period", "pointers"),
    [
        ({}, {"/since", "/until"}),
        ({"since": GOOD}, {"/until"}),
        ({"until": GOOD}, {"/since"}),
        ({"since": BAD, "until": BAD}, {"/since", "/until"}),
        ({"since": None, "until": GOOD}, {"/since"}),
        ({"since": GOOD, "until": 1795348800}, {"/until"}),
        ({"since": GOOD, "until": "2026-11-22T24:00:00Z"}, {"/until"}),
        ({"since": GOOD, "until": "2026-11-22T12:00:60Z"}, {"/until"}),
        ({"since": "", "until": GOOD}, {"/since"}),
        ({"since": "\0", "until": "\ud800"}, {"/since", "/until"}),
        ({"since": GOOD, "until": GOOD, "to/day": 1}, {"/to~1day"}),
        ([], {""}),
    ],
)
def test_a_bad_period_is_refused_before_the_state_is_looked_at(create_client, api, period, pointers):
    client = create_client()
    api.patch(client.url, {"status": "disabled"})

    assert_problem(api.post(f"{client.url}/recover", period), 422, pointers)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59"),
        ("0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"),
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_the_ends_of_time_do_no_harm(create_client, recover, since, until):
    assert recover(create_client(), since, until).status in (202, 422)


def test_there_is_nothing_to_recover_for_a_deleted_client(create_client, recover, api):
    client = create_client()
    api.delete(client.url)

    assert_problem(recover(client, NOON, NOON + timedelta(seconds=1)), 404)


# Visibility for a client key


def test_a_client_lists_its_own_deliveries_only(create_client, accepted, api):
    own, other = create_client(), create_client()
    both = accepted()

    assert {row["client"] for row in listed(own.api)} == {own.slug}
    assert [row["client"] for row in listed(own.api, f"?event={both}")] == [own.slug]
    assert [row["client"] for row in listed(own.api, f"?client={own.slug}")] == [own.slug]
    assert listed(own.api, f"?client={other.slug}") == []
    assert listed(own.api, "?client=nobody") == []
    assert len(listed(api)) == 2


def test_another_clients_deliveries_are_not_found(in_state, create_client, read):
    client, delivery_id = in_state("dead")
    stranger = create_client()
    before = read(delivery_id)

    assert_problem(stranger.api.get(f"/v1/deliveries/{delivery_id}"), 404)
    assert_problem(stranger.api.post(f"/v1/deliveries/{delivery_id}/retry"), 404)

    assert read(delivery_id, client.api) == before


OTHERS = [
    ("GET", "/v1/clients", None),
    ("POST", "/v1/clients", {}),
    ("DELETE", "/v1/clients/own", None),
    ("GET", "/v1/events", None),
    ("POST", "/v1/events", EXAMPLE),
    ("GET", "/v1/clients/other", None),
    ("PATCH", "/v1/clients/other", {"name": "Mine"}),
    ("DELETE", "/v1/clients/other", None),
    ("POST", "/v1/clients/other/rotate-secret", {}),
    ("POST", "/v1/clients/other/preview", EXAMPLE),
    ("POST", "/v1/clients/other/test", {}),
    ("POST", "/v1/clients/other/recover", {"since": GOOD, "until": GOOD}),
]


@pytest.mark.parametrize(("method", "target", "body"), OTHERS)
def test_what_is_not_a_clients_own_is_not_found_and_stays(create_client, api, database, method, target, body):
    own = create_client(slug="own")
    create_client(slug="other")
    rows = database.rows("SELECT * FROM clients_client ORDER BY id")
    more = {} if body is None else {"json": body}

    response = own.api.request(method, target, headers={"Idempotency-Key": "1"}, **more)

    assert_problem(response, 404)
    assert database.rows("SELECT * FROM clients_client ORDER BY id") == rows
    assert api.get("/v1/events").json()["results"] == []


# The end of a client


def test_deleting_a_client_cancels_what_is_pending_and_keeps_the_rest(create_client, accepted, deliver, api, database):
    client, other = create_client(), create_client()
    accepted()
    deliver()
    accepted()
    end(database, "dead", listed(api, f"?client={client.slug}&status=pending")[0]["id"])
    accepted()

    response = api.delete(client.url)
    deliver()

    assert (response.status, response.body) == (204, b"")
    shown = listed(api, f"?client={client.slug}")
    assert [row["status"] for row in shown] == ["cancelled", "dead", "delivered"]
    assert [row["next_attempt_at"] for row in shown] == [None, None, None]
    assert len(client.inbox) == 1
    assert len(other.inbox) == 3


def test_the_history_of_a_deleted_client_stays_for_operators(in_state, read, api):
    client, delivery_id = in_state("delivered")
    before = read(delivery_id)

    api.delete(client.url)

    assert len(before["attempts"]) == 1
    assert read(delivery_id) == before


def test_a_deleted_client_is_gone_from_the_api(create_client, api):
    client, other = create_client(), create_client()

    api.delete(client.url)

    assert_problem(api.get(client.url), 404)
    assert_problem(api.patch(client.url, {"name": "Back"}), 404)
    assert_problem(api.delete(client.url), 404)
    assert_problem(api.post(f"{client.url}/rotate-secret", {}), 404)
    assert [row["slug"] for row in api.get("/v1/clients").json()["results"]] == [other.slug]


def test_deleting_a_client_revokes_all_of_its_keys_and_no_others(create_client, api, manage):
    client, other = create_client(), create_client()
    command = ("create_api_key", "--role", "client", "--client", client.slug)
    second = api.as_key(manage.ok(*command).stdout.strip())
    assert second.get(client.url).status == 200

    api.delete(client.url)

    for through in (client.api, second):
        assert_problem(through.get("/v1/deliveries"), 401)
        assert_problem(through.get(client.url), 401)
    assert other.api.get(other.url).status == 200


def test_the_slug_of_a_deleted_client_is_never_used_again(create_client, client_document, api, accepted):
    client = create_client(slug="acme")
    api.delete(client.url)

    assert_problem(api.post("/v1/clients", client_document(slug="acme")), 409)
    accepted()

    assert_problem(api.get("/v1/clients/acme"), 404)
    assert listed(api) == []


def test_an_answer_after_its_client_was_deleted_adds_an_attempt_and_no_state(in_state, manage, read, receiver, api):
    client, delivery_id = in_state("pending")
    gate = receiver.gate()
    client.inbox.answer(Answer(gate=gate))
    worker = manage.start("deliver", "--once")
    client.inbox.wait()

    api.delete(client.url)
    gate.open()
    worker.wait()

    delivery = read(delivery_id)
    assert (delivery["status"], delivery["attempt_count"]) == ("cancelled", 1)
    assert [attempt["error"] for attempt in delivery["attempts"]] == [None]
    assert delivery["next_attempt_at"] is None


def test_an_event_that_a_deleted_client_was_to_get_still_reads_in_full(in_state, api):
    client, delivery_id = in_state("pending")
    api.delete(client.url)

    (row,) = listed(api, f"?client={client.slug}")

    shown = api.get(f"/v1/events/{row['event']}").json()
    assert row["id"] == delivery_id
    assert shown == {"id": row["event"], **event()}
