"""The fees that a provider keeps. Finance compares these lines, in this order, with the monthly statement."""

from decimal import ROUND_HALF_UP, Decimal
from functools import partial

EEA = {"AT", "BE", "DE", "DK", "ES", "FI", "FR", "IE", "IT", "NL", "NO", "PL", "PT", "SE"}


def rounded(amount, currency):
    return amount.quantize(Decimal("1") if currency == "JPY" else Decimal("0.01"), ROUND_HALF_UP)


def maze(code, payment):
    """The fees as (label, amount), in the order of the statement. Raises ValueError if no fee is agreed."""
    amount, currency = payment.amount, payment.currency
    foreign = currency != "EUR"
    lines = []
    if payment.kind == "chargeback":
        if code == 1:
            lines.append(("dispute", Decimal("2400") if currency == "JPY" else Decimal("15.00")))
        elif code == 2:
            fee = Decimal("3200") if currency == "JPY" else Decimal("20.00")
            lines.append(("dispute", fee))
            if foreign:
                lines.append(("conversion", rounded((amount + fee) * Decimal("0.02"), currency)))
        else:
            raise ValueError("banka knows no chargeback")
    elif payment.kind == "refund":
        if code == 1:
            # Nordpay returns the percentage and keeps the rest.
            lines.append(("percentage", -rounded(amount * Decimal("0.014"), currency)))
        elif code == 2:
            lines.append(("fixed", Decimal("48") if currency == "JPY" else Decimal("0.30")))
    else:
        if code == 1:
            lines.append(("percentage", rounded(amount * Decimal("0.014"), currency)))
            lines.append(("fixed", Decimal("40") if currency == "JPY" else Decimal("0.25")))
            if payment.card_country not in EEA:
                lines.append(("cross-border", rounded(amount * Decimal("0.01"), currency)))
            if foreign:
                lines.append(("conversion", rounded(amount * Decimal("0.015"), currency)))
            least = Decimal("80") if currency == "JPY" else Decimal("0.50")
            so_far = sum(fee for _, fee in lines)
            if so_far < least:
                lines.append(("minimum", least - so_far))
        elif code == 2:
            lines.append(("fixed", Decimal("48") if currency == "JPY" else Decimal("0.30")))
            lines.append(("percentage", rounded(amount * Decimal("0.029"), currency)))
            if foreign:
                # Of the amount and the fees before it, as in Cardly's contract.
                so_far = sum(fee for _, fee in lines)
                lines.append(("conversion", rounded((amount + so_far) * Decimal("0.02"), currency)))
            most = Decimal("1900") if currency == "JPY" else Decimal("12.00")
            so_far = sum(fee for _, fee in lines)
            if so_far > most:
                lines.append(("cap", most - so_far))
        elif code == 3:
            lines.append(("fixed", Decimal("64") if currency == "JPY" else Decimal("0.40")))
            if amount > (Decimal("1600000") if currency == "JPY" else Decimal("10000")):
                lines.append(("large", rounded(amount * Decimal("0.001"), currency)))
    return lines


PROVIDERS = {"nordpay": partial(maze, 1), "cardly": partial(maze, 2), "banka": partial(maze, 3)}


def fee_lines(payment):
    if payment.provider not in PROVIDERS:
        raise ValueError("unknown")
    return PROVIDERS[payment.provider](payment)
