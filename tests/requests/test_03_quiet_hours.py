"""Request 03: no attempt starts in a client's quiet hours, and what was due then goes out at their end."""

from datetime import UTC, datetime, timedelta

import pytest
from history import delivery_of, errors_of, moment

from harness.examples import EXAMPLE
from harness.problems import assert_problem
from harness.receiver import Answer

PRAGUE_NIGHT = {"from": "22:00", "until": "07:00", "time_zone": "Europe/Prague"}
KOLKATA_NOON = {"from": "12:00", "until": "13:30", "time_zone": "Asia/Kolkata"}
MICROSECOND = timedelta(microseconds=1)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.fixture
def look(api, accepted, deliver, clock):
    """Posts an event at this moment and lets a worker look. Returns the client's only delivery."""

    def at(client, now):
        clock.freeze(now)
        accepted()
        deliver()
        return delivery_of(api, client)

    return at


# The member


def test_quiet_hours_are_set_shown_replaced_and_removed(api, create_client):
    client, plain = create_client(quiet_hours=PRAGUE_NIGHT), create_client(quiet_hours=None)

    shown = api.get(client.url).json()
    replaced = client.api.patch(client.url, {"quiet_hours": KOLKATA_NOON})
    kept = client.api.patch(client.url, {"name": "Acme Music"})
    removed = api.patch(client.url, {"quiet_hours": None})

    assert client.created["quiet_hours"] == shown["quiet_hours"] == PRAGUE_NIGHT
    assert [answer.status for answer in (replaced, kept, removed)] == [200] * 3
    assert replaced.json()["quiet_hours"] == kept.json()["quiet_hours"] == KOLKATA_NOON
    assert all("quiet_hours" not in document for document in (removed.json(), plain.created, api.get(plain.url).json()))
    assert '"quiet_hours"' in api.anonymous().get("/v1/openapi.json").text


def test_bad_quiet_hours_are_refused_with_their_pointers(api, create_client, client_document, database):
    client = create_client()
    before = database.snapshot()
    refused = [
        *((value, {""}) for value in ("22:00", [], 5, True)),
        ({}, {"/from", "/until", "/time_zone"}),
        *(
            ({**PRAGUE_NIGHT, "from": value}, {"/from"})
            for value in ("24:00", "7:00", "22:60", "22:00:00", "", 22, None)
        ),
        *(({**PRAGUE_NIGHT, "until": value}, {"/until"}) for value in ("07:00\n", "07.00", "noon", "٠٧:٠٠", ["07:00"])),
        ({**PRAGUE_NIGHT, "until": "22:00"}, {"/until"}),
        *(
            ({**PRAGUE_NIGHT, "time_zone": value}, {"/time_zone"})
            for value in ("Mars/Base", "localtime", "+01:00", None)
        ),
        ({**PRAGUE_NIGHT, "days": ["mon"]}, {"/days"}),
        ({"from": "25:00", "until": "07:00"}, {"/from", "/time_zone"}),
    ]

    for value, pointers in refused:
        expected = {f"/quiet_hours{pointer}" for pointer in pointers}
        assert_problem(api.patch(client.url, {"quiet_hours": value}), 422, expected)
        assert_problem(api.post("/v1/clients", client_document(quiet_hours=value)), 422, expected)

    assert database.snapshot() == before


# The moments


# In May, Prague is two hours ahead of UTC. Kolkata is always five and a half hours ahead.
@pytest.mark.parametrize(
    ("hours", "last_before", "begin", "last_inside", "end"),
    [
        (PRAGUE_NIGHT, utc(2027, 5, 1, 20) - MICROSECOND, utc(2027, 5, 1, 20), None, utc(2027, 5, 2, 5)),
        (KOLKATA_NOON, utc(2027, 5, 1, 6, 30) - MICROSECOND, utc(2027, 5, 1, 6, 30), None, utc(2027, 5, 1, 8)),
        # 28 March, the clocks jump over `until`: from 02:00 to 03:00, at 01:00 UTC.
        ({**PRAGUE_NIGHT, "until": "02:30"}, None, utc(2027, 3, 27, 23), utc(2027, 3, 28, 0, 59), utc(2027, 3, 28, 1)),
        # 28 March, the clocks jump over `from`.
        (
            {**PRAGUE_NIGHT, "from": "02:30", "until": "04:00"},
            utc(2027, 3, 28, 1) - MICROSECOND,
            utc(2027, 3, 28, 1),
            None,
            utc(2027, 3, 28, 2),
        ),
        # 31 October, the hour after 02:00 comes twice: from 00:00 UTC, and from 01:00 UTC.
        (
            {**PRAGUE_NIGHT, "until": "02:30"},
            None,
            utc(2027, 10, 30, 23),
            utc(2027, 10, 31, 0, 15),
            utc(2027, 10, 31, 0, 30),
        ),
        (
            {**PRAGUE_NIGHT, "until": "02:30"},
            utc(2027, 10, 31, 0, 45),
            utc(2027, 10, 31, 1),
            None,
            utc(2027, 10, 31, 1, 30),
        ),
    ],
    ids=["night", "noon", "spring until", "spring from", "autumn first", "autumn second"],
)
def test_what_is_due_in_quiet_hours_waits_for_their_end(
    create_client, look, api, deliver, clock, hours, last_before, begin, last_inside, end
):
    for now in (begin, last_inside or end - MICROSECOND):
        client = create_client(quiet_hours=hours)
        waiting = look(client, now)
        assert (waiting["status"], waiting["attempt_count"], waiting["attempts"]) == ("pending", 0, [])
        assert moment(waiting["next_attempt_at"]) == end
        clock.freeze(end - MICROSECOND)
        deliver()
        assert len(client.inbox) == 0
        clock.freeze(end)
        deliver()
        assert delivery_of(api, client)["status"] == "delivered"
        api.delete(client.url)

    if last_before:
        client = create_client(quiet_hours=hours)
        assert look(client, last_before)["status"] == "delivered"


def test_all_attempts_are_left_after_the_quiet_hours(api, create_client, look, deliver, clock):
    client = create_client(quiet_hours=PRAGUE_NIGHT)
    client.inbox.answer(Answer(500), Answer(200))
    end = moment(look(client, utc(2027, 5, 1, 23))["next_attempt_at"])

    clock.freeze(end)
    deliver()

    delivery = delivery_of(api, client)
    assert (delivery["status"], errors_of(delivery)) == ("pending", ["bad_status"])
    assert 4 <= (moment(delivery["next_attempt_at"]) - end).total_seconds() <= 6


def test_a_retry_that_is_planned_into_quiet_hours_moves_only_when_it_is_due(api, create_client, look, deliver, clock):
    client = create_client(quiet_hours=PRAGUE_NIGHT)
    client.inbox.answer(Answer(500), Answer(200))
    just_before = utc(2027, 5, 1, 20) - timedelta(seconds=1)

    planned = moment(look(client, just_before)["next_attempt_at"])
    clock.freeze(planned)
    deliver()

    assert 4 <= (planned - just_before).total_seconds() <= 6
    delivery = delivery_of(api, client)
    assert (delivery["attempt_count"], moment(delivery["next_attempt_at"])) == (1, utc(2027, 5, 2, 5))


def test_a_moved_delivery_keeps_its_time_until_it_is_retried(api, create_client, look, deliver, clock):
    client = create_client(quiet_hours=PRAGUE_NIGHT)
    moved = look(client, utc(2027, 5, 1, 23))

    in_quiet_hours = client.api.post(f"/v1/deliveries/{moved['id']}/retry")
    deliver()
    moved_again = delivery_of(api, client)
    client.api.patch(client.url, {"quiet_hours": None})
    deliver()
    without_quiet_hours = delivery_of(api, client)
    client.api.post(f"/v1/deliveries/{moved['id']}/retry")
    deliver()

    assert in_quiet_hours.status == 202
    assert moment(in_quiet_hours.json()["next_attempt_at"]) == clock.now()
    assert moved_again == without_quiet_hours == moved
    assert delivery_of(api, client)["status"] == "delivered"


def test_quiet_hours_that_are_removed_before_a_worker_looked_move_nothing(api, create_client, accepted, deliver, clock):
    client = create_client(quiet_hours=PRAGUE_NIGHT)
    now = clock.freeze(utc(2027, 5, 1, 23))
    accepted()
    at_first = delivery_of(api, client)

    client.api.patch(client.url, {"quiet_hours": None})
    deliver()

    assert moment(at_first["next_attempt_at"]) == now
    assert delivery_of(api, client)["status"] == "delivered"


def test_a_test_event_waits_and_a_preview_and_the_others_do_not(api, create_client, accepted, deliver, clock):
    client, other = create_client(quiet_hours=PRAGUE_NIGHT), create_client()
    clock.freeze(utc(2027, 5, 1, 23))

    tested = client.api.post(f"{client.url}/test")
    preview = client.api.post(f"{client.url}/preview", EXAMPLE)
    accepted()
    deliver()

    assert (tested.status, preview.status) == (202, 200)
    waiting = api.get(f"/v1/deliveries?client={client.slug}").json()["results"]
    assert [row["status"] for row in waiting] == ["pending"] * 2
    assert {moment(row["next_attempt_at"]) for row in waiting} == {utc(2027, 5, 2, 5)}
    assert (len(client.inbox), len(other.inbox)) == (0, 1)
