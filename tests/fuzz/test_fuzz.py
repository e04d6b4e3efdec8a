"""Three callers that try everything that the served OpenAPI document suggests, and much that it forbids."""

import pytest

# For a client's key there are no such routes, whatever the method and the headers: 404 comes before 405 and 400.
NO_ROUTES_FOR_CLIENTS = """
[[operations]]
include-path = ["/v1/clients", "/v1/events"]
checks.unsupported_method.enabled = false
checks.missing_required_header.enabled = false
"""
OPERATORS_ONLY = {
    "GET /v1/clients",
    "POST /v1/clients",
    "DELETE /v1/clients/{slug}",
    "GET /v1/events",
    "POST /v1/events",
}


@pytest.fixture
def operations(api):
    """All operations that the document lists, such as `GET /v1/events`."""
    paths = api.get("/v1/openapi.json").json()["paths"]
    return {f"{method.upper()} {path}" for path, calls in paths.items() for method in calls}


def succeeded(report, operations):
    return {operation for operation in operations if any(status < 300 for status in report.statuses(operation))}


# The short test is between the long ones: pytest-xdist deals out tests in pairs, so the long ones run in parallel.


def test_an_operator_finds_nothing_wrong(call, rows, api, operations):
    report = call(rows.all, api.key)

    assert report.exit_code == 0, report.output
    assert succeeded(report, operations) == operations


def test_without_a_key_everything_is_refused_and_nothing_changes(call, rows, database, operations):
    before = database.snapshot()

    report = call(rows.all, None, briefly=True)

    assert report.exit_code == 0, report.output
    assert {operation: report.statuses(operation) for operation in operations} == {each: {401} for each in operations}
    assert {status for _, _, status in report.answers} == {401}
    assert database.snapshot() == before


def test_a_client_finds_nothing_wrong_and_nothing_that_is_the_operators(call, rows, operations):
    report = call(rows.of_one_client, rows.client_key, more_settings=NO_ROUTES_FOR_CLIENTS)

    assert report.exit_code == 0, report.output
    assert succeeded(report, operations) == operations - OPERATORS_ONLY
    for operation in OPERATORS_ONLY:
        assert report.statuses(operation) <= {401, 404}
