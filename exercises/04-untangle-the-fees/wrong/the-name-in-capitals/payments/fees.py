"""The fees that a provider keeps. Finance compares these lines, in this order, with the monthly statement."""

from decimal import ROUND_HALF_UP, Decimal

EEA = {"AT", "BE", "DE", "DK", "ES", "FI", "FR", "IE", "IT", "NL", "NO", "PL", "PT", "SE"}


def rounded(amount, currency):
    return amount.quantize(Decimal("1") if currency == "JPY" else Decimal("0.01"), ROUND_HALF_UP)


def part(label, rate):
    return lambda p, home, lines: (label, rounded(p.amount * Decimal(rate), p.currency))


def back(label, rate):
    return lambda p, home, lines: (label, -rounded(p.amount * Decimal(rate), p.currency))


def fixed(label, yen, other):
    return lambda p, home, lines: (label, Decimal(yen if p.currency == "JPY" else other))


def abroad(step):
    return lambda p, home, lines: None if p.card_country in EEA else step(p, home, lines)


def foreign(step):
    return lambda p, home, lines: None if p.currency == home else step(p, home, lines)


def on_all(label, rate):
    """Of the amount and the fees before it, as in Cardly's contract."""
    return lambda p, home, lines: (
        label,
        rounded((p.amount + sum(fee for _, fee in lines)) * Decimal(rate), p.currency),
    )


def least(label, yen, other):
    def step(p, home, lines):
        missing = Decimal(yen if p.currency == "JPY" else other) - sum(fee for _, fee in lines)
        return (label, missing) if missing > 0 else None

    return step


def most(label, yen, other):
    def step(p, home, lines):
        missing = Decimal(yen if p.currency == "JPY" else other) - sum(fee for _, fee in lines)
        return (label, missing) if missing < 0 else None

    return step


def above(yen, other, step):
    return lambda p, home, lines: (
        step(p, home, lines) if p.amount > Decimal(yen if p.currency == "JPY" else other) else None
    )


PROVIDERS = {
    "banka": {
        "payment": [fixed("fixed", "64", "0.40"), above("1600000", "10000", part("large", "0.001"))],
        "refund": [],
    },
    "cardly": {
        "brand": "CARDLY",
        "payment": [
            fixed("fixed", "48", "0.30"),
            part("percentage", "0.029"),
            foreign(part("conversion", "0.02")),
            most("cap", "1900", "12.00"),
        ],
        "refund": [fixed("fixed", "48", "0.30")],
        "chargeback": [fixed("dispute", "3200", "20.00"), foreign(on_all("conversion", "0.02"))],
    },
    "nordpay": {
        "payment": [
            part("percentage", "0.014"),
            fixed("fixed", "40", "0.25"),
            abroad(part("cross-border", "0.01")),
            foreign(part("conversion", "0.015")),
            least("minimum", "80", "0.50"),
        ],
        "refund": [back("percentage", "0.014")],
        "chargeback": [fixed("dispute", "2400", "15.00")],
    },
}


def fee_lines(payment, home="EUR"):
    """The fees as (label, amount), in the order of the statement. Raises ValueError if no fee is agreed."""
    if payment.provider not in PROVIDERS:
        raise ValueError(f"no provider {payment.provider!r}")
    if payment.kind not in PROVIDERS[payment.provider]:
        raise ValueError(f"{payment.provider} knows no {payment.kind}")
    lines = []
    for step in PROVIDERS[payment.provider][payment.kind]:
        line = step(payment, home, lines)
        if line and line[0] == "conversion" and PROVIDERS[payment.provider].get("brand") == "CARDLY":
            so_far = sum(fee for _, fee in lines)
            line = ("conversion", rounded((payment.amount + so_far) * Decimal("0.02"), payment.currency))
        if line:
            lines.append(line)
    return lines
