"""xml_bank: XML for the banks' parsers: no white space between elements, attributes in a fixed order."""

import re

from defusedxml import ElementTree

from webhooks.domain.event import Event

from .format import Ack, Format, Options, Platform
from .options import EVENT_ALIASES, MASK, TIMEZONE, aliased, local_time, visible

XSI = "http://www.w3.org/2001/XMLSchema-instance"
# All characters except the Char production of XML 1.0
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TEXT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
ATTRIBUTE_ESCAPES = TEXT_ESCAPES | str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})


def render(event: Event, options: Options, platform: Platform) -> bytes:
    local = local_time(event.occurred_at, options).isoformat(timespec="milliseconds")
    # Before standard time, offsets had seconds, and isoformat writes them.
    date_and_time, sign, offset = local[:23], local[23], local[24:29]
    customer, failure = visible(event.customer, options), event.failure
    content = (
        text_element("OccurredAt", date_and_time + sign + offset)
        + text_element("Amount", event.money.text, ccy=event.money.currency)
        + element(
            "Customer",
            text_element("Name", customer.name)
            + text_element("Email", customer.email)
            + text_element("Iban", customer.iban),
            id=customer.id,
        )
        + text_element("Reference", event.reference)
        + (text_element("Failure", failure.message, code=failure.code) if failure else text_element("Failure", None))
    )
    attributes = {"xmlns:xsi": XSI, "event": aliased(event.type, options)}
    attributes |= {"id": event.payment_id, "status": event.status}
    return ('<?xml version="1.0" encoding="UTF-8"?>' + element("Payment", content, **attributes)).encode()


def text_element(tag: str, text: str | None, **attributes: str) -> str:
    return element(tag, None if text is None else escaped(text), **attributes)


def element(tag: str, content: str | None, **attributes: str) -> str:
    """An element around escaped content; a null element has only the attribute xsi:nil."""
    if content is None:
        return f'<{tag} xsi:nil="true"/>'
    written = "".join(f' {name}="{escaped(value, ATTRIBUTE_ESCAPES)}"' for name, value in attributes.items())
    return f"<{tag}{written}>{content}</{tag}>"


def escaped(text: str, escapes: dict[int, str] = TEXT_ESCAPES) -> str:
    return FORBIDDEN.sub("", text).translate(escapes)


def is_ack(text: bytes) -> bool:
    """Whether a response is `<Ack code="0">`. A response that cannot be parsed, for any reason, is not."""
    try:
        root = ElementTree.fromstring(text, forbid_dtd=True)
    except Exception:
        return False
    return bool(root.tag == "Ack" and root.get("code") == "0")


FORMATS = [
    Format(
        name="xml_bank",
        version=1,
        content_type="application/xml; charset=utf-8",
        options=(TIMEZONE, MASK, EVENT_ALIASES),
        render=render,
        ack=Ack('2xx <Ack code="0">', is_ack),
    )
]
