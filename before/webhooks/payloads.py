"""The body that a client receives: the event in the client's format."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.conf import settings

from .bank_xml import payment_document

COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def timestamp(moment: datetime) -> str:
    """The time in UTC, cut to milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch_milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def compact_json(value) -> bytes:
    return COMPACT.encode(value).encode()


def with_nulls(value, policy):
    """The value with every null in it kept, left out or made an empty string."""
    if not isinstance(value, dict):
        return value
    if policy == "omit":
        value = {key: inner for key, inner in value.items() if inner is not None}
    elif policy == "empty":
        value = {key: "" if inner is None else inner for key, inner in value.items()}
    return {key: with_nulls(inner, policy) for key, inner in value.items()}


def renamed(data, names):
    """The data with some keys renamed, each in its old place."""
    return {names.get(key, key): value for key, value in data.items()}


def std_json(event, client):
    failure = None
    if event.failure_code is not None:
        failure = {"code": event.failure_code, "message": event.failure_message}
    data = {
        "payment_id": event.payment_id,
        "amount": event.amount_text,
        "currency": event.currency,
        "status": event.status,
        "customer": {
            "id": event.customer_id,
            "name": event.customer_field("name", client),
            "email": event.customer_field("email", client),
            "iban": event.customer_field("iban", client),
        },
        "reference": event.reference,
        "failure": failure,
    }
    data = with_nulls(data, client.format_options.get("null_policy", "keep"))
    data = renamed(data, client.format_options.get("rename", {}))
    return {"type": event.type_for(client), "timestamp": timestamp(event.occurred_at), "data": data}


def cloudevents(event, client):
    """CloudEvents 1.0, structured mode, around the data of std_json."""
    inner = std_json(event, client)
    aliases = client.format_options.get("event_aliases", {})
    return {
        "specversion": "1.0",
        "id": event.public_id,
        "source": settings.CLOUDEVENTS_SOURCE,
        "type": aliases.get(event.type, settings.CLOUDEVENTS_TYPE_PREFIX + event.type),
        "subject": event.payment_id,
        "time": inner["timestamp"],
        "datacontenttype": "application/json",
        "data": inner["data"],
    }


def flat_camel(event, client):
    body = {
        "eventType": event.type_for(client),
        "occurredAt": epoch_milliseconds(event.occurred_at),
        "paymentId": event.payment_id,
        "amountMinor": event.amount_minor(client),
        "currency": event.currency,
        "status": event.status,
        "customerId": event.customer_id,
        "customerName": event.customer_field("name", client),
        "customerEmail": event.customer_field("email", client),
        "customerIban": event.customer_field("iban", client),
        "reference": event.reference,
        "failureCode": event.failure_code,
        "failureMessage": event.failure_message,
    }
    if client.format_version >= 2:
        body["occurredAt"] = timestamp(event.occurred_at)
        body["status"] = event.status.upper()
        body["amountMinor"] = {"value": body["amountMinor"], "currency": body.pop("currency")}
        body = renamed(body, {"amountMinor": "amount"})
    body = with_nulls(body, client.format_options.get("null_policy", "omit"))
    return renamed(body, client.format_options.get("rename", {}))


def form_legacy(event, client):
    fields = {
        "event": event.type_for(client),
        "date": event.local_time(client).strftime("%d.%m.%Y %H:%M:%S"),
        "payment": event.payment_id,
        "amount": event.amount_text.replace(".", ","),
        "currency": event.currency,
        "status": event.status,
        "customer[id]": event.customer_id,
        "customer[name]": event.customer_field("name", client),
        "customer[email]": event.customer_field("email", client),
        "customer[iban]": event.customer_field("iban", client),
        "reference": event.reference,
        "failure[code]": event.failure_code,
        "failure[message]": event.failure_message,
    }
    return renamed(with_nulls(fields, "empty"), client.format_options.get("rename", {}))


def csv_value(text: str) -> str:
    """A value that is safe in a spreadsheet: a formula becomes text, and after that it is quoted if needed."""
    if text.startswith(("=", "+", "-", "@", "\t", "\r")):
        text = "'" + text
    if re.search('[;"\r\n]', text):
        text = '"' + text.replace('"', '""') + '"'
    return text


def csv_lines(row: dict[str, str]) -> bytes:
    header, values = ";".join(row), ";".join(csv_value(value) for value in row.values())
    return f"{header}\r\n{values}\r\n".encode()


CURRENCY_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
SLACK_TEXT_LENGTH = 3000


def slack_escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def slack_cut(text: str) -> str:
    """At most 3,000 characters of an escaped text, never cut inside an entity."""
    cut = text[:SLACK_TEXT_LENGTH]
    entity = cut.rfind("&")
    return cut if ";" in cut[entity:] or entity < 0 else cut[:entity]


def slack_blocks(event, client):
    sign = CURRENCY_SIGNS.get(event.currency, event.currency + " ")
    amount = f"{sign}{Decimal(event.amount_text):,}"
    name = event.customer_field("name", client)
    text = f"*{event.type_for(client)}* {amount} {event.payment_id} {name}"
    if event.failure_code is not None:
        text += f" – {event.failure_code}: {event.failure_message}"
    text = slack_cut(slack_escaped(text))
    return {"text": text, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]}


PAYLOADS = {
    "std_json": std_json,
    "flat_camel": flat_camel,
    "form_legacy": form_legacy,
    "cloudevents": cloudevents,
    "slack_blocks": slack_blocks,
    "csv": form_legacy,
}


CONTENT_TYPES = {
    "std_json": "application/json",
    "flat_camel": "application/json",
    "form_legacy": "application/x-www-form-urlencoded; charset=utf-8",
    "xml_bank": "application/xml; charset=utf-8",
    "cloudevents": "application/cloudevents+json; charset=utf-8",
    "slack_blocks": "application/json",
    "csv": "text/csv; charset=utf-8; header=present",
}


def render(event, client) -> tuple[str, bytes]:
    """The content type and the body of this event for this client."""
    content_type = CONTENT_TYPES[client.format_name]
    if client.format_name == "xml_bank":
        return content_type, payment_document(event, client)
    payload = PAYLOADS[client.format_name](event, client)
    if client.format_name == "form_legacy":
        return content_type, urlencode(payload).encode()
    if client.format_name == "csv":
        return content_type, csv_lines(payload)
    return content_type, compact_json(payload)
