import pytest

from tests.builders import an_event
from webhooks.domain.formats.registry import get_format

from .rendering import body


def test_the_form_is_what_urlencode_writes():
    event = an_event(customer={"email": None}, failure=("05", "a & b"))

    assert body("form_legacy@1", event, {"timezone": "Asia/Kolkata"}) == (
        "event=payment.captured&date=22.11.2026+18%3A57%3A24&payment=pay_01&amount=10%2C10&currency=USD"
        "&status=captured&customer%5Bid%5D=cus_1&customer%5Bname%5D=Zo%C3%AB+M%C3%BCller&customer%5Bemail%5D="
        "&customer%5Biban%5D=DE89370400440532013000&reference=&failure%5Bcode%5D=05&failure%5Bmessage%5D=a+%26+b"
    )


def test_the_time_is_utc_unless_the_client_has_a_zone():
    assert "&date=22.11.2026+13%3A27%3A24&" in body("form_legacy@1", an_event())


def test_missing_values_are_empty():
    assert body("form_legacy@1", an_event(reference="R 1")).endswith(
        "&reference=R+1&failure%5Bcode%5D=&failure%5Bmessage%5D="
    )


def test_names_types_and_customers_are_as_the_client_wants_them():
    options = {
        "rename": {"customer[name]": "who", "date": "when"},
        "event_aliases": {"payment.captured": "PAID"},
        "mask": ["customer.name"],
    }

    written = body("form_legacy@1", an_event(), options)

    assert written.startswith("event=PAID&when=22.11.2026+13%3A27%3A24&")
    assert "&who=Z%2A%2A%2A+M%2A%2A%2A&" in written


@pytest.mark.parametrize("answer, is_ack", [(b"[accepted]", True), (b" [accepted]\n", True), (b"accepted", False)])
def test_only_accepted_in_brackets_acknowledges(answer, is_ack):
    assert get_format("form_legacy", 1).ack.accepts(answer) is is_ack
