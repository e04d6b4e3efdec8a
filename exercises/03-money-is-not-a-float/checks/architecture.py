"""How money is to be built. One function for each architecture check of exercise.toml."""

import ast
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import imports, running, source

MONEY = "shop/money.py"
CENT = {"EUR": Decimal("0.01"), "JPY": Decimal(1)}
# A total, its currency, and the weights: alike, unlike, with a zero, many, negative, nothing at all.
SHARED_OUT = [
    *(("10.00", "EUR", (1, 1, 1)), ("0.05", "EUR", (1, 1, 1)), ("1.00", "EUR", (1,) * 7)),
    *(("100.00", "EUR", (1,) * 12), ("100", "JPY", (1, 1, 1)), ("19.99", "EUR", (3, 0, 5))),
    *(("0.01", "EUR", (2, 1)), ("-10.00", "EUR", (1, 1, 1)), ("0.00", "EUR", (1, 2))),
    ("12345678901234567.89", "EUR", (1, 1)),
]


def cents_in_one_place(project: Project) -> Iterator[Finding]:
    elsewhere = [name for name in project.below("shop") if name != MONEY]
    for name in elsewhere:
        yield from source.calls_of(project, {"round", "quantize", "divmod"}, name)
        yield from source.operators(project, (ast.Div, ast.FloorDiv, ast.Mod), name)


def no_float_for_money(project: Project) -> Iterator[Finding]:
    yield from source.float_numbers(project, "shop")


def money_stands_alone(project: Project) -> Iterator[Finding]:
    yield from source.lacks(project, MONEY, "Money")
    yield from imports.reaches(project, "shop.money", ["django", "shop.models", "shop.views", "shop.invoice"])


def money_is_a_value(project: Project) -> Iterator[Finding]:
    money = _money(project)
    if isinstance(money, Finding):
        yield money
        return
    at = Finding(MONEY, source.line_of(project, MONEY, "Money"), "")
    yield from _unless(
        at, lambda: money("1.10", "EUR") == money(Decimal("1.10"), "EUR"), "Money('1.10', 'EUR') twice is not equal"
    )
    yield from _unless(at, lambda: money("1", "EUR") != money("1", "JPY"), "one euro equals one yen")
    yield from _unless(
        at, lambda: len({money("1.10", "EUR"), money("1.10", "EUR")}) == 1, "equal Money has unequal hashes"
    )
    yield from _unless(
        at, lambda: money("0.10", "EUR") + money("0.20", "EUR") == money("0.30", "EUR"), "0.10 + 0.20 is not 0.30"
    )
    yield from _unless(
        at, lambda: money("0.30", "EUR") - money("0.10", "EUR") == money("0.20", "EUR"), "0.30 - 0.10 is not 0.20"
    )
    big = "90071992547409.93"  # a float has no room for the last cent of a sum like this
    yield from _unless(
        at,
        lambda: (money(big, "EUR") + money("0.02", "EUR")).amount == Decimal(big) + Decimal("0.02"),
        f"{big} + 0.02 loses a cent",
    )
    yield from _unless(at, lambda: isinstance(money("1.10", "EUR").amount, Decimal), "amount is no Decimal")
    yield from _refuses(at, lambda: money("1", "EUR") + money("1", "JPY"), "one euro and one yen are added")
    yield from _refuses(at, lambda: money("1", "EUR") - money("1", "JPY"), "one yen is taken from one euro")
    yield from _refuses(
        at, lambda: money(0.1, "EUR"), "Money(0.1, 'EUR') is taken, and 0.1 is a float"
    )  # a float on purpose
    yield from _refuses(at, lambda: setattr(money("1", "EUR"), "amount", Decimal(2)), "its amount can be changed")


def allocates_the_last_cent(project: Project) -> Iterator[Finding]:
    money = _money(project)
    if isinstance(money, Finding):
        yield money
        return
    at = Finding(MONEY, source.line_of(project, MONEY, "Money"), "")
    for total, currency, weights in SHARED_OUT:
        call = f"Money({total!r}, {currency!r}).allocate({list(weights)})"
        shares, problem = running.attempt(
            project,
            at,
            lambda total=total, currency=currency, weights=weights: money(total, currency).allocate(list(weights)),
        )
        if problem:
            yield Finding(problem.file, problem.line, f"{call}: {problem.found}")
            return
        amounts = [Decimal(share.amount) for share in shares]
        shown = ", ".join(map(str, amounts))
        if len(amounts) != len(weights) or sum(amounts) != Decimal(total):
            yield Finding(at.file, at.line, f"{call} gives {shown}, which is not {total} in {len(weights)} shares")
            return
        for amount, weight in zip(amounts, weights, strict=True):
            fair = Decimal(total) * weight / sum(weights)
            if abs(amount - fair) >= CENT[currency] or amount % CENT[currency]:
                yield Finding(at.file, at.line, f"{call} gives {shown}: {amount} is not within a cent of {fair:.4f}")
                return


def _money(project: Project) -> Any:
    if missing := next(source.lacks(project, MONEY, "Money"), None):
        return missing
    running.start_django()  # whether Money needs it is for another check
    module = running.load(project, "shop.money")
    return module if isinstance(module, Finding) else module.Money


def _unless(at: Finding, holds: Callable[[], bool], otherwise: str) -> Iterator[Finding]:
    try:
        if not holds():
            yield Finding(at.file, at.line, otherwise)
    except Exception as error:
        yield Finding(at.file, at.line, f"{otherwise} ({type(error).__name__}: {error})")


def _refuses(at: Finding, call: Callable[[], object], otherwise: str) -> Iterator[Finding]:
    try:
        call()
    except Exception:
        return
    yield Finding(at.file, at.line, otherwise)
