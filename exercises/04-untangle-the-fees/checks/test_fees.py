"""Fees as merchants see them: the lines of a payment, their order, and refusals. HTTP in, HTTP out."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture
def pay(client):
    def send(provider, amount, currency="EUR", card_country="DE", kind="payment"):
        body = {"provider": provider, "amount": amount, "currency": currency, "card_country": card_country}
        return client.post("/payments", body | {"kind": kind}, content_type="application/json")

    return send


def lines(response):
    assert response.status_code == 201, (
        f"POST /payments answers {response.status_code} {response.content.decode()[:200]}"
    )
    return [f"{fee['label']} {fee['amount']}" for fee in response.json()["fees"]]


def expect(response, wanted):
    found, made = lines(response), response.json()
    asked = f"{made.get('kind')} of {made.get('amount')} {made.get('currency')} through {made.get('provider')}"
    assert found == wanted, f"a {asked} has {', '.join(found) or 'no fee'} instead of {', '.join(wanted) or 'no fee'}"


@pytest.mark.check("fees-are-as-agreed")
@pytest.mark.parametrize(
    ("payment", "wanted"),
    [
        (("nordpay", "100.00"), ["percentage 1.40", "fixed 0.25"]),
        (("cardly", "100.00"), ["fixed 0.30", "percentage 2.90"]),
        (("banka", "100.00"), ["fixed 0.40"]),
        (("banka", "10000.00"), ["fixed 0.40"]),
        (("banka", "25000.00"), ["fixed 0.40", "large 25.00"]),
        (("nordpay", "12.50", "EUR", "SE"), ["percentage 0.18", "fixed 0.25", "minimum 0.07"]),
        (("cardly", "999.00"), ["fixed 0.30", "percentage 28.97", "cap -17.27"]),
    ],
    ids=lambda case: " ".join(case) if isinstance(case, tuple) else "",
)
def test_a_payment_costs_what_the_contract_says(pay, payment, wanted):
    expect(pay(*payment), wanted)


@pytest.mark.check("order-is-a-rule")
@pytest.mark.parametrize(
    ("payment", "wanted"),
    [
        (
            ("nordpay", "200.00", "USD", "US"),
            ["percentage 2.80", "fixed 0.25", "cross-border 2.00", "conversion 3.00"],
        ),
        (("cardly", "200.00", "USD", "US"), ["fixed 0.30", "percentage 5.80", "conversion 4.12"]),
        (
            ("cardly", "300.00", "USD", "US"),
            ["fixed 0.30", "percentage 8.70", "conversion 6.18", "cap -3.18"],
        ),
        (
            ("nordpay", "5.00", "GBP", "GB"),
            ["percentage 0.07", "fixed 0.25", "cross-border 0.05", "conversion 0.08", "minimum 0.05"],
        ),
    ],
    ids=lambda case: " ".join(case) if isinstance(case, tuple) else "",
)
def test_fees_are_in_the_order_of_the_statement(pay, payment, wanted):
    expect(pay(*payment), wanted)


@pytest.mark.check("refunds-and-chargebacks")
@pytest.mark.parametrize(
    ("payment", "wanted"),
    [
        (("nordpay", "100.00", "EUR", "DE", "refund"), ["percentage -1.40"]),
        (("cardly", "100.00", "EUR", "DE", "refund"), ["fixed 0.30"]),
        (("banka", "100.00", "EUR", "DE", "refund"), []),
        (("nordpay", "100.00", "USD", "US", "chargeback"), ["dispute 15.00"]),
        (("cardly", "100.00", "EUR", "DE", "chargeback"), ["dispute 20.00"]),
        (("cardly", "100.00", "USD", "US", "chargeback"), ["dispute 20.00", "conversion 2.40"]),
    ],
    ids=lambda case: " ".join(case) if isinstance(case, tuple) else "",
)
def test_a_refund_and_a_chargeback_have_their_own_fees(pay, payment, wanted):
    expect(pay(*payment), wanted)


@pytest.mark.check("yen-has-no-cents")
@pytest.mark.parametrize(
    ("payment", "wanted"),
    [
        (("nordpay", "8000", "JPY", "JP"), ["percentage 112", "fixed 40", "cross-border 80", "conversion 120"]),
        (("cardly", "8000", "JPY", "JP"), ["fixed 48", "percentage 232", "conversion 166"]),
        (("banka", "2000000", "JPY", "JP"), ["fixed 64", "large 2000"]),
        (("cardly", "8000", "JPY", "JP", "chargeback"), ["dispute 3200", "conversion 224"]),
    ],
    ids=lambda case: " ".join(case) if isinstance(case, tuple) else "",
)
def test_fees_in_yen_are_whole(pay, payment, wanted):
    expect(pay(*payment), wanted)


@pytest.mark.check("unknown-is-refused")
def test_an_unknown_provider_is_refused(pay):
    response = pay("paygo", "100.00")

    assert response.status_code == 400, (
        f"a payment through the unknown provider 'paygo' is answered with {response.status_code}"
    )


@pytest.mark.check("unknown-is-refused")
def test_a_chargeback_through_banka_is_refused(pay):
    response = pay("banka", "100.00", kind="chargeback")

    assert response.status_code == 400, (
        f"a chargeback through banka is answered with {response.status_code}, but banka has none"
    )


@pytest.mark.parametrize(
    "section",
    [
        pytest.param("payments", marks=pytest.mark.check("fees-are-as-agreed")),
        pytest.param("payments from abroad", marks=pytest.mark.check("fees-are-as-agreed")),
        pytest.param("money that goes back", marks=pytest.mark.check("refunds-and-chargebacks")),
        pytest.param("yen", marks=pytest.mark.check("yen-has-no-cents")),
        pytest.param("what nobody agreed on", marks=pytest.mark.check("unknown-is-refused")),
    ],
)
def test_hundreds_of_payments_cost_what_they_did_at_the_start(as_at_start, section):
    for payment, now, then in as_at_start(section):
        assert now == then, f"for a {payment}, the answer was {shown(then)}, and is now {shown(now)}"


@pytest.mark.check("order-is-a-rule")
def test_the_fees_of_payments_from_abroad_keep_their_order(as_at_start):
    for payment, now, then in as_at_start("payments from abroad"):
        assert labels(now) == labels(then), f"for a {payment}, the answer was {shown(then)}, and is now {shown(now)}"


def labels(answer):
    return answer if isinstance(answer, int) else [line.split()[0] for line in answer]


def shown(answer):
    return f"status {answer}" if isinstance(answer, int) else ", ".join(answer) or "no fee"


@pytest.mark.check("fees-are-as-agreed")
def test_a_payment_keeps_its_total(pay, client):
    made = pay("cardly", "100.00").json()

    shown = client.get(f"/payments/{made['id']}").json()

    assert shown["fee_total"] == "3.20", f"the total of the fees 0.30 and 2.90 is {shown['fee_total']}, and not 3.20"


@pytest.mark.check("fees-are-as-agreed")
def test_the_settings_page_lists_the_providers(client):
    listed = client.get("/providers").json()["providers"]

    wanted = [("banka", False), ("cardly", True), ("nordpay", True)]
    assert [(provider["name"], provider["chargebacks"]) for provider in listed] == wanted, (
        f"GET /providers lists {listed}"
    )
