"""std_json: the event almost as it was posted."""

from typing import Any

from webhooks.domain.event import Event

from .format import Format, Options, Platform
from .json_text import compact_json, timestamp
from .options import EVENT_ALIASES, MASK, NULL_POLICY, aliased, rename, renamed, visible, with_nulls


def data_of(event: Event, options: Options) -> dict[str, Any]:
    """The `data` member, with the client's names and its policy on nulls."""
    customer = visible(event.customer, options)
    failure = event.failure and {"code": event.failure.code, "message": event.failure.message}
    data = {
        "payment_id": event.payment_id,
        "amount": event.money.text,
        "currency": event.money.currency,
        "status": event.status,
        "customer": {"id": customer.id, "name": customer.name, "email": customer.email, "iban": customer.iban},
        "reference": event.reference,
        "failure": failure,
    }
    return renamed(with_nulls(data, options.get("null_policy", "keep")), options)


def render(event: Event, options: Options, platform: Platform) -> bytes:
    return compact_json(
        {
            "type": aliased(event.type, options),
            "timestamp": timestamp(event.occurred_at),
            "data": data_of(event, options),
        }
    )


FORMATS = [
    Format(
        name="std_json",
        version=1,
        content_type="application/json",
        options=(
            NULL_POLICY,
            rename("payment_id", "amount", "currency", "status", "customer", "reference", "failure"),
            MASK,
            EVENT_ALIASES,
        ),
        render=render,
    )
]
