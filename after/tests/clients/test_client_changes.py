"""PATCH: what may be changed, and by whom."""

import pytest

from clients.models import Client
from tests.web import disable, right_after

from .conftest import api_of, pointers

ACME = "/v1/clients/acme"


def patch_format(api, name="std_json", version=1, **options):
    return api.patch(ACME, {"format": {"name": name, "version": version, "options": options}})


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("name", "Acme & Söhne"),
        ("endpoint_url", "https://new.example/hooks"),
        ("event_types", ["payment.failed"]),
        ("format", {"name": "csv", "version": 1, "options": {"timezone": "Asia/Tokyo"}}),
        ("status", "disabled"),
    ],
)
def test_a_patch_changes_what_it_names_and_nothing_else(operator, make_client, member, value):
    make_client()
    before = operator.get(ACME).json()

    response = operator.patch(ACME, {member: value})

    assert response.status_code == 200
    after = operator.get(ACME).json()
    assert after == response.json()
    assert after[member] == value
    assert {key for key in after if after[key] != before[key]} - {"disabled_reason"} == {member}


def test_an_empty_patch_changes_nothing(operator, make_client):
    make_client()
    before = operator.get(ACME).json()

    assert operator.patch(ACME, {}).json() == before


BAD_MEMBERS = [
    ({"slug": "new"}, "/slug"),
    ({"created_at": "2026-11-22T13:27:24Z"}, "/created_at"),
    ({"disabled_reason": None}, "/disabled_reason"),
    ({"colour": "red"}, "/colour"),
    ({"name": "x" * 141}, "/name"),
    ({"name": None}, "/name"),
    ({"endpoint_url": "http://acme.example/"}, "/endpoint_url"),
    ({"event_types": "*"}, "/event_types"),
    ({"event_types": ["payment.*", "payment.lost"]}, "/event_types/1"),
    ({"status": "asleep"}, "/status"),
    ({"format": {"version": 1}}, "/format/name"),
    ({"format": {"name": "std_json"}}, "/format/version"),
    ({"format": {"name": "std_json", "version": 2}}, "/format/version"),
    ({"format": {"name": "yaml", "version": 1}}, "/format/name"),
    ({"format": {"name": "std_json", "version": 1, "options": []}}, "/format/options"),
    ({"format": "std_json@1"}, "/format"),
]


def test_a_bad_member_is_named_and_nothing_is_changed(operator, make_client):
    make_client()
    before = operator.get(ACME).json()

    for changes, pointer in BAD_MEMBERS:
        response = operator.patch(ACME, {"name": "New name"} | changes)
        assert (response.status_code, pointers(response)) == (422, [pointer])

    assert operator.get(ACME).json() == before


def test_the_format_is_replaced_whole(operator, make_client):
    make_client("std_json", null_policy="omit", rename={"amount": "total"})

    patch_format(operator, null_policy="empty")

    assert Client.objects.get().format_options == {"null_policy": "empty"}


def test_a_patch_does_not_write_back_what_another_process_changed_meanwhile(operator, make_client):
    client = make_client()

    with right_after('"clients_client"."slug" =', lambda: disable(client, "gone")):
        operator.patch(ACME, {"name": "New name"})

    client.refresh_from_db()
    assert (client.name, client.status, client.disabled_reason) == ("New name", "disabled", "gone")


def test_a_client_may_change_its_own_name_url_and_format(make_client):
    api = api_of(make_client())

    response = api.patch(
        ACME, {"name": "New", "endpoint_url": "https://n.example", "format": {"name": "csv", "version": 1}}
    )

    assert response.status_code == 200
    assert Client.objects.get().format_name == "csv"


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (["payment.*"], ["payment.failed"], 200),
        (["*"], ["payment.*", "payout.paid"], 200),
        (["payment.authorized", "payment.captured", "payment.failed", "payment.refunded"], ["payment.*"], 200),
        (["payment.failed"], [], 200),
        (["payment.failed"], ["payment.captured"], 422),
        (["payment.*"], ["*"], 422),
        (["payment.*"], ["payment.failed", "payout.paid"], 422),
        ([], ["payment.failed"], 422),
    ],
)
def test_a_client_cannot_add_a_type_that_was_not_covered(make_client, before, after, status):
    client = make_client()
    Client.objects.update(event_types=before)

    response = api_of(client).patch(ACME, {"event_types": after})

    assert response.status_code == status
    assert Client.objects.get().event_types == (after if status == 200 else before)
    assert status == 200 or pointers(response) == ["/event_types"]


def test_an_operator_may_add_any_type(operator, make_client):
    make_client()
    Client.objects.update(event_types=["payment.failed"])

    assert operator.patch(ACME, {"event_types": ["*"]}).status_code == 200


def test_a_client_may_add_to_its_mask_and_an_operator_may_remove_from_it(operator, make_client):
    api = api_of(make_client(mask=["customer.iban"]))

    assert patch_format(api, mask=["customer.name", "customer.iban"]).status_code == 200
    assert patch_format(api, mask=["customer.name"]).status_code == 422
    assert patch_format(operator, mask=["customer.name"]).status_code == 200


def test_a_client_keeps_its_mask_in_another_format(make_client):
    api = api_of(make_client(mask=["customer.iban"]))

    assert pointers(patch_format(api, "csv")) == ["/format/options/mask"]
    assert patch_format(api, "csv", mask=["customer.iban"]).status_code == 200


def test_a_client_sees_and_changes_itself_alone(make_client):
    api = api_of(make_client(slug="acme"))
    make_client(slug="other")

    assert api.get(ACME).json()["slug"] == "acme"
    for path in ("/v1/clients/other", "/v1/clients/nobody"):
        assert api.get(path).status_code == 404
        assert api.patch(path, {"name": "Mine"}).status_code == 404
        assert api.post(f"{path}/rotate-secret").status_code == 404
    assert Client.objects.get(slug="other").name == "other"


@pytest.mark.parametrize("slug", ["Acme", "acme%0a", "%00", "-acme"])
def test_what_is_no_slug_is_no_client(operator, make_client, slug):
    make_client()

    assert operator.get(f"/v1/clients/{slug}").status_code == 404
