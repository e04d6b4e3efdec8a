import pytest

from tests.builders import an_event
from webhooks.domain.event import EventType
from webhooks.domain.formats.registry import get_format
from webhooks.domain.formats.slack_blocks import cut

from .rendering import body, parsed


def text(event, **options):
    return parsed("slack_blocks@1", event, **options)["text"]


def test_the_message_is_one_section():
    line = "*payment.captured* $10.10 pay_01 Zoë Müller"

    assert body("slack_blocks@1", an_event()) == (
        f'{{"text":"{line}","blocks":[{{"type":"section","text":{{"type":"mrkdwn","text":"{line}"}}}}]}}'
    )


@pytest.mark.parametrize(
    "amount, currency, written",
    [
        ("10.1", "USD", "$10.10"),
        ("1234567", "EUR", "€1,234,567.00"),
        ("999", "GBP", "£999.00"),
        ("1099", "JPY", "¥1,099"),
        ("1234.5", "KWD", "KWD 1,234.500"),
    ],
)
def test_an_amount_has_its_sign_or_its_code(amount, currency, written):
    assert text(an_event(amount, currency)) == f"*payment.captured* {written} pay_01 Zoë Müller"


def test_a_failure_is_added():
    assert text(an_event(failure=("05", "no"))).endswith(" Zoë Müller – 05: no")


def test_what_slack_reserves_is_escaped():
    event = an_event(customer={"name": "A & <B>"}, failure=("<", "&amp;"))

    assert text(event).endswith(" A &amp; &lt;B&gt; – &lt;: &amp;amp;")


def test_the_alias_and_the_mask_are_the_clients():
    written = text(an_event(), event_aliases={"payment.captured": "PAID"}, mask=["customer.name"])

    assert written == "*PAID* $10.10 pay_01 Z*** M***"


@pytest.mark.parametrize(
    "long, short",
    [
        ("x" * 3000, "x" * 3000),
        ("x" * 3001, "x" * 3000),
        ("x" * 2997 + "&amp;", "x" * 2997),
        ("x" * 2996 + "&lt;", "x" * 2996 + "&lt;"),
        ("x" * 2995 + "&amp;y", "x" * 2995 + "&amp;"),
        ("&lt;" + "x" * 2994 + "&amp;", "&lt;" + "x" * 2994),
        ("&lt;" + "x" * 3000, "&lt;" + "x" * 2996),
        ("x" * 2999 + "&amp;", "x" * 2999),
        ("&" * 0 + "x;" + "x" * 2996 + "&amp;", "x;" + "x" * 2996),
        ("&amp;", "&amp;"),
        ("", ""),
    ],
)
def test_three_thousand_characters_are_kept_and_no_entity_is_cut(long, short):
    assert cut(long) == short


def test_a_long_text_is_escaped_first_and_then_cut():
    event = an_event(failure=("05", "&" * 1000))

    written = text(event)

    assert len(written) <= 3000
    assert written.endswith("&amp;")


def skip_reason(event, **options):
    return get_format("slack_blocks", 1).skip_reason(event, options)


@pytest.mark.parametrize("amount, reason", [("10.10", None), ("10.11", None), ("10.09", "below_threshold")])
def test_an_amount_of_at_least_the_threshold_goes_out(amount, reason):
    assert skip_reason(an_event(amount), threshold={"USD": "10.10", "EUR": "1"}) == reason


def test_a_currency_without_a_threshold_has_no_amount_that_is_large_enough():
    assert skip_reason(an_event("999999"), threshold={"EUR": "1"}) == "below_threshold"
    assert skip_reason(an_event("999999")) == "below_threshold"


@pytest.mark.parametrize("options", [{}, {"threshold": {"USD": "999"}}])
def test_a_failed_payment_goes_out_whatever_its_amount(options):
    assert skip_reason(an_event("0", type=EventType.PAYMENT_FAILED), **options) is None


@pytest.mark.parametrize("answer, is_ack", [(b"ok", True), (b"\tok\n", True), (b"ok.", False), (b"OK", False)])
def test_only_ok_acknowledges(answer, is_ack):
    assert get_format("slack_blocks", 1).ack.accepts(answer) is is_ack
