"""Requirements for the learner's tests. One function for each architecture check of exercise.toml."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from workshop.exercises import trees
from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import mutation

TESTS = "tests"
CODE = "payments/refunds.py"
REWRITTEN = Path(__file__).with_name("rewritten")
NOTHING = Path(__file__).with_name("nothing")
AMOUNT, KIND = "if not 0 < amount <= left:", "if payment.kind != Payment.PAYMENT:"
DAYS = {"nordpay": 180, "cardly": 120, "banka": 30}
# A refusal that raises another error than NotRefundable.
RAISES, CRASHES = "raise NotRefundable(f", "raise RuntimeError(f"
# Each mistake is one change of the code: its subject in the message, the old text, the new text.
MISTAKES = {
    "limits": [
        ("a refund of all that is left", AMOUNT, "if not 0 < amount < left:"),
        ("a refund of a cent more than is left", AMOUNT, 'if not 0 < amount <= left + Decimal("0.01"):'),
        ("a refund of zero", AMOUNT, "if not 0 <= amount <= left:"),
        *((f"the last day of {name}", f'"{name}": {days}', f'"{name}": {days - 1}') for name, days in DAYS.items()),
        *(
            (f"the day after {name}'s last", f'"{name}": {days}', f'"{name}": {days + 1}')
            for name, days in DAYS.items()
        ),
        ("the error for a refund of too much", f'{RAISES}"{{left}}', f'{CRASHES}"{{left}}'),
        ("the error for a late refund", f'{RAISES}"{{payment.provider}} refunds', f'{CRASHES}"{{payment.provider}}'),
    ],
    "history": [
        ("an earlier refund", "payment.returns.aggregate(", "payment.returns.exclude(kind=Payment.REFUND).aggregate("),
        ("two earlier refunds", "payment.returns.aggregate(", 'payment.returns.order_by("-pk")[:1].aggregate('),
        ("the payment that a refund belongs to", "original=payment,", "original=None,"),
        (
            "a chargeback of a part",
            "if payment.returns.filter(kind=Payment.CHARGEBACK).exists():",
            "if payment.kind == Payment.CHARGEBACK:",
        ),
        ("the error for a refund after a chargeback", 'raise NotRefundable("the bank', 'raise RuntimeError("the bank'),
        ("a refund of a refund", KIND, "if payment.kind == Payment.CHARGEBACK:"),
        ("a refund of a chargeback", KIND, "if payment.kind == Payment.REFUND:"),
        (
            "the error for a refund of a row that is not a payment",
            f'{RAISES}"a {{payment.kind}}',
            f'{CRASHES}"a {{payment.kind}}',
        ),
    ],
    "fees": [
        ("half a cent with nordpay", "ROUND_HALF_UP)", '"ROUND_DOWN")'),
        ("half a cent with nordpay", "ROUND_HALF_UP)", '"ROUND_HALF_EVEN")'),
        (
            "the fee of a part with nordpay",
            "fee_total=fee_of_refund(payment, amount),",
            "fee_total=fee_of_refund(payment, payment.amount),",
        ),
        ("the sign of nordpay's percentage", "return -share.quantize", "return share.quantize"),
        ("yen with nordpay", 'Decimal("1") if yen else Decimal("0.01")', 'Decimal("0.01")'),
        ("the fee of cardly", 'Decimal("0.30")', 'Decimal("0.29")'),
        ("yen with cardly", 'Decimal("48") if yen else Decimal("0.30")', 'Decimal("0.30")'),
        ("the fee of banka", "    return Decimal(0)\n", '    return Decimal("0.01")\n'),
    ],
    "booking": [
        ("the kind", "kind=Payment.REFUND,\n", "kind=Payment.PAYMENT,\n"),
        ("the provider", "provider=payment.provider,", 'provider="nordpay",'),
        ("the amount", "amount=amount,", "amount=left,"),
        ("the currency", "currency=payment.currency,", 'currency="EUR",'),
        ("the day", "paid_on=on,", "paid_on=payment.paid_on,"),
    ],
}


def the_tests_pass(project: Project) -> Iterator[Finding]:
    run = mutation.runs(project, TESTS, NOTHING)[mutation.AS_IT_IS]
    if not run.passed:
        yield run.failed or Finding(TESTS, 0, run.said)


def only_tests_are_written(project: Project) -> Iterator[Finding]:
    then, now = trees.contents(project.start), trees.contents(project.folder)
    for name in sorted(then.keys() | now.keys()):
        is_code = name.endswith(".py") and not name.startswith(f"{TESTS}/")
        if is_code and trees.differ(then.get(name), now.get(name)):
            yield Finding(name, 0, "is a new file" if name not in then else "has changed")


def limits_are_pinned(project: Project) -> Iterator[Finding]:
    yield from _not_noticed(project, "limits")


def history_is_pinned(project: Project) -> Iterator[Finding]:
    yield from _not_noticed(project, "history")


def fees_are_pinned(project: Project) -> Iterator[Finding]:
    yield from _not_noticed(project, "fees")


def booking_is_pinned(project: Project) -> Iterator[Finding]:
    yield from _not_noticed(project, "booking")


def tests_survive_a_rewrite(project: Project) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory(prefix="rewritten-") as scratch:
        trees.lay(Path(scratch) / "rewritten", REWRITTEN)
        found = mutation.runs(project, TESTS, Path(scratch))
    if not found[mutation.AS_IT_IS].passed:
        yield _at(found[mutation.AS_IT_IS], "it fails on the unchanged code too")
    elif not found["rewritten"].passed:
        yield found["rewritten"].failed or Finding(TESTS, 0, found["rewritten"].said)


def _not_noticed(project: Project, about: str) -> Iterator[Finding]:
    as_it_is, unnoticed = mutation.unnoticed(project, TESTS, CODE, _planted(project))
    living = [int(number) for group, _, number in (name.partition(" ") for name in unnoticed) if group == about]
    if not as_it_is.passed:
        yield _at(as_it_is, "your tests fail on the unchanged code, so the check cannot plant mistakes yet")
    elif living:
        what, all_of_them = MISTAKES[about][living[0]][0], len(MISTAKES[about])
        yield Finding(TESTS, 0, f"{len(living)} of {all_of_them} mistakes are not noticed, the first of them in {what}")


def _planted(project: Project) -> dict[str, str]:
    """The source with each mistake, named by the mistake's group and its number there."""
    code = (project.start / CODE).read_text(encoding="utf-8")
    planted = {}
    for group, mistakes in MISTAKES.items():
        for number, (_, right, wrong) in enumerate(mistakes):
            if right not in code:
                raise LookupError(f"{CODE} has no {right!r}, so the mistake cannot be made")
            planted[f"{group} {number}"] = code.replace(right, wrong)
    return planted


def _at(run: mutation.Run, found: str) -> Finding:
    at = run.failed or Finding(TESTS, 0, "")
    return Finding(at.file, at.line, found)
