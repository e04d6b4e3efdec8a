from datetime import UTC, datetime

import pytest

from tests.builders import an_event
from webhooks.domain.formats.registry import get_format

from .rendering import body


def test_the_document_has_no_white_space_and_its_attributes_in_their_order():
    event = an_event(reference="R 1", failure=("05", "no"))

    assert body("xml_bank@1", event) == (
        '<?xml version="1.0" encoding="UTF-8"?><Payment xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' event="payment.captured" id="pay_01" status="captured">'
        "<OccurredAt>2026-11-22T13:27:24.123+00:00</OccurredAt>"
        '<Amount ccy="USD">10.10</Amount><Customer id="cus_1"><Name>Zoë Müller</Name>'
        "<Email>zoe@example.com</Email><Iban>DE89370400440532013000</Iban></Customer><Reference>R 1</Reference>"
        '<Failure code="05">no</Failure></Payment>'
    )


def test_a_null_has_no_attribute_but_nil():
    written = body("xml_bank@1", an_event(customer={"email": None, "iban": None}))

    assert '<Email xsi:nil="true"/><Iban xsi:nil="true"/></Customer>' in written
    assert written.endswith('<Reference xsi:nil="true"/><Failure xsi:nil="true"/></Payment>')


def test_texts_escape_what_xml_needs():
    written = body("xml_bank@1", an_event(customer={"name": 'A & "B" <C>\r\t\n'}))

    assert '<Name>A &amp; "B" &lt;C&gt;&#13;\t\n</Name>' in written


def test_attributes_escape_quotes_and_white_space_too():
    written = body("xml_bank@1", an_event(status='"x"\t\n\r&<>'))

    assert ' status="&quot;x&quot;&#9;&#10;&#13;&amp;&lt;&gt;">' in written


@pytest.mark.parametrize(
    "text, written",
    [
        ("a\x01b\x08\x0b\x0c\x1fc", "abc"),
        ("a\ufffe\uffffb", "ab"),
        ("\ue000\ufffd\U00010000\U0010ffff\ud7ff ", "\ue000\ufffd\U00010000\U0010ffff\ud7ff "),
    ],
)
def test_what_xml_1_0_forbids_is_dropped_and_nothing_else(text, written):
    assert f'<Failure code="05">{written}</Failure>' in body("xml_bank@1", an_event(failure=("05", text)))


@pytest.mark.parametrize(
    "moment, zone, written",
    [
        (datetime(2026, 11, 22, 13, 27, 24, 123999, UTC), "Europe/Berlin", "2026-11-22T14:27:24.123+01:00"),
        (datetime(2026, 7, 1, tzinfo=UTC), "Europe/Berlin", "2026-07-01T02:00:00.000+02:00"),
        (datetime(2026, 7, 1, tzinfo=UTC), "America/St_Johns", "2026-06-30T21:30:00.000-02:30"),
        (datetime(1970, 6, 1, tzinfo=UTC), "Africa/Monrovia", "1970-05-31T23:15:30.000-00:44"),
    ],
)
def test_the_time_is_the_clients_with_its_offset_cut_to_minutes(moment, zone, written):
    event = an_event(occurred_at=moment)

    assert f"<OccurredAt>{written}</OccurredAt>" in body("xml_bank@1", event, {"timezone": zone})


def test_an_alias_and_a_mask_are_written():
    options = {"event_aliases": {"payment.captured": "PAID"}, "mask": ["customer.iban"]}

    written = body("xml_bank@1", an_event(), options)

    assert ' event="PAID" ' in written
    assert "<Iban>DE****************3000</Iban>" in written


@pytest.mark.parametrize(
    "answer",
    [b'<Ack code="0"/>', b'\n <Ack code="0">thanks</Ack>\r\n', b'<?xml version="1.0"?><Ack a="1" code="0"><x/></Ack>'],
)
def test_an_ack_of_code_0_acknowledges(answer):
    assert get_format("xml_bank", 1).ack.accepts(answer)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"ok",
        b'<Ack code="1"/>',
        b"<Ack/>",
        b'<ack code="0"/>',
        b'<x><Ack code="0"/></x>',
        b'<Ack xmlns="urn:bank" code="0"/>',
        b'<Ack code="0">',
        b'<!DOCTYPE Ack><Ack code="0"/>',
        b'<!DOCTYPE Ack [<!ENTITY a "b">]><Ack code="0">&a;</Ack>',
        b"\xff\xfe",
    ],
)
def test_every_other_answer_is_no_ack(answer):
    assert get_format("xml_bank", 1).ack.accepts(answer) is False
