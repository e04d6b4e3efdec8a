"""flat_camel: one level of camelCase, amounts in minor units. Version 2 has the amount as an object."""

from typing import Any

from webhooks.domain.event import Event

from .format import Format, Options, Platform
from .json_text import compact_json, epoch_milliseconds, timestamp
from .options import (
    EVENT_ALIASES,
    MASK,
    MINOR_UNITS,
    NULL_POLICY,
    aliased,
    minor_units,
    rename,
    renamed,
    visible,
    with_nulls,
)


def render_v1(event: Event, options: Options, platform: Platform) -> bytes:
    return _written(
        {
            "eventType": aliased(event.type, options),
            "occurredAt": epoch_milliseconds(event.occurred_at),
            "paymentId": event.payment_id,
            "amountMinor": minor_units(event.money, options),
            "currency": event.money.currency,
            "status": event.status,
            **_rest(event, options),
        },
        options,
    )


def render_v2(event: Event, options: Options, platform: Platform) -> bytes:
    return _written(
        {
            "eventType": aliased(event.type, options),
            "occurredAt": timestamp(event.occurred_at),
            "paymentId": event.payment_id,
            "amount": {"value": minor_units(event.money, options), "currency": event.money.currency},
            "status": event.status.upper(),
            **_rest(event, options),
        },
        options,
    )


def _rest(event: Event, options: Options) -> dict[str, Any]:
    """The last fields, the same in both versions."""
    customer = visible(event.customer, options)
    return {
        "customerId": customer.id,
        "customerName": customer.name,
        "customerEmail": customer.email,
        "customerIban": customer.iban,
        "reference": event.reference,
        "failureCode": event.failure and event.failure.code,
        "failureMessage": event.failure and event.failure.message,
    }


def _written(body: dict[str, Any], options: Options) -> bytes:
    return compact_json(renamed(with_nulls(body, options.get("null_policy", "omit")), options))


REST = (
    "customerId",
    "customerName",
    "customerEmail",
    "customerIban",
    "reference",
    "failureCode",
    "failureMessage",
)
FIELDS_V1 = ("eventType", "occurredAt", "paymentId", "amountMinor", "currency", "status", *REST)
FIELDS_V2 = ("eventType", "occurredAt", "paymentId", "amount", "status", *REST)

FORMATS = [
    Format(
        name="flat_camel",
        version=version,
        content_type="application/json",
        options=(NULL_POLICY, rename(*fields), MASK, MINOR_UNITS, EVENT_ALIASES),
        render=render,
    )
    for version, fields, render in [(1, FIELDS_V1, render_v1), (2, FIELDS_V2, render_v2)]
]
