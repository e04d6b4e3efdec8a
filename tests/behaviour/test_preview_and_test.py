"""A client's trials: a preview, which stores nothing, and a test event, which is delivered like any event."""

import json
import re
from datetime import UTC, datetime

import pytest
from event_cases import whole

from harness.examples import EXAMPLE, event
from harness.problems import assert_problem
from harness.receiver import Answer

EVENT_ID = re.compile("evt_[0-7][0-9A-HJKMNP-TV-Z]{25}")

FORMATS = [
    ("std_json", {"mask": ["customer.email"], "rename": {"amount": "sum"}, "null_policy": "omit"}),
    ("flat_camel@1", {"minor_units": {"USD": 3}, "event_aliases": {"payment.captured": "PAID"}}),
    ("flat_camel@2", {"null_policy": "empty"}),
    ("xml_bank", {"timezone": "Asia/Kolkata", "mask": ["customer.iban"]}),
    ("form_legacy", {"timezone": "Europe/Berlin"}),
    ("cloudevents", {"mask": ["customer.name"]}),
    ("slack_blocks", {"threshold": {"USD": "10"}}),
    ("csv", {"rename": {"failure[code]": "code"}}),
]


@pytest.fixture
def nothing_stored(database):
    def check():
        return all(
            database.value(f"SELECT count(*) FROM webhooks_{table}") == 0 for table in ("event", "delivery", "attempt")
        )

    return check


# Preview


@pytest.mark.parametrize(("format_name", "options"), FORMATS)
def test_a_preview_is_what_a_delivery_then_sends(create_client, accepted, deliver, api, format_name, options):
    client = create_client(format=format_name, options=options)
    changes = whole({"/data/amount": "1234.5"})

    preview = api.post(f"{client.url}/preview", event(changes))
    event_id = accepted(changes)
    deliver()

    sent = client.inbox.last
    previewed_id = preview.headers["webhook-id"]
    assert preview.status == 200
    assert preview.content_type == sent.headers["content-type"]
    # Only cloudevents writes the event's id into the body.
    assert preview.body.replace(previewed_id.encode(), event_id.encode()) == sent.body


def test_a_preview_in_cloudevents_holds_its_own_webhook_id(create_client, api):
    client = create_client(format="cloudevents")

    preview = api.post(f"{client.url}/preview", EXAMPLE)

    assert preview.json()["id"] == preview.headers["webhook-id"]


def test_every_preview_has_a_fresh_id_that_names_no_event(create_client, api):
    client = create_client()

    previews = [api.post(f"{client.url}/preview", EXAMPLE) for _ in range(3)]

    ids = {preview.headers["webhook-id"] for preview in previews}
    assert len(ids) == 3
    for event_id in ids:
        assert EVENT_ID.fullmatch(event_id)
        assert_problem(api.get(f"/v1/events/{event_id}"), 404)


def test_a_preview_is_not_signed(create_client, api):
    client = create_client()

    preview = api.post(f"{client.url}/preview", EXAMPLE)

    names = {name.lower() for name in preview.headers if name.lower().startswith("webhook")}
    assert names == {"webhook-id"}


def test_a_preview_stores_nothing_and_sends_nothing(create_client, deliver, receiver, api, nothing_stored):
    client = create_client()

    api.post(f"{client.url}/preview", EXAMPLE)
    client.api.post(f"{client.url}/preview", EXAMPLE)
    deliver()

    assert nothing_stored()
    assert receiver.requests == []


def test_a_preview_of_an_event_that_the_format_skips_has_no_content(create_client, api):
    client = create_client(format="slack_blocks", options={"threshold": {"USD": "10.11"}})

    below = api.post(f"{client.url}/preview", event(data__amount="10.10"))
    at_threshold = api.post(f"{client.url}/preview", event(data__amount="10.11"))

    assert below.status == 204
    assert below.body == b""
    assert below.headers["webhook-skipped"] == "below_threshold"
    assert at_threshold.status == 200
    assert "webhook-skipped" not in at_threshold.headers


def test_a_client_previews_for_itself_what_an_operator_would(create_client, api):
    client = create_client(format="csv")

    own = client.api.post(f"{client.url}/preview", EXAMPLE)
    operators = api.post(f"{client.url}/preview", EXAMPLE)

    assert own.status == 200
    assert own.body == operators.body


def test_a_preview_follows_the_client_as_it_is_now(create_client, api):
    client = create_client()
    csv = {"name": "csv", "version": 1, "options": {}}
    api.patch(client.url, {"format": csv, "status": "disabled"})

    preview = api.post(f"{client.url}/preview", EXAMPLE)

    assert preview.status == 200
    assert preview.content_type == "text/csv; charset=utf-8; header=present"


def test_a_preview_of_a_bad_event_names_its_bad_members(create_client, api, nothing_stored):
    client = create_client()
    bad = event({"/data/amount": 1, "/data/x~y": 1, "/occurred_at": "today"})

    response = client.api.post(f"{client.url}/preview", bad)

    assert_problem(response, 422, {"/data/amount", "/data/x~0y", "/occurred_at"})
    assert nothing_stored()


PREVIEW_REFUSALS = [  # each request also has a mistake that a later check would find
    (401, "POST", {"key": None, "body": b"{"}),
    (404, "POST", {"client_key": True, "slug": "other", "body": json.dumps({}).encode()}),
    (405, "GET", {}),
    (405, "PATCH", {"body": b"{"}),
    (413, "POST", {"body": b" " * 256 * 1024 + b"{", "content_type": "text/plain"}),
    (415, "POST", {"slug": "nobody", "body": b"{", "content_type": "text/plain"}),
    (400, "POST", {"slug": "nobody", "body": b"{"}),
    (404, "POST", {"slug": "nobody", "body": json.dumps({}).encode()}),
    (422, "POST", {"body": json.dumps({}).encode()}),
]


@pytest.mark.parametrize(("status", "method", "how"), PREVIEW_REFUSALS)
def test_a_preview_is_refused_in_the_order_of_all_requests(create_client, api, nothing_stored, status, method, how):
    client = create_client(slug="own")
    create_client(slug="other")
    how = dict(how)
    through = client.api if how.pop("client_key", False) else api.as_key(how.pop("key", api.key))
    target = f"/v1/clients/{how.pop('slug', 'own')}/preview"

    assert_problem(through.request(method, target, **how), status)
    assert nothing_stored()


def test_there_is_no_preview_for_a_deleted_client(create_client, api):
    client = create_client()
    api.delete(client.url)

    assert_problem(api.post(f"{client.url}/preview", EXAMPLE), 404)


# Test


@pytest.mark.parametrize("role", ["operator", "client"])
@pytest.mark.parametrize("body", [None, b"{}"])
def test_a_test_is_accepted_without_a_body_or_with_an_empty_object(create_client, api, role, body):
    client = create_client()
    through = client.api if role == "client" else api

    response = through.post(f"{client.url}/test", body=body)

    assert response.status == 202
    assert set(response.json()) == {"id", "deliveries"}
    assert EVENT_ID.fullmatch(response.json()["id"])
    assert response.json()["deliveries"] == 1


def test_a_test_is_the_contracts_example_and_occurred_now(create_client, api, clock):
    client = create_client()
    clock.freeze(datetime(2031, 5, 6, 7, 8, 9, 123456, tzinfo=UTC))

    event_id = api.post(f"{client.url}/test").json()["id"]

    shown = api.get(f"/v1/events/{event_id}").json()
    occurred_now = {**EXAMPLE, "occurred_at": "2031-05-06T07:08:09.123456Z"}
    assert json.dumps(shown) == json.dumps({"id": event_id, **occurred_now})


def test_a_test_goes_to_its_client_alone(create_client, deliver, receiver, api):
    create_client()
    client = create_client()
    create_client()

    event_id = api.post(f"{client.url}/test").json()["id"]
    deliver()

    rows = api.get(f"/v1/deliveries?event={event_id}").json()["results"]
    assert [row["client"] for row in rows] == [client.slug]
    assert [request.path for request in receiver.requests] == [client.inbox.path]


def test_a_test_event_reaches_a_client_without_a_subscription(create_client, deliver):
    client = create_client(event_types=["payout.paid"])

    assert client.api.post(f"{client.url}/test").json()["deliveries"] == 1
    deliver()

    assert len(client.inbox) == 1


def test_a_test_is_signed_tried_again_and_recorded_like_any_delivery(create_client, deliver, clock, api):
    client = create_client(format="form_legacy")
    client.inbox.answer(Answer(500, b"oops"), Answer(200, b"[accepted]"))
    event_id = client.api.post(f"{client.url}/test").json()["id"]

    deliver()
    clock.move(seconds=7)
    deliver()

    first, second = client.inbox.requests
    assert first.body == second.body == client.api.get(f"/v1/events/{event_id}").body
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == event_id
    assert first.headers["webhook-signature"].startswith("v1,")
    (row,) = api.get(f"/v1/deliveries?event={event_id}").json()["results"]
    assert (row["status"], row["attempt_count"]) == ("delivered", 2)


def test_every_test_is_an_event_of_its_own(create_client, api):
    client = create_client()

    ids = [client.api.post(f"{client.url}/test").json()["id"] for _ in range(3)]

    assert len(set(ids)) == 3
    listed = [row["id"] for row in client.api.get("/v1/deliveries").json()["results"]]
    assert len(listed) == 3
    assert [row["id"] for row in api.get("/v1/events").json()["results"]] == ids[::-1]


def test_a_test_that_the_format_skips_counts_and_is_not_sent(create_client, deliver, api):
    client = create_client(format="slack_blocks", options={"threshold": {"USD": "10.11"}})

    accepted = api.post(f"{client.url}/test").json()
    deliver()

    (row,) = api.get(f"/v1/deliveries?event={accepted['id']}").json()["results"]
    assert accepted["deliveries"] == 1
    assert (row["status"], row["skip_reason"]) == ("skipped", "below_threshold")
    assert client.api.get(f"/v1/events/{accepted['id']}").status == 204
    assert len(client.inbox) == 0


def test_a_test_of_a_disabled_client_waits(create_client, deliver, api):
    client = create_client()
    api.patch(client.url, {"status": "disabled"})

    response = client.api.post(f"{client.url}/test")
    deliver()

    (row,) = api.get("/v1/deliveries").json()["results"]
    assert (response.status, response.json()["deliveries"]) == (202, 1)
    assert (row["status"], row["attempt_count"]) == ("pending", 0)
    assert len(client.inbox) == 0

    api.patch(client.url, {"status": "active"})
    deliver()
    assert len(client.inbox) == 1


TEST_REFUSALS = [
    (401, "own", "anonymous", b""),
    (404, "nobody", "operator", b'{"x": 1}'),
    (404, "other", "client", b'{"x": 1}'),
    (404, "deleted", "operator", b""),
    (400, "own", "operator", b"{"),
    (422, "own", "operator", b'{"x": 1}'),
    (422, "own", "operator", b"[]"),
]


@pytest.mark.parametrize(("status", "slug", "role", "body"), TEST_REFUSALS)
def test_a_refused_test_stores_nothing(create_client, api, nothing_stored, status, slug, role, body):
    client = create_client(slug="own")
    create_client(slug="other")
    api.delete(create_client(slug="deleted").url)
    through = {"operator": api, "client": client.api, "anonymous": api.anonymous()}[role]

    assert_problem(through.post(f"/v1/clients/{slug}/test", body=body), status)
    assert nothing_stored()
