from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

EEA = {"AT", "BE", "DE", "DK", "ES", "FI", "FR", "IE", "IT", "NL", "NO", "PL", "PT", "SE"}


@dataclass(frozen=True)
class Rule:
    label: str
    type: str
    value: tuple
    when: str = "always"


PROVIDERS = {
    "nordpay": {
        "payment": [
            Rule("percentage", "rate", ("0.014",)),
            Rule("fixed", "flat", ("0.25", "40")),
            Rule("cross-border", "rate", ("0.01",), "outside"),
            Rule("conversion", "rate", ("0.015",), "foreign"),
            Rule("minimum", "floor", ("0.50", "80")),
        ],
        "refund": [Rule("percentage", "back", ("0.014",))],
        "chargeback": [Rule("dispute", "flat", ("15.00", "2400"))],
    },
    "cardly": {
        "payment": [
            Rule("fixed", "flat", ("0.30", "48")),
            Rule("percentage", "rate", ("0.029",)),
            Rule("conversion", "rate on all", ("0.02",), "foreign"),
            Rule("cap", "ceiling", ("12.00", "1900")),
        ],
        "refund": [Rule("fixed", "flat", ("0.30", "48"))],
        "chargeback": [
            Rule("dispute", "flat", ("20.00", "3200")),
            Rule("conversion", "rate on all", ("0.02",), "foreign"),
        ],
    },
    "banka": {
        "payment": [Rule("fixed", "flat", ("0.40", "64")), Rule("large", "rate", ("0.001",), "large")],
        "refund": [],
    },
}
LARGE = ("10000", "1600000")


def fee_lines(payment):
    rules = PROVIDERS.get(payment.provider, {}).get(payment.kind)
    if rules is None:
        raise ValueError("no such fee")
    yen = payment.currency == "JPY"
    unit = Decimal(1) if yen else Decimal("0.01")
    holds = {
        "always": True,
        "outside": payment.card_country not in EEA,
        "foreign": payment.currency != "EUR",
        "large": payment.amount > Decimal(LARGE[yen]),
    }
    lines, so_far = [], Decimal(0)
    for rule in rules:
        if not holds[rule.when]:
            continue
        if rule.type == "rate":
            fee = (payment.amount * Decimal(rule.value[0])).quantize(unit, ROUND_HALF_UP)
        elif rule.type == "back":
            fee = -(payment.amount * Decimal(rule.value[0])).quantize(unit, ROUND_HALF_UP)
        elif rule.type == "rate on all":
            fee = ((payment.amount + so_far) * Decimal(rule.value[0])).quantize(unit, ROUND_HALF_UP)
        else:
            fee = Decimal(rule.value[yen])
            if rule.type == "floor":
                fee = max(fee - so_far, Decimal(0))
            elif rule.type == "ceiling":
                fee = min(fee - so_far, Decimal(0))
            if rule.type != "flat" and not fee:
                continue
        so_far += fee
        lines.append((rule.label, fee))
    return lines
