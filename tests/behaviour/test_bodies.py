"""Bodies: how large, called what, JSON and how deep; each limit on both of its sides."""

import gzip
import json

import pytest

from harness.examples import event
from harness.problems import assert_problem

LIMIT = 256 * 1024
KEY = {"Idempotency-Key": "a-key"}


@pytest.fixture
def acme(create_client):
    return create_client(slug="acme")


# 413


def padded(size):
    body = json.dumps(event()).encode()
    return body + b" " * (size - len(body))


def test_a_body_of_256_kib_is_read(api):
    assert api.post("/v1/events", body=padded(LIMIT), headers=KEY).status == 202


def test_one_byte_more_is_413(api, database):
    before = database.snapshot()

    response = api.post("/v1/events", body=padded(LIMIT + 1), headers=KEY)

    assert_problem(response, 413)
    assert database.snapshot() == before


def test_megabytes_are_413(api, acme):
    for target in ("/v1/clients", "/v1/events", acme.url + "/preview", acme.url + "/test"):
        assert_problem(api.post(target, body=b" " * (4 * 1024 * 1024), headers=KEY), 413)


# 415


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/xml",
        "application/jsonx",
        "application",
        "json",
        "/",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "text/plain; application/json",
        "é",
    ],
)
def test_a_body_that_is_not_called_json_is_415(api, acme, database, content_type):
    before = database.snapshot()

    for target in ("/v1/events", "/v1/clients", acme.url + "/rotate-secret"):
        response = api.post(target, body=b"{}", headers=KEY, content_type=content_type)
        assert_problem(response, 415)

    assert database.snapshot() == before


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON",
        "application/json ; charset=utf8",
        "application/json; charset=iso-8859-1",
        "application/json; charset=hex",
        "application/json; charset=nonsense",
        'application/json; charset="utf-8"; version=1',
        "application/json; profile=x",
        "application/json;",
    ],
)
def test_json_may_be_called_so_in_several_ways(api, content_type):
    """RFC 8259 knows no parameter, and gives a charset no effect."""
    body = json.dumps(event()).encode()

    response = api.post("/v1/events", body=body, headers=KEY, content_type=content_type)

    assert response.status == 202


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "deflate, gzip", "br", "nonsense"])
def test_a_body_with_a_content_encoding_is_415(api, acme, database, coding):
    before = database.snapshot()

    for target in ("/v1/events", "/v1/clients", acme.url + "/rotate-secret"):
        for body in (gzip.compress(json.dumps(event()).encode()), b"{}"):
            response = api.post(target, body=body, headers={**KEY, "Content-Encoding": coding})
            assert_problem(response, 415)
            assert response.headers["Accept-Encoding"] == "identity"

    assert database.snapshot() == before


@pytest.mark.parametrize("body", [None, b""])
def test_an_empty_body_needs_no_content_type(api, acme, body):
    response = api.post(acme.url + "/rotate-secret", body=body, content_type=None)

    assert response.status == 200


def test_an_empty_body_is_refused_where_members_are_required(api, acme):
    for target in ("/v1/clients", "/v1/events", acme.url + "/recover", acme.url + "/preview"):
        response = api.post(target, body=b"", headers=KEY, content_type=None)
        assert_problem(response, response.status)
        assert response.status in (400, 422)


# 400


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{'type': 1}",
        b'{"type": "payment.captured",}',
        b'{"type": undefined}',
        b"{} {}",
        b"type=payment.captured",
        b"\x00",
        b" ",
        b'{"type": NaN}',
        b'{"type": Infinity}',
        b'{"type": -Infinity}',
        b'{"type": 01}',
        b'{"type": "\n"}',
        b'{"type": "\x00"}',
        b'{"type": "\\x"}',
        b'{"type": "\xff"}',
        b'{"type": "\xed\xa0\x80"}',
        b'{"\xc0\x80": 1}',
        b"\xff\xfe{\x00}\x00",
    ],
)
def test_a_body_that_is_not_json_is_400(api, acme, database, body):
    before = database.snapshot()

    for target in ("/v1/events", "/v1/clients", acme.url + "/preview"):
        assert_problem(api.post(target, body=body, headers=KEY), 400)

    assert database.snapshot() == before


def nested(depth, opening=b"[", closing=b"]"):
    """An event whose unknown member makes it this deep, the top counted as 1."""
    inside = opening * (depth - 1) + closing * (depth - 1)
    return json.dumps({**event(), "x": "@"}).encode().replace(b'"@"', inside)


def test_a_body_may_be_32_deep(api):
    assert_problem(api.post("/v1/events", body=nested(32), headers=KEY), 422, {"/x"})


def test_a_body_33_deep_is_400(api):
    assert_problem(api.post("/v1/events", body=nested(33), headers=KEY), 400)


def test_objects_count_as_lists_do(api):
    for depth, status in ((31, 422), (32, 400)):
        inside = b'{"a":' * depth + b"1" + b"}" * depth
        body = b'{"x":' + inside + b"}"
        assert_problem(api.post("/v1/events", body=body, headers=KEY), status)


def test_brackets_in_strings_do_not_count(api):
    body = event(data__reference='"' + "[{" * 60)

    assert api.post("/v1/events", body, headers=KEY).status == 202


def test_brackets_side_by_side_do_not_count(api):
    body = b'{"x": [' + b",".join([b"[]"] * 1000) + b"]}"

    assert api.post("/v1/events", body=body, headers=KEY).status == 422


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_a_body_nested_without_end_is_400(api, opening):
    body = opening * (200_000 // len(opening))

    assert_problem(api.post("/v1/events", body=body, headers=KEY), 400)
