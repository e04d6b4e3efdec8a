from unittest import mock

import pytest
from rest_framework.test import APIClient

from clients.models import Client
from plumbing.endpoints import MAX_BODY_BYTES

from .conftest import api_of, pointers

CLIENTS = "/v1/clients"


def post(api, body, content_type="application/json", path=CLIENTS):
    return api.post(path, body, content_type=content_type)


def padded(length):
    """A JSON object of exactly this number of bytes."""
    return b'{"slug":"' + b"a" * (length - 11) + b'"}'


def nested(depth):
    """Arrays nested to this depth."""
    return b"[" * depth + b"]" * depth


def test_an_unknown_route_is_401_without_a_key_and_404_with_one(operator):
    for path in ["/v1", "/v1/", "/v1/nothing", "/v1/clients/", "/v1/clients/acme/nothing"]:
        assert APIClient().get(path).status_code == 401
        assert operator.get(path).status_code == 404
        assert post(operator, b"{", path=path).status_code == 404


def test_elsewhere_an_unknown_route_is_404_for_everybody(client, db):
    response = client.get("/nothing")

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


def test_no_key_comes_before_everything_else(db):
    assert APIClient().delete(CLIENTS).status_code == 401
    assert post(APIClient(), padded(MAX_BODY_BYTES + 1)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", CLIENTS), ("post", CLIENTS), ("put", CLIENTS), ("delete", f"{CLIENTS}/acme"), ("post", "/v1/events")],
)
def test_an_operators_route_is_404_to_a_client(make_client, method, path):
    api = api_of(make_client())

    assert getattr(api, method)(path).status_code == 404
    assert Client.objects.get().deleted_at is None


@pytest.mark.parametrize("method", ["put", "delete", "options", "trace"])
def test_a_method_that_a_route_does_not_have_is_405(operator, method):
    response = operator.generic(method.upper(), CLIENTS, padded(MAX_BODY_BYTES + 1), content_type="text/plain")

    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) >= {"GET", "POST"}


def test_a_body_of_256_kib_is_read_and_one_byte_more_is_413(operator):
    assert post(operator, padded(MAX_BODY_BYTES)).status_code == 422
    assert post(operator, padded(MAX_BODY_BYTES + 1)).status_code == 413


def test_a_body_that_is_too_large_is_413_whatever_it_is(operator):
    assert post(operator, b"x" * (MAX_BODY_BYTES + 1), content_type="text/plain").status_code == 413


def test_what_is_not_called_json_is_415(operator):
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
    ]:
        assert post(operator, b"{", content_type).status_code == 415


@pytest.mark.parametrize("parameter", ["charset=UTF-8", 'charset="utf8"', "charset=latin-1", "charset=no", "v=1", ";"])
def test_json_has_no_parameters_so_whatever_they_say_it_is_json(operator, parameter):
    assert post(operator, b"{}", f"Application/JSON ;{parameter}").status_code == 422


def test_a_body_with_a_content_encoding_is_415_and_told_what_is_taken(operator):
    for coding in ("gzip", "identity", "br, gzip"):
        response = operator.post(CLIENTS, b"{}", content_type="application/json", headers={"content-encoding": coding})
        assert (response.status_code, response.headers["Accept-Encoding"]) == (415, "identity")
    assert operator.post(CLIENTS, b"{}", content_type="text/plain", headers={"content-encoding": ""}).status_code == 415


def test_no_answer_is_kept_by_a_cache(operator, make_client):
    make_client()

    for response in (operator.get(CLIENTS), operator.post(f"{CLIENTS}/acme/rotate-secret"), APIClient().get(CLIENTS)):
        assert response.headers["Cache-Control"] == "no-store"


def test_accept_is_ignored(operator):
    response = operator.get(CLIENTS, headers={"accept": "text/html"})

    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")


NOT_JSON = [
    b"",
    b" ",
    b"{",
    b"{'a': 1}",
    b'{"a": NaN}',
    b'{"a": -Infinity}',
    b'{"a": 1} x',
    b'{"a": "\xff"}',
    b"\xef\xbb\xbf{}",
    b'{"a": "\n"}',
    b"[" * 100_000,
]


def test_what_is_not_json_is_400(operator):
    assert [body for body in NOT_JSON if post(operator, body).status_code != 400] == []


@pytest.mark.parametrize("body", [nested(32), b'{"a":' + nested(31) + b"}"])
def test_a_body_may_be_nested_32_deep(operator, body):
    assert post(operator, body).status_code == 422


@pytest.mark.parametrize("body", [nested(33), b'{"a":' + nested(32) + b"}"])
def test_a_body_that_is_nested_deeper_is_400(operator, body):
    response = post(operator, body)

    assert response.status_code == 400
    assert "nested" in response.json()["detail"]


def test_json_that_is_no_object_is_422_at_the_top(operator):
    for body in (b"[]", b"null", b'"a"', b"1", b"true"):
        response = post(operator, body)
        assert (response.status_code, pointers(response)) == (422, [""])


def test_a_number_of_thousands_of_digits_is_a_bad_field_and_no_failure(operator):
    response = post(operator, b'{"format": {"name": "std_json", "version": ' + b"1" * 5000 + b"}}")

    assert response.status_code == 422
    assert "/format/version" in pointers(response)


def test_a_body_whose_sender_hangs_up_is_400(operator):
    hung_up = mock.Mock(read=mock.Mock(side_effect=OSError("connection reset")))

    response = operator.post(CLIENTS, b"{}", content_type="application/json", **{"wsgi.input": hung_up})

    assert response.status_code == 400
    assert response.json()["detail"] == "The body ended too early."


def test_a_length_that_is_no_number_is_no_body(operator):
    response = operator.post(CLIENTS, b"{}", content_type="application/json", CONTENT_LENGTH="two")

    assert response.status_code == 400


def test_an_object_is_looked_for_after_its_body_was_read(operator):
    assert operator.patch(f"{CLIENTS}/nobody", b"{", content_type="application/json").status_code == 400
    assert operator.patch(f"{CLIENTS}/nobody", b"{}", content_type="application/json").status_code == 404


def test_a_refused_request_changes_nothing(operator, make_client):
    make_client()

    response = operator.patch(f"{CLIENTS}/acme", {"name": "New name", "status": "asleep"})

    assert response.status_code == 422
    assert Client.objects.get().name == "acme"
