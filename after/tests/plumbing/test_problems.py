import json
from unittest import mock

import psycopg
import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError, ProgrammingError
from django.test import RequestFactory
from rest_framework import exceptions

from plumbing.problems import (
    BadHeader,
    Conflict,
    Invalid,
    TooLarge,
    bad_request,
    exception_handler,
    not_found,
    pointers,
    problem,
    server_error,
)


def answer_to(exception):
    return json.loads(exception_handler(exception, {}).content)


def test_a_problem_says_what_rfc_9457_asks_for():
    response = problem(404, "There is nothing here.")

    assert response.headers["Content-Type"] == "application/problem+json"
    assert json.loads(response.content) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing here.",
        "errors": [],
    }


@pytest.mark.parametrize(
    ("exception", "status", "title"),
    [
        (Conflict(), 409, "Conflict"),
        (TooLarge(), 413, "Content Too Large"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "Unsupported Media Type"),
        (exceptions.ValidationError({"a": ["no"]}), 422, "Unprocessable Content"),
        (exceptions.ParseError(), 400, "Bad Request"),
        (PermissionDenied(), 404, "Not Found"),
    ],
)
def test_titles_are_those_of_rfc_9110(exception, status, title):
    document = answer_to(exception)

    assert (document["status"], document["title"]) == (status, title)


@pytest.mark.parametrize("exception", [BadHeader("Idempotency-Key: missing"), Invalid("limit: too large")])
def test_a_header_or_query_has_the_empty_pointer_and_is_named_in_the_detail(exception):
    assert answer_to(exception)["errors"] == [{"pointer": "", "detail": str(exception.detail)}]


def test_an_exception_that_is_no_answer_is_left_to_django():
    assert exception_handler(KeyError("surprise"), {}) is None


def test_each_bad_field_has_a_pointer():
    detail = {
        "data": {"amount": ["Too long.", "Not a number."], "customer": {"name": ["Missing."]}},
        "event_types": [{}, ["No such type."]],
        "a/b~c": ["Unknown."],
        "mask": {0: ["Unknown."]},
        "\0": ["Not an object."],
    }

    assert dict(pointers(detail)) == {
        "/data/amount": "Too long. Not a number.",
        "/data/customer/name": "Missing.",
        "/event_types/1": "No such type.",
        "/a~1b~0c": "Unknown.",
        "/mask/0": "Unknown.",
        "": "Not an object.",
    }


def test_a_detail_alone_is_about_the_whole_document():
    assert list(pointers("Nothing fits.")) == [("", "Nothing fits.")]


def test_a_member_with_a_lone_surrogate_can_be_named(operator):
    response = operator.post("/v1/clients", b'{"\\ud800": 1}', content_type="application/json")

    assert response.status_code == 422
    assert {"pointer": "/\ud800", "detail": "There is no such member."} in response.json()["errors"]


@pytest.mark.parametrize("failure", [OperationalError("locked"), InterfaceError("closed")])
def test_a_database_that_is_away_is_503(operator, failure):
    with mock.patch("clients.authentication.ApiKeyAuthentication.find", side_effect=failure):
        response = operator.get("/v1/formats")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert str(failure) not in response.content.decode()


@pytest.mark.parametrize(
    ("failure", "cause"),
    [
        (OperationalError("no such table: clients_apikey"), None),
        (OperationalError("no such column: clients_client.mood"), None),
        (ProgrammingError('relation "clients_apikey" does not exist'), psycopg.errors.UndefinedTable()),
    ],
)
def test_a_database_without_its_tables_is_503_with_the_way_out(operator, failure, cause):
    failure.__cause__ = cause

    with mock.patch("clients.authentication.ApiKeyAuthentication.find", side_effect=failure):
        response = operator.get("/v1/formats")

    assert response.status_code == 503
    assert "manage.py migrate" in response.json()["detail"]
    assert "clients" not in response.json()["detail"]


def test_a_value_that_no_column_takes_is_a_bad_request(operator):
    with mock.patch("clients.authentication.ApiKeyAuthentication.find", side_effect=DataError("0x00")):
        assert operator.get("/v1/formats").status_code == 400


def test_a_database_that_goes_away_while_the_session_is_stored_is_503(operator):
    with mock.patch(
        "django.contrib.sessions.middleware.SessionMiddleware.process_response", side_effect=OperationalError
    ):
        operator.raise_request_exception = False
        response = operator.get("/v1/formats")

    assert response.status_code == 503


def test_another_failure_is_a_500_that_tells_nothing(operator):
    operator.raise_request_exception = False

    with mock.patch("clients.authentication.ApiKeyAuthentication.find", side_effect=KeyError("whsec_secret")):
        response = operator.get("/v1/formats")

    assert response.status_code == 500
    assert response.json()["title"] == "Internal Server Error"
    assert b"whsec" not in response.content


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (lambda request: bad_request(request, SuspiciousOperation()), 400),
        (lambda request: not_found(request, SuspiciousOperation()), 404),
        (server_error, 500),
    ],
)
def test_the_admin_has_pages_and_everything_else_problems(view, status):
    page, document = view(RequestFactory().get("/admin/x")), view(RequestFactory().get("/x"))

    assert page.status_code == document.status_code == status
    assert page.headers["Content-Type"].startswith("text/html")
    assert document.headers["Content-Type"] == "application/problem+json"
