"""A client cannot loosen its own settings: masks, event types, and a disablement by an operator."""

import pytest

from harness.problems import assert_problem
from harness.receiver import Answer

ALL_TYPES = [
    "payment.authorized",
    "payment.captured",
    "payment.failed",
    "payment.refunded",
    "payout.paid",
]


# Masks


def std_json(*mask):
    return {"name": "std_json", "version": 1, "options": {"mask": list(mask)} if mask else {}}


def patch_format(client, format):
    return client.api.patch(client.url, {"format": format})


def assert_nothing_loosened(client, response, api, before):
    """422 at the format, and the client is as it was."""
    problem = assert_problem(response, 422)
    assert [error["pointer"].split("/")[1] for error in problem["errors"]] == ["format"]
    assert api.get(client.url).json() == before


@pytest.mark.parametrize(
    "format",
    [
        std_json("customer.email"),
        std_json("customer.name"),
        std_json("customer.email", "customer.name"),
        std_json(),
        {"name": "std_json", "version": 1, "options": {"mask": []}},
        {"name": "std_json", "version": 1},
        {"name": "csv", "version": 1, "options": {"mask": ["customer.email"]}},
    ],
)
def test_a_client_cannot_remove_a_mask_entry(create_client, api, format):
    client = create_client(format=std_json("customer.email", "customer.iban"))
    before = api.get(client.url).json()

    response = patch_format(client, format)

    assert_nothing_loosened(client, response, api, before)


@pytest.mark.parametrize(
    "format",
    [
        std_json("customer.email", "customer.iban"),
        std_json("customer.iban", "customer.email"),
        std_json("customer.iban", "customer.name", "customer.email"),
        {"name": "csv", "version": 1, "options": {"mask": ["customer.email", "customer.iban"]}},
    ],
)
def test_a_client_may_keep_reorder_and_extend_its_mask(create_client, format):
    client = create_client(format=std_json("customer.email", "customer.iban"))

    response = patch_format(client, format)

    assert response.status == 200
    assert response.json()["format"] == format


def test_a_mask_entry_that_the_client_added_itself_stays_too(create_client, api):
    client = create_client(format=std_json())
    assert patch_format(client, std_json("customer.name")).status == 200
    before = api.get(client.url).json()

    response = patch_format(client, std_json())

    assert_nothing_loosened(client, response, api, before)


def test_an_operator_may_remove_a_mask_entry(create_client, api):
    client = create_client(format=std_json("customer.email"))

    response = api.patch(client.url, {"format": std_json()})

    assert response.status == 200
    assert response.json()["format"]["options"] == {}


# Event types


@pytest.mark.parametrize(
    "had, wants",
    [
        (["payment.captured"], ["payment.captured", "payment.failed"]),
        (["payment.captured"], ["payment.failed"]),
        (["payment.captured"], ["payment.*"]),
        (["payment.captured"], ["*"]),
        (["payment.*"], ["*"]),
        (["payment.*"], ["payment.*", "payout.paid"]),
        (ALL_TYPES[:3], ["payment.*"]),
        (["payout.paid"], ["payment.captured"]),
    ],
)
def test_a_client_cannot_add_an_event_type_that_was_not_covered(create_client, api, had, wants):
    client = create_client(event_types=had)
    before = api.get(client.url).json()

    response = client.api.patch(client.url, {"event_types": wants})

    problem = assert_problem(response, 422)
    assert {error["pointer"].split("/")[1] for error in problem["errors"]} == {"event_types"}
    assert api.get(client.url).json() == before


@pytest.mark.parametrize(
    "had, wants",
    [
        (["*"], ["payment.captured"]),
        (["*"], ["payment.*"]),
        (["*"], ALL_TYPES),
        (["*"], ["payment.*", "payout.paid"]),
        (ALL_TYPES, ["*"]),
        (["payment.*", "payout.paid"], ["*"]),
        (["payment.*"], ALL_TYPES[:4]),
        (ALL_TYPES[:4], ["payment.*"]),
        (["payment.*", "payment.failed"], ["payment.failed"]),
    ],
)
def test_a_client_may_narrow_its_types_or_name_the_same_ones_otherwise(create_client, had, wants):
    client = create_client(event_types=had)

    response = client.api.patch(client.url, {"event_types": wants})

    assert response.status == 200
    assert response.json()["event_types"] == wants


def test_what_a_client_gave_up_it_cannot_take_back(create_client):
    client = create_client(event_types=["*"])
    assert client.api.patch(client.url, {"event_types": ["payment.*"]}).status == 200

    response = client.api.patch(client.url, {"event_types": ["*"]})

    assert response.status == 422


def test_an_operator_may_widen_the_event_types(create_client, api):
    client = create_client(event_types=["payment.captured"])

    assert api.patch(client.url, {"event_types": ["*"]}).json()["event_types"] == ["*"]


# Disablement


def status_of(response):
    assert response.status == 200, response.body
    return response.json()["status"], response.json()["disabled_reason"]


def disable(api, client):
    return status_of(api.patch(client.url, {"status": "disabled"}))


def enable(api, client):
    return status_of(api.patch(client.url, {"status": "active"}))


def test_a_client_cannot_leave_a_disablement_that_an_operator_made(create_client, api):
    client = create_client()
    assert disable(api, client) == ("disabled", "operator")

    response = client.api.patch(client.url, {"status": "active"})

    assert_problem(response, 422, {"/status"})
    assert status_of(api.get(client.url)) == ("disabled", "operator")


def test_an_operator_leaves_any_disablement(create_client, api):
    client = create_client()

    disable(api, client)
    assert enable(api, client) == ("active", None)
    disable(client.api, client)
    assert enable(api, client) == ("active", None)


def test_a_client_may_disable_itself_and_come_back(create_client):
    client = create_client()

    assert disable(client.api, client) == ("disabled", "client")
    assert enable(client.api, client) == ("active", None)


def test_an_operators_disabled_takes_over_a_clients_own(create_client, api):
    client = create_client()
    disable(client.api, client)

    assert disable(api, client) == ("disabled", "operator")

    assert_problem(client.api.patch(client.url, {"status": "active"}), 422, {"/status"})


def test_a_clients_disabled_does_not_take_over_an_operators(create_client, api):
    client = create_client()
    disable(api, client)

    assert disable(client.api, client) == ("disabled", "operator")

    assert_problem(client.api.patch(client.url, {"status": "active"}), 422, {"/status"})


@pytest.fixture
def gone(create_client, accepted, deliver):
    """A client whose endpoint answered 410."""
    client = create_client()
    client.inbox.answer(Answer(410), Answer(200))
    accepted()
    deliver()
    assert status_of(client.api.get(client.url)) == ("disabled", "gone")
    return client


def test_a_client_may_come_back_after_it_was_gone(gone):
    assert enable(gone.api, gone) == ("active", None)


def test_a_clients_disabled_changes_no_reason(gone):
    assert disable(gone.api, gone) == ("disabled", "gone")


def test_an_operators_disabled_takes_over_gone(gone, api):
    assert disable(api, gone) == ("disabled", "operator")

    assert_problem(gone.api.patch(gone.url, {"status": "active"}), 422, {"/status"})


def test_the_status_it_already_has_changes_nothing(create_client, api, database):
    client = create_client()
    before = database.snapshot()

    assert enable(api, client) == ("active", None)
    assert enable(client.api, client) == ("active", None)

    assert database.snapshot() == before


def test_active_said_again_does_not_restart_the_failure_clock(create_client, api, accepted, deliver, clock):
    client = create_client()
    client.inbox.answer(Answer(500))
    accepted()
    deliver()
    for _ in range(3):
        clock.move(days=1, minutes=1)
        accepted()
        deliver()
    enable(client.api, client)
    enable(api, client)

    clock.move(days=2)
    accepted()
    deliver()

    assert status_of(api.get(client.url)) == ("disabled", "failing")


def test_a_refused_loosening_changes_nothing_else_either(create_client, api):
    client = create_client(event_types=["payment.*"])
    before = api.get(client.url).json()

    response = client.api.patch(client.url, {"name": "New name", "event_types": ["*"]})

    assert response.status == 422
    assert api.get(client.url).json() == before


def test_a_client_may_make_changes_that_loosen_nothing(create_client, receiver):
    client = create_client()
    changes = {"name": "Acme Music", "endpoint_url": receiver.url("/elsewhere")}

    response = client.api.patch(client.url, changes)

    assert response.status == 200
    assert {name: response.json()[name] for name in changes} == changes
