"""Requirements for Money and the invoice. One function for each architecture check of exercise.toml."""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from random import Random
from types import FrameType
from typing import Any

from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import database, imports, running, source

MONEY, INVOICE = "shop/money.py", "shop/invoice.py"
ROUNDS = {
    *("round", "quantize", "divmod", "floor", "ceil", "trunc", "to_integral_value", "to_integral", "to_integral_exact"),
    *("truediv", "floordiv", "mod", "fmod", "divide", "divide_int", "remainder", "remainder_near", "floatformat"),
    *("__truediv__", "__floordiv__", "__mod__", "__round__", "__divmod__", "number_format"),
}
SPEC_THAT_ROUNDS = re.compile(r"\.[\d{}]*[eEfFgGn]")
PERCENT_THAT_ROUNDS = re.compile(r"%[-+ #0-9(\w)]*\.[\d*]*[eEfFgG]")
CENT = {"EUR": Decimal("0.01"), "JPY": Decimal(1)}
# A total, its currency, and weights: equal or not, many, with a zero; a negative total, a total of zero.
SHARED_OUT = [
    *(("10.00", "EUR", (1, 1, 1)), ("0.05", "EUR", (1, 1, 1)), ("1.00", "EUR", (1,) * 7)),
    *(("100.00", "EUR", (1,) * 12), ("100", "JPY", (1, 1, 1)), ("19.99", "EUR", (3, 0, 5))),
    *(("0.01", "EUR", (2, 1)), ("-10.00", "EUR", (1, 1, 1)), ("0.00", "EUR", (1, 2))),
    ("12345678901234567.89", "EUR", (1, 1)),
]


def cents_in_one_place(project: Project) -> Iterator[Finding]:
    elsewhere = [name for name in project.below("shop") if name != MONEY]
    for name in elsewhere:
        yield from source.calls_of(project, ROUNDS, name)
        yield from source.operators(project, (ast.Div, ast.FloorDiv), name)
        yield from _remainders(project, name)
        yield from _powers_and_cuts(project, name)
        yield from _formats_that_round(project, name)


def _remainders(project: Project, name: str) -> Iterator[Finding]:
    """`%` between numbers, and `%` that formats a number with a limited number of digits."""
    texts = {}
    for _, node in project.nodes(name):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            texts |= {target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)}
    for _, node in project.nodes(name):
        if isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Mod):
            left = node.left if isinstance(node, ast.BinOp) else node.target
            text = left.value if isinstance(left, ast.Constant) else texts.get(getattr(left, "id", ""))
            if isinstance(left, ast.JoinedStr) or (isinstance(text, str) and not PERCENT_THAT_ROUNDS.search(text)):
                continue
            yield Finding(name, node.lineno, f"the operator of {ast.unparse(node)}")


def _powers_and_cuts(project: Project, name: str) -> Iterator[Finding]:
    """A negative power, which divides, and `int` of a calculation, which cuts off."""
    for _, node in project.nodes(name):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and isinstance(node.right, ast.UnaryOp):
            yield Finding(name, node.lineno, f"the operator of {ast.unparse(node)}")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "int":
            parts = [part for argument in node.args for part in ast.walk(argument)]
            yield from [Finding(name, node.lineno, ast.unparse(node)) for part in parts if isinstance(part, ast.BinOp)][
                :1
            ]


def _formats_that_round(project: Project, name: str) -> Iterator[Finding]:
    """`f"{total:.2f}"` and similar formats, which round. They are allowed for a Money with its own format."""
    formats_itself = "Money" in dict(_methods(project)) and "__format__" in dict(_methods(project))["Money"]
    for _, node in project.nodes(name):
        if isinstance(node, ast.FormattedValue) and node.format_spec:
            parts = node.format_spec.values if isinstance(node.format_spec, ast.JoinedStr) else []
            spec = "".join(part.value if isinstance(part, ast.Constant) else "0" for part in parts)
            plain = any(isinstance(part, (ast.BinOp, ast.Attribute)) for part in ast.walk(node.value))
            if SPEC_THAT_ROUNDS.search(spec) and (plain or not formats_itself):
                yield Finding(name, node.lineno, f"{ast.unparse(node.value)} written with {spec!r}")
        elif isinstance(node, ast.Call):
            texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            pattern = {"format": SPEC_THAT_ROUNDS, "__format__": SPEC_THAT_ROUNDS}.get(called)
            if pattern and any(isinstance(text, str) and pattern.search(text) for text in texts):
                yield Finding(name, node.lineno, f"{ast.unparse(node)}")


def _methods(project: Project) -> Iterator[tuple[str, set[str]]]:
    for _, node in project.nodes(MONEY):
        if isinstance(node, ast.ClassDef):
            yield node.name, {part.name for part in node.body if isinstance(part, ast.FunctionDef)}


def the_invoice_is_money(project: Project) -> Iterator[Finding]:
    """Record every Money while an invoice is made, and make `allocate` move one euro to the first share."""
    money = _money(project)
    if isinstance(money, Finding):
        yield Finding(money.file, money.line, f"there is no Money for the amounts yet ({money.found})")
        return
    if not callable(getattr(money, "allocate", None)):
        yield Finding(MONEY, source.line_of(project, MONEY, "Money"), "Money has no method allocate yet")
        return
    database.make()
    from django.apps import apps
    from django.test import Client

    order = apps.get_model("shop", "Order").objects.create(currency="EUR", voucher="17.03", instalments=3)
    for title, price, quantity in (("Emma", "19.99", 3), ("Dune", "5.07", 7), ("Ulysses", "41.30", 2)):
        order.lines.create(title=title, price=price, quantity=quantity)
    at = Finding(INVOICE, source.line_of(project, INVOICE, "invoice"), "")
    seen: set[Decimal] = set()
    given: list[list[Decimal]] = []
    ask = partial(Client().get, f"/orders/{order.pk}/invoice")
    with _watched(money, seen), _generous(money, given):
        response, problem = running.attempt(project, at, ask)
    if problem or response.status_code != 200:
        yield problem or Finding(at.file, at.line, f"GET /orders/1/invoice answers {response.status_code}")
        return
    said = response.json()
    shown = {name: [said[name]] for name in ("subtotal", "voucher", "due")}
    shown |= {name: [line[name] for line in said["lines"]] for name in ("total", "discount", "to_pay")}
    shown |= {"instalments": said["instalments"]}
    for name in ("discount", "instalments"):
        if list(map(Decimal, shown[name])) not in given:
            yield Finding(
                at.file, at.line, f"`{name}` is {', '.join(shown[name])}, which does not come from Money.allocate"
            )
    for name, texts in shown.items():
        if never := [text for text in texts if Decimal(text) not in seen]:
            yield Finding(at.file, at.line, f"`{name}` has {', '.join(never)}, which has never been a Money")


@contextmanager
def _watched(money: Any, seen: set[Decimal]) -> Iterator[None]:
    """In this block, record the amount of each Money whose method is called, or that a function returns."""

    def look(frame: FrameType, event: str, back: object) -> None:
        if event == "return":
            own = frame.f_locals.get(frame.f_code.co_varnames[0]) if frame.f_code.co_argcount else None
            for amount in (own, back):
                if isinstance(amount, money):
                    try:
                        seen.add(Decimal(str(amount.amount)))
                    except Exception:
                        continue  # its constructor has not set the amount yet

    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(None)


@contextmanager
def _generous(money: Any, given: list[list[Decimal]]) -> Iterator[None]:
    """In this block, `allocate` moves one euro from the second share to the first. No other calculation does that."""
    kept = money.allocate

    def allocate(self: Any, *weights: Any, **named: Any) -> list[Any]:
        shares = list(kept(self, *weights, **named))
        if len(shares) > 1:
            euro = money("1", "EUR")
            shares[:2] = [shares[0] + euro, shares[1] - euro]
        given.append([Decimal(str(share.amount)) for share in shares])
        return shares

    money.allocate = allocate
    try:
        yield
    finally:
        money.allocate = kept


def no_float_for_money(project: Project) -> Iterator[Finding]:
    yield from source.float_numbers(project, "shop")


def money_stands_alone(project: Project) -> Iterator[Finding]:
    yield from source.lacks(project, MONEY, "Money")
    for reache in imports.reaches(project, "shop.money", ["django", "shop.models", "shop.views", "shop.invoice"]):
        yield replace(reache, found=f"Money depends on other code: {reache.found}")


def money_is_a_value(project: Project) -> Iterator[Finding]:
    money = _money(project)
    if isinstance(money, Finding):
        yield money
        return
    at = Finding(MONEY, source.line_of(project, MONEY, "Money"), "")
    holds, refuses = partial(_holds, project, at, money), partial(_refuses, at, money)
    yield from holds("Money('1.10', 'EUR') == Money('1.10', 'EUR')")
    yield from holds("Money('1.10', 'EUR') == Money(Decimal('1.10'), 'EUR')")
    yield from holds("Money('1.1', 'EUR') == Money('1.10', 'EUR')")
    yield from holds("Money('1', 'EUR') != Money('1', 'JPY')")
    yield from holds("Money('1', 'EUR') != Money('1.01', 'EUR')")
    yield from holds("hash(Money('1.1', 'EUR')) == hash(Money('1.10', 'EUR'))")
    yield from holds("isinstance(Money('1.10', 'EUR').amount, Decimal)")
    yield from holds("Money('0.10', 'EUR') + Money('0.20', 'EUR') == Money('0.30', 'EUR')")
    yield from holds("Money('0.30', 'EUR') - Money('0.10', 'EUR') == Money('0.20', 'EUR')")
    yield from holds("(Money('1', 'EUR') - Money('3', 'EUR')).amount == -2")
    # A float cannot hold the last cent of this sum.
    yield from holds(
        "(Money('90071992547409.93', 'EUR') + Money('0.02', 'EUR')).amount == Decimal('90071992547409.95')"
    )
    yield from _sums(project, at, money)
    yield from refuses("Money('1', 'EUR') + Money('1', 'JPY')", "Money('1', 'EUR') + Money('1', 'JPY') raises no error")
    yield from refuses("Money('1', 'EUR') - Money('1', 'JPY')", "Money('1', 'EUR') - Money('1', 'JPY') raises no error")
    yield from refuses("Money('0', 'EUR') + Money('1', 'JPY')", "Money('0', 'EUR') + Money('1', 'JPY') raises no error")
    yield from refuses("Money('1', 'EUR') - Money('0', 'JPY')", "Money('1', 'EUR') - Money('0', 'JPY') raises no error")
    yield from refuses("Money(0.1, 'EUR')", "Money(0.1, 'EUR') raises no error, but 0.1 is a float")
    yield from refuses("setattr(Money('1', 'EUR'), 'amount', Decimal(2))", "code can change the amount of a Money")
    yield from refuses("setattr(Money('1', 'EUR'), 'currency', 'JPY')", "code can change the currency of a Money")


def _sums(project: Project, at: Finding, money: Any) -> Iterator[Finding]:
    """A hundred sums and differences. The Money that they are made from must stay the same."""
    lots = Random(3)
    for _ in range(100):
        one, other = (Decimal(lots.randrange(-10_000, 1_000_000)).scaleb(-2) for _ in range(2))

        def add(one: Decimal = one, other: Decimal = other) -> tuple[Any, Any, Any]:
            kept = first = money(str(one), "EUR")
            difference = first - money(other, "EUR")
            first += money(str(other), "EUR")
            return kept.amount, first.amount, difference.amount

        amounts, problem = running.attempt(project, at, add)
        if problem:
            yield Finding(problem.file, problem.line, f"a sum of {one} and {other} in euro raises {problem.found}")
            return
        if amounts[0] != one:
            yield Finding(
                at.file,
                at.line,
                f"`+= Money('{other}', 'EUR')` changes another variable with the same Money from {one} to {amounts[0]}",
            )
            return
        if amounts[1:] != (one + other, one - other):
            yield Finding(
                at.file,
                at.line,
                f"Money says that {one} + {other} is {amounts[1]}, and that {one} - {other} is {amounts[2]}",
            )
            return


def allocates_the_last_cent(project: Project) -> Iterator[Finding]:
    money = _money(project)
    if isinstance(money, Finding):
        yield money
        return
    at = Finding(MONEY, source.line_of(project, MONEY, "Money"), "")
    for total, currency, weights in (*SHARED_OUT, *_by_lot()):
        called = f"Money({total!r}, {currency!r}).allocate({[str(weight) for weight in weights]})".replace("'", "")
        passed = list(weights)
        call = partial(lambda total, currency, passed: list(money(total, currency).allocate(passed)), total, currency)
        shares, problem = running.attempt(project, at, partial(call, passed))
        if problem:
            yield Finding(problem.file, problem.line, f"{called} raises {problem.found}")
            return
        if wrong := _of_shares(shares, money, total, currency, weights):
            yield Finding(at.file, at.line, f"{called} {wrong}")
            return
        if passed != list(weights):
            yield Finding(at.file, at.line, f"{called} changes the list of weights that is passed to it")
            return


def _by_lot() -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """Random totals and weights: free lines, prices as weights, credit notes, and totals of zero."""
    lots = Random(33)
    for _ in range(300):
        currency = lots.choice(("EUR", "EUR", "JPY", "USD"))
        cents = lots.choice((lots.randrange(-500, 500), lots.randrange(1_000_000)))
        total = str(cents) if currency == "JPY" else str(Decimal(cents).scaleb(-2))
        weights: list[Any] = [lots.choice((0, 1, 1, 2, 3, 7, 100)) for _ in range(lots.randrange(1, 13))]
        if lots.random() < 0.5:
            weights = [Decimal(lots.choice((0, 1, 5, 990, 1990, lots.randrange(100_000)))).scaleb(-2) for _ in weights]
        if any(weights) or cents == 0:
            yield total, currency, tuple(weights)
    yield "0.00", "EUR", (0, 0)
    yield "0", "JPY", (Decimal("0.00"),)


def _of_shares(shares: list[Any], money: Any, total: str, currency: str, weights: Sequence[Any]) -> str | None:
    """The error in the shares, in words; None if they are right."""
    for share in shares:
        if not isinstance(share, money):
            return f"returns a share of type {type(share).__name__}, and not a Money"
        if share.currency != currency:
            return f"returns a share in {share.currency}"
    amounts = [Decimal(share.amount) for share in shares]
    shown = ", ".join(map(str, amounts))
    if len(amounts) != len(weights) or sum(amounts) != Decimal(total):
        return f"returns {shown}, which is not {total} in {len(weights)} shares"
    cent = CENT.get(currency, Decimal("0.01"))
    for amount, weight in zip(amounts, weights, strict=True):
        part = Fraction(total) * Fraction(weight) / (Fraction(sum(weights)) or 1)
        if abs(Fraction(amount) - part) >= Fraction(cent) or amount % cent:
            return f"returns {shown}, and {amount} is {cent} or more from its exact share {float(part):.4f}"
    return None


def _money(project: Project) -> Any:
    if missing := next(source.lacks(project, MONEY, "Money"), None):
        return missing
    running.start_django()  # another check looks at whether Money needs it
    module = running.load(project, "shop.money")
    return module if isinstance(module, Finding) else module.Money


def _holds(project: Project, at: Finding, money: Any, written: str) -> Iterator[Finding]:
    """A finding if an expression with Money is false or raises an error."""
    came, problem = running.attempt(project, at, lambda: eval(written, {"Money": money, "Decimal": Decimal}))
    if problem:
        yield Finding(problem.file, problem.line, f"{written} raises {problem.found}")
    elif not came:
        yield Finding(at.file, at.line, f"{written} is not true")


def _refuses(at: Finding, money: Any, written: str, otherwise: str) -> Iterator[Finding]:
    try:
        eval(written, {"Money": money, "Decimal": Decimal, "setattr": setattr})
    except Exception:
        return
    yield Finding(at.file, at.line, otherwise)
