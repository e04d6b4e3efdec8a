"""Events: accepted and stored values, refused values with their pointers, deliveries, and reading an event."""

import json
import re

import pytest
from event_cases import (
    AMOUNTS,
    EMAILS,
    FREE_TEXTS,
    IDS,
    KEPT_AS_THEY_ARE,
    LIMITS,
    MEMBERS,
    NO_AMOUNTS,
    NO_CURRENCIES,
    NO_EMAILS,
    NO_IDS,
    NO_TIMES,
    NO_TYPES,
    NULLABLE,
    OBJECTS,
    STRINGS,
    TIMES,
    TYPES,
    UNKNOWN_NAMES,
    WRONG_TYPES,
    at,
    whole,
)

from harness.examples import ABSENT, EXAMPLE, event
from harness.problems import assert_problem
from harness.receiver import Answer

EVENT_ID = re.compile("evt_[0-7][0-9A-HJKMNP-TV-Z]{25}")
DELIVERY_ID = re.compile("dlv_[0-7][0-9A-HJKMNP-TV-Z]{25}")


@pytest.fixture
def kept(accepted, api):
    """Posts the example with changes and returns the event as an operator then reads it."""

    def post_and_get(*args, **kwargs):
        response = api.get(f"/v1/events/{accepted(*args, **kwargs)}")
        assert response.status == 200
        return response.json()

    return post_and_get


@pytest.fixture
def deliveries_of(api):
    """An event's deliveries, by client."""

    def get(event_id):
        rows = api.get(f"/v1/deliveries?event={event_id}").json()["results"]
        return {row["client"]: row for row in rows}

    return get


# Accepted values


def test_an_accepted_event_gets_an_id_and_the_count_of_its_deliveries(post_event, create_client):
    create_client()
    create_client()

    response = post_event()

    assert response.status == 202
    assert response.content_type == "application/json"
    assert set(response.json()) == {"id", "deliveries"}
    assert EVENT_ID.fullmatch(response.json()["id"])
    assert response.json()["deliveries"] == 2


def test_an_event_without_clients_is_accepted(post_event):
    assert post_event().json()["deliveries"] == 0


@pytest.mark.parametrize("event_type", TYPES)
def test_each_type_is_accepted(kept, event_type):
    assert kept(type=event_type)["type"] == event_type


@pytest.mark.parametrize(("posted", "shown"), TIMES)
def test_a_time_is_kept_in_utc_to_the_microsecond(kept, posted, shown):
    assert kept(occurred_at=posted)["occurred_at"] == shown


@pytest.mark.parametrize(("currency", "posted", "shown"), AMOUNTS)
def test_an_amount_is_kept_with_the_decimals_of_its_currency(kept, currency, posted, shown):
    data = kept(data__currency=currency, data__amount=posted)["data"]

    assert (data["currency"], data["amount"]) == (currency, shown)


@pytest.mark.parametrize(("pointer", "limit", "character"), LIMITS)
def test_a_text_of_just_its_limit_is_kept_whole(kept, pointer, limit, character):
    text = character * limit

    assert at(kept(whole({pointer: text})), pointer) == text


@pytest.mark.parametrize("text", KEPT_AS_THEY_ARE)
def test_free_text_is_neither_trimmed_nor_changed(kept, text):
    event = kept(whole(dict.fromkeys(FREE_TEXTS, text)))

    assert {pointer: at(event, pointer) for pointer in FREE_TEXTS} == dict.fromkeys(FREE_TEXTS, text)


def test_an_id_may_hold_every_visible_ascii_character(kept):
    visible = "".join(map(chr, range(0x21, 0x7F)))
    halves = {"/data/payment_id": visible[:47], "/data/customer/id": visible[47:]}

    event = kept(halves)

    assert {pointer: at(event, pointer) for pointer in halves} == halves


@pytest.mark.parametrize("email", EMAILS, ids=len)
def test_an_email_of_up_to_254_characters_needs_one_at_sign_inside(kept, email):
    assert kept(data__customer__email=email)["data"]["customer"]["email"] == email


@pytest.mark.parametrize("pointer", NULLABLE)
def test_a_nullable_member_may_be_null(kept, pointer):
    assert at(kept(whole({pointer: None})), pointer) is None


def test_text_may_be_posted_as_plain_utf_8(api):
    body = json.dumps(event(data__customer__name="Zoë \N{GRINNING FACE}"), ensure_ascii=False)

    response = api.post("/v1/events", body=body.encode(), headers={"Idempotency-Key": "1"})

    shown = api.get(f"/v1/events/{response.json()['id']}").json()
    assert shown["data"]["customer"]["name"] == "Zoë \N{GRINNING FACE}"


def test_escapes_in_json_mean_the_characters_they_stand_for(api):
    body = json.dumps(event(data__customer__name="@")).replace('"@"', r'"\ud83d\ude00\u00e9\/"')

    response = api.post("/v1/events", body=body.encode(), headers={"Idempotency-Key": "1"})

    shown = api.get(f"/v1/events/{response.json()['id']}").json()
    assert shown["data"]["customer"]["name"] == "\N{GRINNING FACE}é/"


# Refused values and their pointers


@pytest.mark.parametrize("event_type", NO_TYPES)
def test_any_other_type_is_refused(post_event, event_type):
    assert_problem(post_event(type=event_type), 422, {"/type"})


@pytest.mark.parametrize("time", NO_TIMES)
def test_a_malformed_or_impossible_time_is_refused(post_event, time):
    assert_problem(post_event(occurred_at=time), 422, {"/occurred_at"})


@pytest.mark.parametrize("currency", NO_CURRENCIES)
def test_a_currency_that_is_not_in_use_is_refused_and_its_amount_not_judged(post_event, currency):
    response = post_event(data__currency=currency, data__amount="1.23456")

    assert_problem(response, 422, {"/data/currency"})


@pytest.mark.parametrize(("currency", "amount"), NO_AMOUNTS)
def test_an_amount_that_its_currency_cannot_have_is_refused(post_event, currency, amount):
    response = post_event(data__currency=currency, data__amount=amount)

    assert_problem(response, 422, {"/data/amount"})


def test_a_malformed_amount_is_refused_together_with_a_bad_currency(post_event):
    response = post_event(data__currency="usd", data__amount="1e3")

    assert_problem(response, 422, {"/data/currency", "/data/amount"})


@pytest.mark.parametrize("number", ["10.10", "1e400", "-1e400", "9" * 5000, "0", "-0"], ids=len)
@pytest.mark.parametrize("pointer", ["/data/amount", "/occurred_at", "/data/customer/name"])
def test_a_json_number_is_no_string_however_it_is_written(api, pointer, number):
    body = json.dumps(event({pointer: "@"})).replace('"@"', number)

    response = api.post("/v1/events", body=body.encode(), headers={"Idempotency-Key": "1"})

    assert_problem(response, 422, {pointer})


@pytest.mark.parametrize(("pointer", "limit", "character"), LIMITS)
def test_a_text_of_one_code_point_over_its_limit_is_refused(post_event, pointer, limit, character):
    assert_problem(post_event(whole({pointer: character * (limit + 1)})), 422, {pointer})


@pytest.mark.parametrize("text", NO_IDS)
@pytest.mark.parametrize("pointer", IDS)
def test_an_id_of_other_than_visible_ascii_is_refused(post_event, pointer, text):
    assert_problem(post_event({pointer: text}), 422, {pointer})


@pytest.mark.parametrize("email", NO_EMAILS, ids=lambda email: email[-4:])
def test_any_other_email_is_refused(post_event, email):
    assert_problem(post_event(data__customer__email=email), 422, {"/data/customer/email"})


@pytest.mark.parametrize("pointer", STRINGS)
def test_an_empty_string_is_refused(post_event, pointer):
    assert_problem(post_event(whole({pointer: ""})), 422, {pointer})


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "\ude00\ud83d"])
@pytest.mark.parametrize("pointer", STRINGS)
def test_nul_and_lone_surrogates_are_refused(post_event, pointer, text):
    assert_problem(post_event(whole({pointer: text})), 422, {pointer})


@pytest.mark.parametrize("value", WRONG_TYPES, ids=repr)
@pytest.mark.parametrize("pointer", STRINGS)
def test_no_other_json_type_is_taken_for_a_string(post_event, pointer, value):
    assert_problem(post_event(whole({pointer: value})), 422, {pointer})


@pytest.mark.parametrize("value", ["text", "", 7, True, [], [{}]], ids=repr)
@pytest.mark.parametrize("pointer", OBJECTS)
def test_no_other_json_type_is_taken_for_an_object(post_event, pointer, value):
    assert_problem(post_event(whole({pointer: value})), 422, {pointer})


@pytest.mark.parametrize("body", [b'"event"', b"7", b"true", b"null", b"[]", b"[{}]"])
def test_an_event_is_an_object(api, body):
    response = api.post("/v1/events", body=body, headers={"Idempotency-Key": "1"})

    assert_problem(response, 422, {""})


@pytest.mark.parametrize("pointer", sorted(set(MEMBERS) - set(NULLABLE)))
def test_other_members_are_never_null(post_event, pointer):
    assert_problem(post_event(whole({pointer: None})), 422, {pointer})


@pytest.mark.parametrize("pointer", MEMBERS)
def test_a_missing_member_is_named_itself(post_event, pointer):
    assert_problem(post_event(whole({pointer: ABSENT})), 422, {pointer})


def test_an_empty_object_misses_each_of_its_members(post_event):
    response = post_event(data__failure={})

    assert_problem(response, 422, {"/data/failure/code", "/data/failure/message"})


@pytest.mark.parametrize("parent", ["", *OBJECTS])
def test_an_unknown_member_is_named_where_it_stands(api, parent):
    document = event(whole())
    at(document, parent)["extra"] = None

    response = api.post("/v1/events", document, headers={"Idempotency-Key": "1"})

    assert_problem(response, 422, {f"{parent}/extra"})


@pytest.mark.parametrize(("name", "written"), UNKNOWN_NAMES)
def test_the_name_of_an_unknown_member_is_escaped_as_pointers_are(api, name, written):
    document = event()
    document["data"][name] = None

    response = api.post("/v1/events", document, headers={"Idempotency-Key": "1"})

    assert_problem(response, 422, {f"/data/{written}"})


def test_pointers_of_several_unknown_members_stay_apart(api):
    document = {**event(), "a/b": 1, "a~1b": 1, "a": {"b": 1}}

    response = api.post("/v1/events", document, headers={"Idempotency-Key": "1"})

    assert_problem(response, 422, {"/a~1b", "/a~01b", "/a"})


@pytest.mark.parametrize("name", ["id", "payment_id", "created_at", "idempotency_key", "public_id"])
def test_a_member_of_another_place_is_unknown(post_event, name):
    assert_problem(post_event({f"/{name}": "evt_1"}), 422, {f"/{name}"})


def test_every_bad_member_is_named_once_and_nothing_else(post_event):
    response = post_event(
        {
            "/type": "payment.lost",
            "/occurred_at": 1795354044,
            "/sent_at": "2026-11-22T13:27:24Z",
            "/data/payment_id": "pay 01",
            "/data/amount": "-1",
            "/data/currency": "usd",
            "/data/status": "",
            "/data/ammount": "10.10",
            "/data/customer": {"id": "cus_1", "name": "\0", "email": "zoe", "phone": {"a": {}}},
            "/data/reference": ABSENT,
            "/data/failure": {"code": "c" * 33, "message": None},
        }
    )

    expected = {
        "/type",
        "/occurred_at",
        "/sent_at",
        "/data/payment_id",
        "/data/amount",
        "/data/currency",
        "/data/status",
        "/data/ammount",
        "/data/customer/name",
        "/data/customer/email",
        "/data/customer/iban",
        "/data/customer/phone",
        "/data/reference",
        "/data/failure/code",
        "/data/failure/message",
    }
    assert_problem(response, 422, expected)


def test_a_refused_event_leaves_nothing(post_event, create_client, api, database):
    create_client()

    post_event(data__customer__iban=7)

    assert api.get("/v1/events").json()["results"] == []
    assert database.value("SELECT count(*) FROM webhooks_event") == 0
    assert database.value("SELECT count(*) FROM webhooks_delivery") == 0


# Reading events as an operator


def test_an_operator_reads_the_event_with_its_members_in_order(accepted, api):
    changes = whole({"/data/amount": "010.1", "/occurred_at": "2026-11-22T14:27:24.5+01:00"})
    event_id = accepted(changes)

    response = api.get(f"/v1/events/{event_id}")

    expected = event(changes)
    expected["occurred_at"] = "2026-11-22T13:27:24.500000Z"
    expected["data"]["amount"] = "10.10"
    assert response.content_type == "application/json"
    assert json.dumps(response.json()) == json.dumps({"id": event_id, **expected})


def test_the_order_in_which_members_were_posted_does_not_matter(api):
    def backwards(value):
        if not isinstance(value, dict):
            return value
        return {name: backwards(inner) for name, inner in reversed(value.items())}

    posted = api.post("/v1/events", backwards(EXAMPLE), headers={"Idempotency-Key": "1"})

    shown = api.get(f"/v1/events/{posted.json()['id']}").json()
    assert json.dumps(shown) == json.dumps({"id": posted.json()["id"], **EXAMPLE})


def test_the_page_of_events_is_newest_first_and_shows_each_as_it_is_read_alone(accepted, api):
    ids = [accepted(type=event_type) for event_type in TYPES[:3]]

    page = api.get("/v1/events").json()

    assert page["next"] is None
    assert page["previous"] is None
    alone = [api.get(f"/v1/events/{event_id}").json() for event_id in reversed(ids)]
    assert json.dumps(page["results"]) == json.dumps(alone)


def test_events_are_ordered_by_acceptance_not_by_when_they_occurred(accepted, api):
    ids = [accepted(occurred_at=f"{year}-01-01T00:00:00Z") for year in (2020, 1990, 2030)]

    shown = [row["id"] for row in api.get("/v1/events").json()["results"]]

    assert shown == ids[::-1]


def test_the_page_of_one_type_holds_no_other_on_any_further_page(accepted, api):
    wanted = [accepted(type="payout.paid") for _ in range(2)]
    accepted(type="payment.failed")
    wanted.append(accepted(type="payout.paid"))

    first = api.get("/v1/events?type=payout.paid&limit=2").json()
    second = api.get(first["next"]).json()

    shown = [row["id"] for row in first["results"] + second["results"]]
    assert shown == wanted[::-1]
    assert second["next"] is None


@pytest.mark.parametrize("event_id", ["evt_01ARZ3NDEKTSV4RRFFQ69G5FAV", "evt_", "1", "%00", "%ED%A0%80"])
def test_an_unknown_event_is_not_found(api, event_id):
    assert_problem(api.get(f"/v1/events/{event_id}"), 404)


# Reading an event as a client

READ_AS = [
    ("std_json", {"mask": ["customer.name"]}, "application/json"),
    ("flat_camel@1", {}, "application/json"),
    ("flat_camel@2", {"null_policy": "keep"}, "application/json"),
    ("xml_bank", {"timezone": "Europe/Berlin"}, "application/xml; charset=utf-8"),
    ("form_legacy", {}, "application/x-www-form-urlencoded; charset=utf-8"),
    ("cloudevents", {}, "application/cloudevents+json; charset=utf-8"),
    ("slack_blocks", {"threshold": {"USD": "1"}}, "application/json"),
    ("csv", {}, "text/csv; charset=utf-8; header=present"),
]


@pytest.mark.parametrize(("format_name", "options", "content_type"), READ_AS)
def test_a_client_reads_the_very_bytes_that_it_is_sent(
    accepted, create_client, deliver, api, format_name, options, content_type
):
    client = create_client(format=format_name, options=options)
    event_id = accepted()
    deliver()

    own = client.api.get(f"/v1/events/{event_id}")
    as_client = api.get(f"/v1/events/{event_id}?client={client.slug}")

    assert len(client.inbox) == 1
    for response in (own, as_client):
        assert response.status == 200
        assert response.body == client.inbox.last.body
        assert response.content_type == client.inbox.last.headers["content-type"] == content_type


def test_a_client_reads_its_body_before_it_was_sent(accepted, create_client):
    client = create_client()
    event_id = accepted()

    shown = client.api.get(f"/v1/events/{event_id}").json()

    assert shown == {
        "type": "payment.captured",
        "timestamp": "2026-11-22T13:27:24.123Z",
        "data": EXAMPLE["data"],
    }


def test_a_skipped_event_has_no_content_and_says_why(accepted, create_client, api):
    client = create_client(format="slack_blocks")
    event_id = accepted()

    own = client.api.get(f"/v1/events/{event_id}")
    as_client = api.get(f"/v1/events/{event_id}?client={client.slug}")

    for response in (own, as_client):
        assert response.status == 204
        assert response.body == b""
        assert response.headers["webhook-skipped"] == "below_threshold"


def test_an_event_that_was_not_delivered_to_a_client_is_not_found_for_it(accepted, create_client, api):
    payouts = create_client(event_types=["payout.paid"])
    create_client()
    event_id = accepted(type="payment.captured")
    late = create_client()

    for client in (payouts, late):
        assert_problem(client.api.get(f"/v1/events/{event_id}"), 404)
        assert_problem(api.get(f"/v1/events/{event_id}?client={client.slug}"), 404)


@pytest.mark.parametrize("slug", ["nobody", "", "%00", "%ED%A0%80", "%2A"])
def test_as_an_unknown_client_an_event_is_not_found(accepted, create_client, api, slug):
    create_client()
    event_id = accepted()

    assert_problem(api.get(f"/v1/events/{event_id}?client={slug}"), 404)


def test_an_operator_still_reads_what_a_deleted_client_was_sent(accepted, create_client, api):
    client = create_client()
    event_id = accepted()
    before = client.api.get(f"/v1/events/{event_id}")

    api.delete(client.url)

    after = api.get(f"/v1/events/{event_id}?client={client.slug}")
    assert after.status == 200
    assert after.body == before.body


# Which clients get a delivery

SUBSCRIPTIONS = {
    "everything": ["*"],
    "payments": ["payment.*"],
    "captures": ["payment.captured"],
    "failures-and-payouts": ["payment.failed", "payout.paid"],
    "overlapping": ["payment.captured", "payment.*", "*"],
}


@pytest.mark.parametrize(
    ("event_type", "subscribers"),
    [
        ("payment.authorized", {"everything", "payments", "overlapping"}),
        ("payment.captured", {"everything", "payments", "captures", "overlapping"}),
        ("payment.failed", {"everything", "payments", "failures-and-payouts", "overlapping"}),
        ("payment.refunded", {"everything", "payments", "overlapping"}),
        ("payout.paid", {"everything", "failures-and-payouts", "overlapping"}),
    ],
)
def test_a_client_gets_one_delivery_of_what_it_subscribed_to(
    post_event, create_client, deliveries_of, event_type, subscribers
):
    for slug, event_types in SUBSCRIPTIONS.items():
        create_client(slug=slug, event_types=event_types)

    accepted = post_event(type=event_type).json()

    assert set(deliveries_of(accepted["id"])) == subscribers
    assert accepted["deliveries"] == len(subscribers)


def test_deliveries_have_ids_of_their_own_and_are_due_at_once(accepted, create_client, deliveries_of, clock):
    now = clock.freeze().isoformat(timespec="microseconds").replace("+00:00", "Z")
    clients = [create_client(), create_client()]

    event_id = accepted()

    rows = deliveries_of(event_id)
    assert len({row["id"] for row in rows.values()}) == 2
    for client in clients:
        row = rows[client.slug]
        assert DELIVERY_ID.fullmatch(row["id"])
        assert row["event"] == event_id
        assert (row["status"], row["next_attempt_at"]) == ("pending", now)


def test_skipped_deliveries_count_among_the_deliveries(post_event, create_client, deliveries_of):
    skipping, sent = create_client(format="slack_blocks"), create_client()

    accepted = post_event().json()

    rows = deliveries_of(accepted["id"])
    assert accepted["deliveries"] == 2
    assert (rows[skipping.slug]["status"], rows[skipping.slug]["skip_reason"]) == (
        "skipped",
        "below_threshold",
    )
    assert (rows[sent.slug]["status"], rows[sent.slug]["skip_reason"]) == ("pending", None)


def test_the_rows_of_a_disabled_client_wait_until_it_is_enabled(post_event, create_client, deliveries_of, deliver, api):
    client = create_client()
    assert api.patch(client.url, {"status": "disabled"}).status == 200

    accepted = post_event().json()
    deliver()

    assert accepted["deliveries"] == 1
    assert deliveries_of(accepted["id"])[client.slug]["status"] == "pending"
    assert len(client.inbox) == 0

    api.patch(client.url, {"status": "active"})
    deliver()

    assert deliveries_of(accepted["id"])[client.slug]["status"] == "delivered"
    assert len(client.inbox) == 1


def test_a_deleted_client_gets_no_delivery(post_event, create_client, deliveries_of, api):
    deleted, other = create_client(), create_client()
    api.delete(deleted.url)

    accepted = post_event().json()

    assert accepted["deliveries"] == 1
    assert set(deliveries_of(accepted["id"])) == {other.slug}


# Frozen bodies, and failed rendering for one client


def test_a_body_keeps_its_format_and_ack_rule_whatever_the_client_changes(
    accepted, create_client, deliveries_of, deliver, api
):
    client = create_client(format="form_legacy", options={"mask": ["customer.iban"]})
    event_id = accepted()
    before = client.api.get(f"/v1/events/{event_id}")

    std_json = {"name": "std_json", "version": 1, "options": {}}
    assert api.patch(client.url, {"format": std_json, "name": "New Name"}).status == 200
    deliver()

    assert client.inbox.last.body == before.body
    assert client.inbox.last.headers["content-type"] == before.content_type
    assert client.api.get(f"/v1/events/{event_id}").body == before.body
    # An empty 200 acknowledges std_json, but this body was form_legacy's.
    assert deliveries_of(event_id)[client.slug]["status"] == "pending"


def test_a_retry_after_a_change_of_format_sends_the_first_body_again(accepted, create_client, deliver, clock, api):
    client = create_client()
    client.inbox.answer(Answer(500), Answer(200))
    accepted()
    deliver()

    csv = {"name": "csv", "version": 1, "options": {}}
    assert api.patch(client.url, {"format": csv, "event_types": ["payout.paid"]}).status == 200
    clock.move(seconds=7)
    deliver()

    first, second = client.inbox.requests
    assert second.body == first.body
    assert second.headers["content-type"] == first.headers["content-type"] == "application/json"


def test_events_accepted_after_a_change_get_the_new_format(accepted, create_client, deliver, api):
    client = create_client()
    old = accepted()
    csv = {"name": "csv", "version": 1, "options": {}}
    api.patch(client.url, {"format": csv})

    new = accepted()

    assert client.api.get(f"/v1/events/{old}").content_type == "application/json"
    assert client.api.get(f"/v1/events/{new}").content_type.startswith("text/csv")


def test_a_failing_rendering_ends_its_own_delivery_alone(
    post_event, create_client, deliveries_of, deliver, server, database, api
):
    first = create_client()
    broken = create_client(format="form_legacy")
    last = create_client()
    database.execute(
        "UPDATE clients_client SET format_options = ? WHERE slug = ?",
        '{"timezone": "Mars/Olympus_Mons"}',
        broken.slug,
    )

    accepted = post_event().json()
    deliver()

    assert accepted["deliveries"] == 3
    rows = deliveries_of(accepted["id"])
    dead = rows[broken.slug]
    assert (dead["status"], dead["attempt_count"], dead["next_attempt_at"]) == ("dead", 0, None)
    assert [len(client.inbox) for client in (first, broken, last)] == [1, 0, 1]
    assert [rows[client.slug]["status"] for client in (first, last)] == ["delivered"] * 2

    (line,) = [line for line in server.log().splitlines() if "render_failed" in line]
    logged = json.loads(line).values()
    assert all(name in logged for name in (accepted["id"], dead["id"], broken.slug))
    assert EXAMPLE["data"]["customer"]["iban"] not in line


def test_a_payment_may_have_many_events(accepted, api):
    ids = {accepted(type=event_type) for event_type in TYPES}

    assert len(ids) == len(TYPES)
    assert {row["id"] for row in api.get("/v1/events").json()["results"]} == ids
