import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from webhooks.models import Delivery
from webhooks.payloads import csv_value, slack_cut

from .factories import an_event


def body(event, client):
    return event.render_for(client)[1].decode()


def test_std_json_writes_the_event_in_the_order_of_the_documentation(make_client):
    assert body(an_event(), make_client("std_json")) == (
        '{"type":"payment.captured","timestamp":"2026-11-22T13:27:24.123Z","data":{"payment_id":"pay_01",'
        '"amount":"10.10","currency":"USD","status":"captured","customer":{"id":"cus_1","name":"Zoë Müller",'
        '"email":"zoe@example.com","iban":"DE89370400440532013000"},"reference":null,"failure":null}}'
    )


def test_std_json_nests_a_failure(make_client):
    event = an_event(type="payment.failed", failure_code="05", failure_message="Do not honour")

    data = json.loads(body(event, make_client("std_json")))["data"]

    assert data["failure"] == {"code": "05", "message": "Do not honour"}


def test_null_policy_omits_nulls_at_every_depth(make_client):
    client = make_client("std_json", null_policy="omit")

    data = json.loads(body(an_event(customer_email=None), client))["data"]

    assert "reference" not in data and "failure" not in data
    assert list(data["customer"]) == ["id", "name", "iban"]


def test_null_policy_empty_writes_empty_strings(make_client):
    client = make_client("std_json", null_policy="empty")

    data = json.loads(body(an_event(customer_iban=None), client))["data"]

    assert (data["reference"], data["failure"], data["customer"]["iban"]) == ("", "", "")


def test_a_renamed_key_keeps_its_place(make_client):
    client = make_client("std_json", rename={"amount": "total", "status": "amount"})

    data = json.loads(body(an_event(), client))["data"]

    assert list(data)[:4] == ["payment_id", "total", "currency", "amount"]


def test_times_are_cut_to_milliseconds_and_not_rounded(make_client):
    event = an_event(occurred_at=datetime(2026, 11, 22, 13, 27, 59, 999999, UTC))

    assert json.loads(body(event, make_client("std_json")))["timestamp"] == "2026-11-22T13:27:59.999Z"
    assert json.loads(body(event, make_client("flat_camel", slug="flat")))["occurredAt"] == 1795354079999


def test_an_alias_stands_in_the_types_place(make_client):
    client = make_client("std_json", event_aliases={"payment.captured": "PAID"})

    assert json.loads(body(an_event(), client))["type"] == "PAID"
    assert json.loads(body(an_event(type="payout.paid"), client))["type"] == "payout.paid"


def test_flat_camel_writes_one_level_without_nulls(make_client):
    assert body(an_event(), make_client("flat_camel")) == (
        '{"eventType":"payment.captured","occurredAt":1795354044123,"paymentId":"pay_01","amountMinor":1010,'
        '"currency":"USD","status":"captured","customerId":"cus_1","customerName":"Zoë Müller",'
        '"customerEmail":"zoe@example.com","customerIban":"DE89370400440532013000"}'
    )


@pytest.mark.parametrize(("amount", "minor"), [("0.50", 0), ("1.50", 2), ("2.50", 2)])
def test_a_dropped_digit_rounds_half_to_even(make_client, amount, minor):
    client = make_client("flat_camel", minor_units={"USD": 0})

    assert json.loads(body(an_event(amount=Decimal(amount)), client))["amountMinor"] == minor


def test_minor_units_may_have_more_digits_than_the_currency(make_client):
    client = make_client("flat_camel", minor_units={"USD": 4, "EUR": 0})

    assert json.loads(body(an_event(), client))["amountMinor"] == 101000


def test_flat_camel_keeps_nulls_where_it_is_told_to(make_client):
    written = json.loads(body(an_event(), make_client("flat_camel", null_policy="keep")))

    assert list(written)[-3:] == ["reference", "failureCode", "failureMessage"]
    assert written["failureCode"] is None


def test_flat_camel_2_nests_the_amount_and_writes_the_time_as_text(make_client):
    assert body(an_event(), make_client("flat_camel", version=2)) == (
        '{"eventType":"payment.captured","occurredAt":"2026-11-22T13:27:24.123Z","paymentId":"pay_01",'
        '"amount":{"value":1010,"currency":"USD"},"status":"CAPTURED","customerId":"cus_1",'
        '"customerName":"Zoë Müller","customerEmail":"zoe@example.com","customerIban":"DE89370400440532013000"}'
    )


def test_form_legacy_writes_what_urlencode_writes(make_client):
    event = an_event(customer_email=None, failure_code="05", failure_message="a & b")

    assert body(event, make_client("form_legacy", timezone="Asia/Kolkata")) == (
        "event=payment.captured&date=22.11.2026+18%3A57%3A24&payment=pay_01&amount=10%2C10&currency=USD"
        "&status=captured&customer%5Bid%5D=cus_1&customer%5Bname%5D=Zo%C3%AB+M%C3%BCller&customer%5Bemail%5D="
        "&customer%5Biban%5D=DE89370400440532013000&reference=&failure%5Bcode%5D=05&failure%5Bmessage%5D=a+%26+b"
    )


def test_xml_bank_escapes_and_marks_nulls(make_client):
    event = an_event(customer_name='A & "B" <C>\r', customer_email=None, status='"x"\n')

    assert body(event, make_client("xml_bank", timezone="Europe/Berlin")) == (
        '<?xml version="1.0" encoding="UTF-8"?><Payment xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' event="payment.captured" id="pay_01" status="&quot;x&quot;&#10;">'
        "<OccurredAt>2026-11-22T14:27:24.123+01:00</OccurredAt>"
        '<Amount ccy="USD">10.10</Amount><Customer id="cus_1"><Name>A &amp; "B" &lt;C&gt;&#13;</Name>'
        '<Email xsi:nil="true"/><Iban>DE89370400440532013000</Iban></Customer><Reference xsi:nil="true"/>'
        '<Failure xsi:nil="true"/></Payment>'
    )


def test_xml_bank_cuts_the_offset_to_minutes_and_drops_forbidden_characters(make_client):
    event = an_event(
        occurred_at=datetime(1970, 6, 1, tzinfo=UTC), failure_code="05", failure_message="a\x01b\ufffe\U0001f600"
    )

    written = body(event, make_client("xml_bank", timezone="Africa/Monrovia"))

    assert "<OccurredAt>1970-05-31T23:15:30.000-00:44</OccurredAt>" in written
    assert '<Failure code="05">ab\U0001f600</Failure>' in written


def test_cloudevents_wraps_std_jsons_data(make_client):
    event = an_event()

    written = json.loads(body(event, make_client("cloudevents")))

    data = written.pop("data")
    assert written == {
        "specversion": "1.0",
        "id": event.public_id,
        "source": "/webhooks",
        "type": "com.example.payment.captured",
        "subject": "pay_01",
        "time": "2026-11-22T13:27:24.123Z",
        "datacontenttype": "application/json",
    }
    assert data["amount"] == "10.10"


def test_cloudevents_writes_an_alias_without_the_prefix(make_client):
    client = make_client("cloudevents", event_aliases={"payment.captured": "PAID"})

    assert json.loads(body(an_event(), client))["type"] == "PAID"


def slack_text(event, client):
    written = json.loads(body(event, client))
    assert written["blocks"] == [{"type": "section", "text": {"type": "mrkdwn", "text": written["text"]}}]
    return written["text"]


@pytest.mark.parametrize(
    ("currency", "amount", "written"),
    [("USD", "10.10", "$10.10"), ("JPY", "1099", "¥1,099"), ("KWD", "1234.5", "KWD 1,234.500")],
)
def test_slack_writes_one_line(make_client, currency, amount, written):
    event = an_event(currency=currency, amount=Decimal(amount), customer_name="A & <B>")

    assert slack_text(event, make_client("slack_blocks")) == (f"*payment.captured* {written} pay_01 A &amp; &lt;B&gt;")


def test_slack_adds_the_failure(make_client):
    event = an_event(type="payment.failed", failure_code="05", failure_message="no")

    assert slack_text(event, make_client("slack_blocks")).endswith(" Zoë Müller – 05: no")


def test_slack_cuts_no_entity_in_two():
    assert len(slack_cut("x" * 3001)) == 3000
    assert slack_cut("x" * 2997 + "&amp;") == "x" * 2997
    assert slack_cut("x" * 2995 + "&amp;y") == "x" * 2995 + "&amp;"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"amount": Decimal("10.10")}, "pending"),
        ({"amount": Decimal("10.09")}, "skipped"),
        ({"currency": "EUR"}, "skipped"),
        ({"type": "payment.failed", "amount": Decimal("0")}, "pending"),
    ],
)
def test_slack_sends_failures_and_large_amounts(make_client, changes, status):
    client = make_client("slack_blocks", threshold={"USD": "10.10"})

    delivery = Delivery.prepared(an_event(**changes), client)

    assert delivery.status == status
    assert delivery.skip_reason == ("below_threshold" if status == "skipped" else None)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "plain"),
        ("a,b", "a,b"),
        ("a;b", '"a;b"'),
        ('"', '""""'),
        ("a\r", '"a\r"'),
        ("-1", "'-1"),
        ("@x;", '"\'@x;"'),
        ("\t", "'\t"),
        ("\r", '"\'\r"'),
        ("\n=1", '"\n=1"'),
        (" =1", " =1"),
        ("", ""),
    ],
)
def test_csv_makes_a_formula_text_and_only_then_quotes(value, written):
    assert csv_value(value) == written


def test_csv_looks_for_a_formula_after_the_mask(make_client):
    event = an_event(customer_name="=SUM(A1)")

    assert ";'=***;" in body(event, make_client("csv", mask=["customer.name"]))


def test_csv_writes_a_header_and_a_row(make_client):
    event = an_event(customer_name='=1+1;"x"', customer_email=None, reference="+49\n1")

    assert body(event, make_client("csv", rename={"customer[name]": "name"})) == (
        "event;date;payment;amount;currency;status;customer[id];name;customer[email];customer[iban];reference;"
        "failure[code];failure[message]\r\n"
        'payment.captured;22.11.2026 13:27:24;pay_01;10,10;USD;captured;cus_1;"\'=1+1;""x""";;'
        'DE89370400440532013000;"\'+49\n1";;\r\n'
    )
