"""form_legacy: a form, with local time and a decimal comma."""

from urllib.parse import urlencode

from webhooks.domain.event import Event

from .format import Ack, Format, Options, Platform
from .options import EVENT_ALIASES, MASK, TIMEZONE, aliased, local_time, rename, renamed, visible, with_nulls


def fields_of(event: Event, options: Options) -> dict[str, str]:
    """The fields in their order, under the client's names; a null is empty."""
    customer = visible(event.customer, options)
    fields = {
        "event": aliased(event.type, options),
        "date": local_time(event.occurred_at, options).strftime("%d.%m.%Y %H:%M:%S"),
        "payment": event.payment_id,
        "amount": event.money.text.replace(".", ","),
        "currency": event.money.currency,
        "status": event.status,
        "customer[id]": customer.id,
        "customer[name]": customer.name,
        "customer[email]": customer.email,
        "customer[iban]": customer.iban,
        "reference": event.reference,
        "failure[code]": event.failure and event.failure.code,
        "failure[message]": event.failure and event.failure.message,
    }
    return renamed(with_nulls(fields, "empty"), options)


def render(event: Event, options: Options, platform: Platform) -> bytes:
    return urlencode(fields_of(event, options)).encode()


OPTIONS = (
    TIMEZONE,
    rename(
        "event", "date", "payment", "amount", "currency", "status", "customer[id]", "customer[name]",
        "customer[email]", "customer[iban]", "reference", "failure[code]", "failure[message]",
    ),
    MASK,
    EVENT_ALIASES,
)  # fmt: skip

FORMATS = [
    Format(
        name="form_legacy",
        version=1,
        content_type="application/x-www-form-urlencoded; charset=utf-8",
        options=OPTIONS,
        render=render,
        ack=Ack("2xx [accepted]", lambda text: text == b"[accepted]"),
    )
]
