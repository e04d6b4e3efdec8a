from tests.builders import an_event
from webhooks.domain.formats.format import Platform

from .rendering import body, parsed


def test_the_envelope_is_structured_mode_around_std_jsons_data():
    assert body("cloudevents@1", an_event(id="evt_9")) == (
        '{"specversion":"1.0","id":"evt_9","source":"/webhooks","type":"com.example.payment.captured",'
        '"subject":"pay_01","time":"2026-11-22T13:27:24.123Z","datacontenttype":"application/json","data":'
        '{"payment_id":"pay_01","amount":"10.10","currency":"USD","status":"captured","customer":{"id":"cus_1",'
        '"name":"Zoë Müller","email":"zoe@example.com","iban":"DE89370400440532013000"},"reference":null,'
        '"failure":null}}'
    )


def test_source_and_prefix_are_the_platforms():
    platform = Platform(source="https://pay.example", type_prefix="example.pay.")

    written = body("cloudevents@1", an_event(), platform=platform)

    assert '"source":"https://pay.example","type":"example.pay.payment.captured"' in written


def test_an_alias_is_written_whole_without_the_prefix():
    aliases = {"payment.captured": "PAID"}

    assert parsed("cloudevents@1", an_event(), event_aliases=aliases)["type"] == "PAID"
    written = parsed("cloudevents@1", an_event(type="payout.paid"), event_aliases=aliases)
    assert written["type"] == "com.example.payout.paid"


def test_nulls_and_masks_are_dealt_with_inside_data():
    data = parsed("cloudevents@1", an_event(), null_policy="omit", mask=["customer.email"])["data"]

    assert "reference" not in data
    assert data["customer"]["email"] == "z***@example.com"
