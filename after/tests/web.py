"""Fixtures for tests that go through Django. A folder's conftest.py imports what its tests need."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from clients.models import ApiKey, Client
from webhooks.models import Delivery
from webhooks.process import use_cases

from .builders import an_event

KEYS = iter(range(10**9))
POSTED: dict[str, Any] = {
    "type": "payment.captured",
    "occurred_at": "2026-11-22T13:27:24.123456Z",
    "data": {
        "payment_id": "pay_01",
        "amount": "10.10",
        "currency": "USD",
        "status": "captured",
        "customer": {
            "id": "cus_1",
            "name": "Zoë Müller",
            "email": "zoe@example.com",
            "iban": "DE89370400440532013000",
        },
        "reference": None,
        "failure": None,
    },
}


@pytest.fixture
def operator(db):
    """The API, called with an operator key."""
    _, key = ApiKey.objects.issue(ApiKey.Role.OPERATOR)
    return api_client(key)


@pytest.fixture
def make_client(db):
    """Makes a client of a format: `make_client("csv", timezone="Asia/Kolkata")`."""

    def make(format_name="std_json", version=1, slug="acme", **options):
        return Client.objects.create(
            slug=slug,
            name=slug,
            endpoint_url=f"https://{slug}.example/hooks",
            event_types=["*"],
            format_name=format_name,
            format_version=version,
            format_options=options,
            signing_secret=use_cases().new_signing_secret().sealed,
        )

    return make


@pytest.fixture
def delivery(make_client):
    """The pending delivery of one event to one client."""
    make_client()
    accept()
    return Delivery.objects.get()


@pytest.fixture
def admin_page(client, db):
    """The admin, as a superuser sees it."""
    client.force_login(User.objects.create(username="ada", is_staff=True, is_superuser=True))
    return client


@pytest.fixture(scope="session", autouse=True)
def _static_files_on_demand():
    """No static files: Whitenoise would read them all again for the client of each test."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield


def accept(**changes):
    """Accepts an event under a key of its own."""
    return use_cases().accept_event(an_event(**changes), f"key-{next(KEYS)}", "fingerprint")


def lease(row, seconds=90.0):
    """Puts a delivery into a worker's hands."""
    Delivery.objects.filter(pk=row.pk).update(
        lease_token="token", leased_until=timezone.now() + timedelta(seconds=seconds)
    )


def disable(client, reason):
    Client.objects.filter(pk=client.pk).update(status="disabled", disabled_reason=reason)


@contextmanager
def right_after(statement: str, call: Callable[[], object]) -> Iterator[None]:
    """Calls once, right after the first statement that holds this text: what another process does between two of
    ours.
    """
    called = []

    def execute_then_call(execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        if statement in sql and not called:
            called.append(sql)
            call()
        return answer

    with connection.execute_wrapper(execute_then_call):
        yield
    assert called, f"no statement holds {statement}"


def api_client(key):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    client.default_format = "json"
    return client


def api_of(client):
    """The API, called with a key of this client."""
    return api_client(ApiKey.objects.issue(ApiKey.Role.CLIENT, client)[1])


def pointers(response):
    return [error["pointer"] for error in response.json()["errors"]]
