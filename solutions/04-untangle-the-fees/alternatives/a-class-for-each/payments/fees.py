"""The fees that a provider keeps. Finance compares these lines, in this order, with the monthly statement."""

from decimal import ROUND_HALF_UP, Decimal

EEA = {"AT", "BE", "DE", "DK", "ES", "FI", "FR", "IE", "IT", "NL", "NO", "PL", "PT", "SE"}
HOME_CURRENCY = "EUR"
KINDS = ("payment", "refund", "chargeback")
PROVIDERS = {}


def rounded(amount, currency):
    return amount.quantize(Decimal("1") if currency == "JPY" else Decimal("0.01"), ROUND_HALF_UP)


def provider(name):
    """Register a class under the provider's name in payments."""

    def register(rules):
        PROVIDERS[name] = rules()
        return rules

    return register


def share(payment, rate, so_far=0):
    return rounded((payment.amount + so_far) * Decimal(rate), payment.currency)


def money(payment, usual, yen):
    return Decimal(yen if payment.currency == "JPY" else usual)


def is_foreign(payment):
    return payment.currency != HOME_CURRENCY


@provider("nordpay")
class Nordpay:
    def payment(self, payment):
        yield "percentage", (first := share(payment, "0.014"))
        yield "fixed", (fixed := money(payment, "0.25", "40"))
        so_far = first + fixed
        if payment.card_country not in EEA:
            yield "cross-border", (abroad := share(payment, "0.01"))
            so_far += abroad
        if is_foreign(payment):
            yield "conversion", (conversion := share(payment, "0.015"))
            so_far += conversion
        if so_far < (least := money(payment, "0.50", "80")):
            yield "minimum", least - so_far

    def refund(self, payment):
        yield "percentage", -share(payment, "0.014")

    def chargeback(self, payment):
        yield "dispute", money(payment, "15.00", "2400")


@provider("cardly")
class Cardly:
    def payment(self, payment):
        fixed, percentage = money(payment, "0.30", "48"), share(payment, "0.029")
        yield "fixed", fixed
        yield "percentage", percentage
        so_far = fixed + percentage
        if is_foreign(payment):
            yield "conversion", (conversion := share(payment, "0.02", so_far))
            so_far += conversion
        if so_far > (most := money(payment, "12.00", "1900")):
            yield "cap", most - so_far

    def refund(self, payment):
        yield "fixed", money(payment, "0.30", "48")

    def chargeback(self, payment):
        dispute = money(payment, "20.00", "3200")
        yield "dispute", dispute
        if is_foreign(payment):
            yield "conversion", share(payment, "0.02", dispute)


@provider("banka")
class Banka:
    def payment(self, payment):
        yield "fixed", money(payment, "0.40", "64")
        if payment.amount > money(payment, "10000", "1600000"):
            yield "large", share(payment, "0.001")

    def refund(self, payment):
        yield from ()


def fee_lines(payment):
    """The fees as (label, amount), in the order of the statement. Raises ValueError if no fee is agreed."""
    rules = getattr(PROVIDERS.get(payment.provider), payment.kind, None) if payment.kind in KINDS else None
    if rules is None:
        raise ValueError(f"no fees are agreed for a {payment.kind} through {payment.provider!r}")
    return list(rules(payment))
