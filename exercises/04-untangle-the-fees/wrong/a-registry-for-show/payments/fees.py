"""The fees that a provider keeps. Finance compares these lines, in this order, with the monthly statement."""

from decimal import ROUND_HALF_UP, Decimal

EEA = {"AT", "BE", "DE", "DK", "ES", "FI", "FR", "IE", "IT", "NL", "NO", "PL", "PT", "SE"}
HOME_CURRENCY = "EUR"
PERCENTAGE = {"nordpay": Decimal("0.014"), "cardly": Decimal("0.029")}
FIXED = {"nordpay": ("0.25", "40"), "cardly": ("0.30", "48"), "banka": ("0.40", "64")}
DISPUTE = {"nordpay": ("15.00", "2400"), "cardly": ("20.00", "3200")}
CONVERSION = {"nordpay": Decimal("0.015"), "cardly": Decimal("0.02")}
CROSS_BORDER = {"nordpay": Decimal("0.01")}
MINIMUM = {"nordpay": ("0.50", "80")}
CAP = {"cardly": ("12.00", "1900")}
LARGE = {"banka": ("10000", "1600000")}


def rounded(amount, currency):
    return amount.quantize(Decimal("1") if currency == "JPY" else Decimal("0.01"), ROUND_HALF_UP)


def of(table, payment):
    return Decimal(table[payment.provider][1 if payment.currency == "JPY" else 0])


def percentage_first(payment):
    lines = [("percentage", rounded(payment.amount * PERCENTAGE[payment.provider], payment.currency))]
    lines.append(("fixed", of(FIXED, payment)))
    if payment.card_country not in EEA:
        lines.append(("cross-border", rounded(payment.amount * CROSS_BORDER[payment.provider], payment.currency)))
    if payment.currency != HOME_CURRENCY:
        lines.append(("conversion", rounded(payment.amount * CONVERSION[payment.provider], payment.currency)))
    so_far = sum(fee for _, fee in lines)
    return [*lines, ("minimum", of(MINIMUM, payment) - so_far)] if so_far < of(MINIMUM, payment) else lines


def fixed_first(payment):
    lines = [("fixed", of(FIXED, payment))]
    if payment.provider in PERCENTAGE:
        lines.append(("percentage", rounded(payment.amount * PERCENTAGE[payment.provider], payment.currency)))
        so_far = sum(fee for _, fee in lines)
        if payment.currency != HOME_CURRENCY:
            conversion = rounded((payment.amount + so_far) * CONVERSION[payment.provider], payment.currency)
            lines.append(("conversion", conversion))
            so_far += conversion
        return [*lines, ("cap", of(CAP, payment) - so_far)] if so_far > of(CAP, payment) else lines
    if payment.amount > of(LARGE, payment):
        lines.append(("large", rounded(payment.amount * Decimal("0.001"), payment.currency)))
    return lines


PROVIDERS = {"nordpay": percentage_first, "cardly": fixed_first, "banka": fixed_first}


def fee_lines(payment):
    """The fees as (label, amount), in the order of the statement. Raises ValueError if no fee is agreed."""
    if payment.provider not in PROVIDERS:
        raise ValueError(f"no provider {payment.provider!r}")
    if payment.kind == "refund":
        if payment.provider in CROSS_BORDER:
            return [("percentage", -rounded(payment.amount * PERCENTAGE[payment.provider], payment.currency))]
        return [("fixed", of(FIXED, payment))] if payment.provider in PERCENTAGE else []
    if payment.kind == "chargeback":
        if payment.provider not in DISPUTE:
            raise ValueError(f"{payment.provider} knows no chargeback")
        dispute = of(DISPUTE, payment)
        if payment.provider in CAP and payment.currency != HOME_CURRENCY:
            rate = CONVERSION[payment.provider]
            return [("dispute", dispute), ("conversion", rounded((payment.amount + dispute) * rate, payment.currency))]
        return [("dispute", dispute)]
    return PROVIDERS[payment.provider](payment)
