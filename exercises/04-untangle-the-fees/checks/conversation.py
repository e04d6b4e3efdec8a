"""Hundreds of payments. The answers of start/ are right, because no fee may change.

Some amounts are at the limit of a rule, some give a percentage with half a cent, and the rest are random. A fee of
-0.00 is shown as 0.00.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from random import Random
from typing import Any

PROVIDERS = ("nordpay", "cardly", "banka")
CURRENCIES = ("EUR", "EUR", "USD", "GBP", "PLN")
COUNTRIES = (
    "AT",
    "BE",
    "DE",
    "DK",
    "ES",
    "FI",
    "FR",
    "IE",
    "IT",
    "NL",
    "NO",
    "PL",
    "PT",
    "SE",
    "CH",
    "GB",
    "US",
    "de",
    "",
)
EDGES = ("0.00", "0.01", "6.40", "10.42", "17.85", "17.86", "17.87", "12.50", "37.50", "403.44", "403.45", "9999.99")
EDGES += ("10000.00", "10000.01", "10500.00", "99999.99")
EDGES_IN_YEN = (
    "0",
    "1",
    "50",
    "250",
    "1025",
    "1026",
    "1379",
    "1380",
    "2750",
    "2857",
    "2858",
    "37000",
    "38000",
    "63862",
)
EDGES_IN_YEN += ("63863", "1599999", "1600000", "1600001", "1600500")


def fees(client: Any, payments: Iterable[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for payment in payments:
        asked = f"{payment['kind']} of {payment['amount']} {payment['currency']} through {payment['provider']}"
        response = client.post("/payments", payment, content_type="application/json")
        if response.status_code == 201:
            said = response.json()
            lines = [f"{fee['label']} {plain(fee['amount'])}" for fee in said["fees"]]
            yield (
                f"{asked}, card country {payment['card_country'] or 'missing'}",
                [*lines, f"total {plain(said['fee_total'])}"],
            )
        else:
            yield f"{asked}, card country {payment['card_country'] or 'missing'}", response.status_code


def plain(amount: str) -> str:
    return amount.removeprefix("-") if Decimal(amount) == 0 else amount


def some(kind: str, amounts: Iterable[str], currencies: Iterable[str], seed: int) -> Iterator[dict[str, Any]]:
    """Each amount through each provider, with a random currency and country. Banka has no chargebacks."""
    lots = Random(seed)
    for amount in amounts:
        for provider in PROVIDERS[:2] if kind == "chargeback" else PROVIDERS:
            yield {
                "provider": provider,
                "kind": kind,
                "amount": amount,
                "currency": lots.choice(list(currencies)),
                "card_country": lots.choice(COUNTRIES),
            }


def amounts(seed: int, count: int) -> list[str]:
    """Random amounts. Half of them are multiples of 0.25, whose percentages often end in half a cent."""
    lots = Random(seed)
    quarters = [f"{lots.randrange(1, 2400) / 4:.2f}" for _ in range(count // 2)]
    return quarters + [f"{lots.randrange(1, 60_000) / 100:.2f}" for _ in range(count - count // 2)]


def payments(client: Any) -> Iterator[tuple[str, Any]]:
    yield from fees(client, some("payment", EDGES, ["EUR"], 41))
    yield from fees(client, some("payment", amounts(42, 20), CURRENCIES, 43))


def abroad(client: Any) -> Iterator[tuple[str, Any]]:
    yield from fees(client, some("payment", [*EDGES[:9], *amounts(44, 12)], ["USD", "GBP", "CHF"], 45))


def money_back(client: Any) -> Iterator[tuple[str, Any]]:
    for kind in ("refund", "chargeback"):
        yield from fees(client, some(kind, ["0.01", "12.50", "37.50", "25000.00", *amounts(46, 8)], CURRENCIES, 47))


def yen(client: Any) -> Iterator[tuple[str, Any]]:
    lots = Random(48)
    some_yen = [str(lots.randrange(1, 4000) * 25) for _ in range(8)]
    yield from fees(client, some("payment", [*EDGES_IN_YEN, *some_yen], ["JPY"], 49))
    for kind in ("refund", "chargeback"):
        yield from fees(client, some(kind, ["1", "250", "8000", "2000000", *some_yen[:4]], ["JPY"], 50))


def unknown(client: Any) -> Iterator[tuple[str, Any]]:
    agreed = {"provider": "nordpay", "kind": "payment", "amount": "10.00", "currency": "EUR", "card_country": "DE"}
    for provider in ("paygo", "", "Nordpay", "NORDPAY", " nordpay", "nordpay ", "other", "default", "newpay", None):
        for kind in ("payment", "refund", "chargeback"):
            yield from fees(client, [agreed | {"provider": provider, "kind": kind}])
    for currency in ("EUR", "USD", "JPY"):
        yield from fees(client, [agreed | {"provider": "banka", "kind": "chargeback", "currency": currency}])
    for lacking in ("provider", "amount", "currency"):
        body = {name: value for name, value in agreed.items() if name != lacking}
        yield (
            f"a payment without {lacking}",
            client.post("/payments", body, content_type="application/json").status_code,
        )
    yield from fees(client, [agreed | {"amount": "ten"}])


SECTIONS = {
    "payments": payments,
    "payments from abroad": abroad,
    "money that goes back": money_back,
    "yen": yen,
    "what nobody agreed on": unknown,
}
