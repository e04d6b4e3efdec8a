"""XML for the banks' parsers: no white space between elements, attributes in a fixed order."""

import re

from defusedxml import ElementTree

XSI = "http://www.w3.org/2001/XMLSchema-instance"
# All characters except the Char production of XML 1.0
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TEXT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
ATTRIBUTE_ESCAPES = TEXT_ESCAPES | str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})


def escaped(text: str, escapes=TEXT_ESCAPES) -> str:
    return FORBIDDEN.sub("", text).translate(escapes)


def element(tag: str, content: str | None, **attributes: str) -> str:
    """An element around escaped content; a null element has only the attribute xsi:nil."""
    if content is None:
        return f'<{tag} xsi:nil="true"/>'
    written = "".join(f' {name}="{escaped(value, ATTRIBUTE_ESCAPES)}"' for name, value in attributes.items())
    return f"<{tag}{written}>{content}</{tag}>"


def text_element(tag: str, text: str | None, **attributes: str) -> str:
    return element(tag, None if text is None else escaped(text), **attributes)


def payment_document(event, client) -> bytes:
    local = event.local_time(client).isoformat(timespec="milliseconds")
    # Before standard time, offsets had seconds, and isoformat writes them.
    date_and_time, sign, offset = local[:23], local[23], local[24:29]
    customer = (
        text_element("Name", event.customer_field("name", client))
        + text_element("Email", event.customer_field("email", client))
        + text_element("Iban", event.customer_field("iban", client))
    )
    content = (
        text_element("OccurredAt", date_and_time + sign + offset)
        + text_element("Amount", event.amount_text, ccy=event.currency)
        + element("Customer", customer, id=event.customer_id)
        + text_element("Reference", event.reference)
        + text_element("Failure", event.failure_message, code=event.failure_code)
    )
    attributes = {"xmlns:xsi": XSI, "event": event.type_for(client), "id": event.payment_id, "status": event.status}
    return ('<?xml version="1.0" encoding="UTF-8"?>' + element("Payment", content, **attributes)).encode()


def is_xml_ack(body: bytes) -> bool:
    """Whether a response is `<Ack code="0">`. A response that cannot be parsed, for any reason, is not."""
    try:
        root = ElementTree.fromstring(body, forbid_dtd=True)
    except Exception:
        return False
    return root.tag == "Ack" and root.get("code") == "0"
