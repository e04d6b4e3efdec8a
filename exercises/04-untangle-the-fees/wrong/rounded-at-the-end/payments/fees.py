"""The fees that a provider keeps. Finance compares these lines, in this order, with the monthly statement."""

from decimal import ROUND_HALF_UP, Decimal

EEA = {"AT", "BE", "DE", "DK", "ES", "FI", "FR", "IE", "IT", "NL", "NO", "PL", "PT", "SE"}
HOME_CURRENCY = "EUR"


def rounded(amount, currency):
    return amount.quantize(Decimal("1") if currency == "JPY" else Decimal("0.01"), ROUND_HALF_UP)


def always(payment):
    return True


def foreign(payment):
    return payment.currency != HOME_CURRENCY


def outside_eea(payment):
    return payment.card_country not in EEA


# A rule takes the payment and the fees so far, and returns its own fee, or None if there is none.


def share(rate, when=always, of_fees_too=False):
    def rule(payment, so_far):
        base = payment.amount + so_far if of_fees_too else payment.amount
        return base * Decimal(rate) if when(payment) else None

    return rule


def in_currency(payment, usual, yen):
    return Decimal(yen if payment.currency == "JPY" else usual)


def fixed(usual, yen):
    return lambda payment, so_far: in_currency(payment, usual, yen)


def at_least(usual, yen):
    return lambda payment, so_far: max(in_currency(payment, usual, yen) - so_far, Decimal(0)) or None


def at_most(usual, yen):
    return lambda payment, so_far: min(in_currency(payment, usual, yen) - so_far, Decimal(0)) or None


def above(usual, yen):
    return lambda payment: payment.amount > in_currency(payment, usual, yen)


# The rules for each kind, in the order of the statement. A provider does not support a missing kind.
PROVIDERS = {
    "nordpay": {
        "payment": [
            ("percentage", share("0.014")),
            ("fixed", fixed("0.25", "40")),
            ("cross-border", share("0.01", when=outside_eea)),
            ("conversion", share("0.015", when=foreign)),
            ("minimum", at_least("0.50", "80")),
        ],
        "refund": [("percentage", share("-0.014"))],  # Nordpay returns it and keeps the rest
        "chargeback": [("dispute", fixed("15.00", "2400"))],
    },
    "cardly": {
        "payment": [
            ("fixed", fixed("0.30", "48")),
            ("percentage", share("0.029")),
            ("conversion", share("0.02", when=foreign, of_fees_too=True)),
            ("cap", at_most("12.00", "1900")),
        ],
        "refund": [("fixed", fixed("0.30", "48"))],
        "chargeback": [
            ("dispute", fixed("20.00", "3200")),
            ("conversion", share("0.02", when=foreign, of_fees_too=True)),
        ],
    },
    "banka": {
        "payment": [("fixed", fixed("0.40", "64")), ("large", share("0.001", when=above("10000", "1600000")))],
        "refund": [],
    },
}


def fee_lines(payment):
    """The fees as (label, amount), in the order of the statement. Raises ValueError if no fee is agreed."""
    try:
        rules = PROVIDERS[payment.provider][payment.kind]
    except KeyError as unknown:
        raise ValueError(f"no fees are agreed for {unknown}") from None
    lines = []
    for label, rule in rules:
        fee = rule(payment, sum((fee for _, fee in lines), Decimal(0)))
        if fee is not None:
            lines.append((label, fee))
    return [(label, rounded(fee, payment.currency)) for label, fee in lines]
