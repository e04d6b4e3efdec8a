import pytest

from tests.builders import an_event
from webhooks.domain.formats.csv import value

from .rendering import body

HEADER = (
    "event;date;payment;amount;currency;status;customer[id];customer[name];customer[email];customer[iban];reference;"
    "failure[code];failure[message]\r\n"
)


def test_a_header_and_a_row_are_written():
    event = an_event(customer={"name": '=1+1;"x"', "email": None}, reference="+49\n1")

    assert body("csv@1", event) == HEADER + (
        'payment.captured;22.11.2026 13:27:24;pay_01;10,10;USD;captured;cus_1;"\'=1+1;""x""";;'
        'DE89370400440532013000;"\'+49\n1";;\r\n'
    )


def test_a_renamed_column_keeps_its_place():
    header, _, _ = body("csv@1", an_event(), {"rename": {"date": "when"}}).partition("\r\n")

    assert header == HEADER.replace(";date;", ";when;").rstrip()


@pytest.mark.parametrize(
    "text, written",
    [
        ("plain", "plain"),
        ("a,b", "a,b"),
        ("a;b", '"a;b"'),
        ('"', '""""'),
        ("a\r", '"a\r"'),
        ("a\nb", '"a\nb"'),
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("@x;", '"\'@x;"'),
        ("\t", "'\t"),
        ("\r", '"\'\r"'),
        ("\n=1", '"\n=1"'),
        (" =1", " =1"),
        ("1=1", "1=1"),
        ("", ""),
    ],
)
def test_a_formula_becomes_text_and_only_then_is_a_value_quoted(text, written):
    assert value(text) == written


def test_a_formula_is_looked_for_after_the_mask():
    event = an_event(customer={"name": "=SUM(A1)", "email": "+a@b"})

    written = body("csv@1", event, {"mask": ["customer.name", "customer.email"]})

    assert ";'=***;'+***@b;" in written
