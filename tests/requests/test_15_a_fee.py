"""Request 15: an event may have a fee, and each format writes it directly after the amount."""

import jsonschema
import pytest
from event_cases import AMOUNTS, NO_AMOUNTS

from harness.examples import event
from harness.problems import assert_problem

SLACK = {"threshold": {"USD": "10.00"}}
PLACES = [  # format, its options, and for each place: the end of the amount, and what a fee adds behind it
    ("std_json@1", {}, [('"amount":"10.10",', '"fee":"0.30",')]),
    ("cloudevents@1", {}, [('"amount":"10.10",', '"fee":"0.30",')]),
    ("flat_camel@1", {}, [('"amountMinor":1010,', '"feeMinor":30,')]),
    ("flat_camel@2", {}, [('"amount":{"value":1010,"currency":"USD"},', '"fee":{"value":30,"currency":"USD"},')]),
    ("xml_bank@1", {}, [('<Amount ccy="USD">10.10</Amount>', '<Fee ccy="USD">0.30</Fee>')]),
    ("form_legacy@1", {}, [("&amount=10%2C10", "&fee=0%2C30")]),
    ("csv@1", {}, [(";amount;", "fee;"), (";10,10;", "0,30;")]),
    ("slack_blocks@1", SLACK, [("* $10.10", " (fee $0.30)")]),
]
RENAMED = [  # format, rename, the end of the amount, and the fee behind it
    ("std_json@1", {"fee": "charge"}, '"amount":"10.10",', '"charge":"0.30",'),
    ("std_json@1", {"amount": "fee", "fee": "charge"}, '"fee":"10.10",', '"charge":"0.30",'),
    ("std_json@1", {"amount": "fee", "fee": "amount"}, '"fee":"10.10",', '"amount":"0.30",'),
    ("flat_camel@1", {"feeMinor": "charge"}, '"amountMinor":1010,', '"charge":30,'),
    ("flat_camel@2", {"fee": "charge"}, '"currency":"USD"},', '"charge":{"value":30,"currency":"USD"},'),
    ("form_legacy@1", {"fee": "charge"}, "&amount=10%2C10", "&charge=0%2C30"),
    ("csv@1", {"fee": "charge"}, ";amount;", "charge;"),
]
TAKEN = [
    ("std_json@1", {"amount": "fee"}),
    ("flat_camel@1", {"currency": "feeMinor"}),
    ("flat_camel@2", {"paymentId": "fee"}),
    ("form_legacy@1", {"reference": "fee"}),
    ("csv@1", {"amount": "fee"}),
]


def body_of(api, client, fee=None):
    """The body of a preview, for the example event with this fee or, for None, without the member."""
    document = event() if fee is None else event(data__fee=fee)
    response = api.post(f"{client.url}/preview", document)
    assert response.status == 200, response.body
    return response.text.replace(response.headers["webhook-id"], "{id}")


@pytest.mark.parametrize(("format", "options", "places"), PLACES, ids=[place[0] for place in PLACES])
def test_each_format_writes_the_fee_directly_after_the_amount(
    create_client, api, accepted, deliver, format, options, places
):
    client = create_client(format=format, options=options)
    expected = body_of(api, client)
    for amount, fee in places:
        assert amount in expected
        expected = expected.replace(amount, amount + fee)

    event_id = accepted(data__fee="0.3")
    deliver()

    assert client.inbox.last.body.decode().replace(event_id, "{id}") == expected
    assert body_of(api, client, "0.3") == expected


@pytest.mark.parametrize("null_policy", ["keep", "omit", "empty"])
def test_a_fee_of_null_is_written_nowhere(create_client, accepted, deliver, api, null_policy):
    client = create_client(options={"null_policy": null_policy})
    without = body_of(api, client)

    event_id = accepted(data__fee=None)
    deliver()

    assert client.inbox.last.body.decode() == without
    assert "fee" not in api.get(f"/v1/events/{event_id}").json()["data"]


def test_a_fee_is_normalised_and_shown_as_the_amount_is(accepted, api):
    for currency, posted, stored in AMOUNTS:
        event_id = accepted(data__currency=currency, data__amount="1", data__fee=posted)

        shown = api.get(f"/v1/events/{event_id}").json()["data"]
        listed = api.get("/v1/events?limit=1").json()["results"][0]["data"]

        assert shown["fee"] == stored
        assert list(shown)[:4] == ["payment_id", "amount", "fee", "currency"]
        assert list(listed.items()) == list(shown.items())


def test_a_bad_fee_is_refused_as_a_bad_amount_is(create_client, post_event, api, database):
    client = create_client()
    before = database.snapshot()
    bad = [*NO_AMOUNTS, *(("USD", value) for value in ("", 5, 0.3, True, ["1"], {"value": "1"}))]

    for currency, fee in bad:
        changes = {"/data/currency": currency, "/data/amount": "1", "/data/fee": fee}
        assert_problem(post_event(changes), 422, {"/data/fee"})
    assert_problem(api.post(f"{client.url}/preview", event(data__fee="0.301")), 422, {"/data/fee"})
    assert_problem(post_event(data__amount="-1", data__fee="-1"), 422, {"/data/amount", "/data/fee"})
    assert_problem(post_event(data__currency="XXX", data__fee="0.301"), 422, {"/data/currency"})

    assert database.snapshot() == before


def test_minor_units_apply_to_the_fee_and_a_threshold_looks_at_the_amount_alone(create_client, api):
    flat = create_client(format="flat_camel@1", options={"minor_units": {"USD": 1}})
    slack = create_client(format="slack_blocks@1", options=SLACK)
    fees = {"0.25": 2, "0.35": 4, "1": 10}

    found = {fee: api.post(f"{flat.url}/preview", event(data__fee=fee)).json().get("feeMinor") for fee in fees}
    small = api.post(f"{slack.url}/preview", event(data__amount="9.00", data__fee="20.00"))

    assert found == fees
    assert small.status == 204


@pytest.mark.parametrize(("format", "rename", "amount", "fee"), RENAMED)
def test_a_renamed_fee_keeps_its_place(create_client, api, format, rename, amount, fee):
    client = create_client(format=format, options={"rename": rename})

    body = body_of(api, client, "0.30")

    assert amount + fee in body


def test_the_fee_is_a_field_of_rename_for_its_checks_and_in_the_schema(create_client, client_document, api):
    refused = {}
    for rename in ({"fee": "amount"}, {"fee": "total", "amount": "total"}, {"fee": "1st"}):
        format = {"name": "csv", "version": 1, "options": {"rename": rename}}
        refused[str(rename)] = api.post("/v1/clients", client_document(format=format))
    schemas = {
        f"{format['name']}@{version['version']}": version["options"]
        for format in api.get("/v1/formats").json()
        for version in format["versions"]
    }

    for format, rename, _, _ in RENAMED:
        jsonschema.validate({"rename": rename}, schemas[format])
    for response in refused.values():
        problem = assert_problem(response, 422)
        assert all(error["pointer"].startswith("/format/options/rename") for error in problem["errors"])


@pytest.mark.parametrize(("format", "rename"), TAKEN)
def test_a_client_that_gave_the_name_to_another_field_gets_no_fee(
    create_client, api, accepted, deliver, format, rename
):
    client = create_client(format=format, options={"rename": rename})
    without = body_of(api, client)

    accepted(data__fee="0.30")
    deliver()

    assert client.inbox.last.body.decode() == without


def test_the_api_description_has_the_fee_next_to_the_amount_and_never_requires_it(api):
    document = api.get("/v1/openapi.json").json()

    data = [
        schema
        for schema in document["components"]["schemas"].values()
        if {"payment_id", "amount"} <= set(schema.get("properties", {}))
    ]

    assert data
    for schema in data:
        assert "fee" in schema["properties"]
        assert "fee" not in schema.get("required", [])
