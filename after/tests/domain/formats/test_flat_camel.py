from datetime import UTC, datetime

import pytest

from tests.builders import an_event

from .rendering import body, parsed


def test_version_1_is_one_level_without_nulls():
    assert body("flat_camel@1", an_event()) == (
        '{"eventType":"payment.captured","occurredAt":1795354044123,"paymentId":"pay_01","amountMinor":1010,'
        '"currency":"USD","status":"captured","customerId":"cus_1","customerName":"Zoë Müller",'
        '"customerEmail":"zoe@example.com","customerIban":"DE89370400440532013000"}'
    )


def test_version_2_nests_the_amount_and_writes_the_time_as_text():
    assert body("flat_camel@2", an_event()) == (
        '{"eventType":"payment.captured","occurredAt":"2026-11-22T13:27:24.123Z","paymentId":"pay_01",'
        '"amount":{"value":1010,"currency":"USD"},"status":"CAPTURED","customerId":"cus_1",'
        '"customerName":"Zoë Müller","customerEmail":"zoe@example.com","customerIban":"DE89370400440532013000"}'
    )


@pytest.mark.parametrize("pinned", ["flat_camel@1", "flat_camel@2"])
def test_what_an_event_has_is_written(pinned):
    written = parsed(pinned, an_event(reference="R 1", failure=("05", "no")))

    assert list(written.items())[-3:] == [("reference", "R 1"), ("failureCode", "05"), ("failureMessage", "no")]


@pytest.mark.parametrize("pinned", ["flat_camel@1", "flat_camel@2"])
def test_nulls_are_written_where_the_client_wants_them(pinned):
    kept, empty = (parsed(pinned, an_event(), null_policy=policy) for policy in ("keep", "empty"))

    assert list(kept.items())[-3:] == [("reference", None), ("failureCode", None), ("failureMessage", None)]
    assert list(empty.items())[-3:] == [("reference", ""), ("failureCode", ""), ("failureMessage", "")]


def test_epoch_milliseconds_are_cut_and_not_rounded():
    almost, before = datetime(2026, 11, 22, 13, 27, 59, 999999, UTC), datetime(1970, 1, 1, tzinfo=UTC)

    assert parsed("flat_camel@1", an_event(occurred_at=almost))["occurredAt"] == 1795354079999
    assert parsed("flat_camel@1", an_event(occurred_at=before))["occurredAt"] == 0


@pytest.mark.parametrize("digits, units", [(0, 10), (2, 1010), (4, 101000)])
def test_a_provider_counts_in_its_own_minor_units(digits, units):
    options = {"minor_units": {"USD": digits, "EUR": 1}}

    assert parsed("flat_camel@1", an_event(), **options)["amountMinor"] == units
    assert parsed("flat_camel@2", an_event(), **options)["amount"] == {"value": units, "currency": "USD"}


def test_other_currencies_have_their_own_digits():
    assert parsed("flat_camel@1", an_event("1.234", "KWD"), minor_units={"USD": 0})["amountMinor"] == 1234


def test_names_are_the_clients():
    rename = {"amount": "sum", "eventType": "kind"}

    written = parsed("flat_camel@2", an_event(), rename=rename, event_aliases={"payment.captured": "PAID"})

    assert list(written)[:4] == ["kind", "occurredAt", "paymentId", "sum"]
    assert written["kind"] == "PAID"


@pytest.mark.parametrize("pinned", ["flat_camel@1", "flat_camel@2"])
def test_the_customer_is_masked(pinned):
    written = parsed(pinned, an_event(), mask=["customer.name", "customer.email"])

    assert (written["customerName"], written["customerEmail"]) == ("Z*** M***", "z***@example.com")
    assert written["customerIban"] == "DE89370400440532013000"
