"""The service as a merchant sees it, with the provider's sandbox behind it. HTTP in, HTTP out."""

import socket
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from workshop.exercises.probes import outside

pytestmark = pytest.mark.django_db
START = Path(__file__).resolve().parent.parent / "start"


@pytest.fixture
def sandbox(settings):
    """The original sandbox, at the URL in the service's settings."""
    spec = spec_from_file_location("provider_sandbox", START / "tests" / "sandbox.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.Sandbox() as running:
        settings.GATEWAY_URL = running.url
        yield running


@pytest.fixture
def nobody():
    """A URL at which no server listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{one.getsockname()[1]}"


@pytest.fixture
def authorized(client):
    def create(card="tok_ok", amount="12.50", currency="EUR", reference="order-1"):
        body = {"reference": reference, "card": card, "amount": amount, "currency": currency}
        client.post("/payments", body, content_type="application/json")
        return reference

    return create


@pytest.fixture
def capture(client):
    return lambda reference: client.post(f"/payments/{reference}/capture")


@pytest.fixture
def shown(client):
    return lambda reference: client.get(f"/payments/{reference}").json()


@pytest.mark.check("money-is-taken-once")
def test_a_capture_takes_the_money(sandbox, authorized, capture, shown):
    response = capture(authorized(amount="12.50"))

    assert response.status_code == 200, f"a capture should answer 200, and answered {response.status_code}"
    found = (shown("order-1")["state"], shown("order-1")["charge"])
    assert found == ("captured", "ch_1"), f"the payment should be captured, with the charge ch_1; it is {found}"
    taken = [(charge["amount"], charge["currency"]) for charge in sandbox.charges.values()]
    assert taken == [(1250, "EUR")], f"12.50 EUR are 1250 cents, and the gateway was asked for {taken}"


@pytest.mark.check("money-is-taken-once")
def test_every_cent_is_taken(sandbox, authorized, capture):
    for cents in (1, 29, 57, 115, 201, 1998, 1999, 999_999_999_999):
        amount = f"{cents // 100}.{cents % 100:02}"
        capture(authorized(amount=amount, currency="SEK", reference=f"order-{cents}"))

        taken = sandbox.charges[f"order-{cents}"]["amount"]
        assert taken == cents, f"{amount} SEK are {cents} öre, and the gateway was asked for {taken}"


@pytest.mark.check("money-is-taken-once")
def test_a_second_capture_takes_nothing(sandbox, authorized, capture):
    reference = authorized()
    capture(reference)

    again = capture(reference)

    assert again.json()["charge"] == "ch_1", f"a second capture gives the charge {again.json()['charge']!r}, not ch_1"
    assert len(sandbox.charges) == 1, f"one payment took money {len(sandbox.charges)} times"


@pytest.mark.check("money-is-taken-once")
def test_two_payments_are_two_charges(sandbox, authorized, capture, shown):
    for reference in (authorized(reference="order-1"), authorized(reference="order-2")):
        capture(reference)

    charges = {shown("order-1")["charge"], shown("order-2")["charge"]}
    assert len(charges) == 2, f"two payments share one charge, {', '.join(charges)}"


@pytest.mark.check("yen-has-no-cents")
def test_yen_go_out_whole(sandbox, authorized, capture):
    for yen in (1, 1250, 9_999_999):
        capture(authorized(amount=str(yen), currency="JPY", reference=f"order-{yen}"))

        taken = sandbox.charges[f"order-{yen}"]["amount"]
        assert taken == yen, f"for {yen} JPY the gateway should be asked for {yen}; it was asked for {taken}"


@pytest.mark.check("declined-is-final")
def test_a_declined_card_fails_the_payment(sandbox, authorized, capture, shown):
    response = capture(authorized(card="tok_declined"))

    found = (response.status_code, shown("order-1")["state"], shown("order-1")["failure"])
    assert found == (200, "failed", "insufficient funds"), f"a declined card should fail the payment; it gives {found}"


@pytest.mark.check("declined-is-final")
def test_a_failed_payment_is_not_tried_again(sandbox, settings, authorized, capture, shown):
    reference = authorized(card="tok_declined")
    capture(reference)

    with outside.listening(lambda path, body: {"id": "ch_9"}) as there:
        settings.GATEWAY_URL = there.url
        capture(reference)

    found = (len(there.asked), shown(reference)["state"])
    assert found == (0, "failed"), (
        f"a failed payment was captured again: the gateway was asked {found[0]} times, not 0, "
        f"and the payment is {found[1]}, not failed"
    )


@pytest.mark.check("an-outage-decides-nothing")
@pytest.mark.parametrize("outage", ["answers 503", "does not answer"])
def test_an_outage_leaves_the_payment_as_it_is(sandbox, nobody, settings, authorized, capture, shown, outage):
    if outage == "does not answer":
        settings.GATEWAY_URL = nobody
    reference = authorized(card="tok_down")

    response = capture(reference)

    found = (response.status_code, shown(reference)["state"])
    wanted = (503, "authorized")
    assert found == wanted, f"if the gateway {outage}, a capture should give {wanted}; it gives {found}"


@pytest.mark.check("an-outage-decides-nothing")
@pytest.mark.parametrize(
    ("ending", "error"),
    [("closes the connection", outside.HangsUp), ("says nothing", outside.SaysNothing)],
    ids=["hangs up", "late"],
)
def test_a_gateway_that_takes_the_call_and_does_not_answer_is_down(
    client, settings, authorized, capture, shown, ending, error
):
    def answer(path, body):
        raise error

    client.raise_request_exception = False  # an error that the view does not know is a 500
    reference = authorized()
    with outside.listening(answer) as there:
        settings.GATEWAY_URL = there.url
        with outside.hurry():
            response = capture(reference)

    found = (response.status_code, shown(reference)["state"])
    wanted = (503, "authorized")
    assert found == wanted, (
        f"if the gateway accepts the call and then {ending}, a capture should give {wanted}; it gives {found}"
    )


@pytest.mark.check("an-outage-decides-nothing")
@pytest.mark.parametrize("status", [400, 404, 409, 429, 500])
def test_only_402_is_a_refusal(settings, authorized, capture, shown, status):
    def answer(path, body):
        raise outside.Down(status)

    reference = authorized()
    with outside.listening(answer) as there:
        settings.GATEWAY_URL = there.url
        response = capture(reference)

    found = (response.status_code, shown(reference)["state"])
    wanted = (503, "authorized")
    assert found == wanted, f"if the gateway answers {status}, a capture should give {wanted}; it gives {found}"
