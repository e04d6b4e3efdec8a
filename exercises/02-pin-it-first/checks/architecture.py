"""What the learner's tests must do. One function for each architecture check of exercise.toml."""

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
# How a refusal could end as any other error would.
RAISES, CRASHES = "raise NotRefundable(f", "raise RuntimeError(f"
# Each mistake is one change to the code as it is: what it is about, the text that changes, and what it becomes.
MISTAKES = {
    "limits": [
        ("all that is left", AMOUNT, "if not 0 < amount < left:"),
        ("a cent more than is left", AMOUNT, 'if not 0 < amount <= left + Decimal("0.01"):'),
        ("an amount of zero", AMOUNT, "if not 0 <= amount <= left:"),
        *((f"the last day of {name}", f'"{name}": {days}', f'"{name}": {days - 1}') for name, days in DAYS.items()),
        *(
            (f"the day after {name}'s last", f'"{name}": {days}', f'"{name}": {days + 1}')
            for name, days in DAYS.items()
        ),
        ("how too much is refused", f'{RAISES}"{{left}}', f'{CRASHES}"{{left}}'),
        ("how a late refund is refused", f'{RAISES}"{{payment.provider}} refunds', f'{CRASHES}"{{payment.provider}}'),
    ],
    "history": [
        ("an earlier refund", "payment.returns.aggregate(", "payment.returns.exclude(kind=Payment.REFUND).aggregate("),
        ("two earlier refunds", "payment.returns.aggregate(", 'payment.returns.order_by("-pk")[:1].aggregate('),
        ("which payment it was that a refund belongs to", "original=payment,", "original=None,"),
        (
            "a chargeback of a part",
            "if payment.returns.filter(kind=Payment.CHARGEBACK).exists():",
            "if payment.kind == Payment.CHARGEBACK:",
        ),
        ("how a refund after a chargeback is refused", 'raise NotRefundable("the bank', 'raise RuntimeError("the bank'),
        ("a refund of a refund", KIND, "if payment.kind == Payment.CHARGEBACK:"),
        ("a refund of a chargeback", KIND, "if payment.kind == Payment.REFUND:"),
        ("how a refund of no payment is refused", f'{RAISES}"a {{payment.kind}}', f'{CRASHES}"a {{payment.kind}}'),
    ],
    "fees": [
        ("half a cent at nordpay", "ROUND_HALF_UP)", '"ROUND_DOWN")'),
        ("half a cent at nordpay", "ROUND_HALF_UP)", '"ROUND_HALF_EVEN")'),
        (
            "the fee of a part at nordpay",
            "fee_total=fee_of_refund(payment, amount),",
            "fee_total=fee_of_refund(payment, payment.amount),",
        ),
        ("who gets nordpay's percentage", "return -share.quantize", "return share.quantize"),
        ("yen at nordpay", 'Decimal("1") if yen else Decimal("0.01")', 'Decimal("0.01")'),
        ("what cardly takes", 'Decimal("0.30")', 'Decimal("0.29")'),
        ("yen at cardly", 'Decimal("48") if yen else Decimal("0.30")', 'Decimal("0.30")'),
        ("what banka takes", "    return Decimal(0)\n", '    return Decimal("0.01")\n'),
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
            yield Finding(name, 0, "it is new" if name not in then else "it has changed")


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
        yield _at(found[mutation.AS_IT_IS], "as it does on the code as it is")
    elif not found["rewritten"].passed:
        yield found["rewritten"].failed or Finding(TESTS, 0, found["rewritten"].said)


def _not_noticed(project: Project, about: str) -> Iterator[Finding]:
    as_it_is, unnoticed = mutation.unnoticed(project, TESTS, CODE, _planted(project))
    living = [int(number) for group, _, number in (name.partition(" ") for name in unnoticed) if group == about]
    if not as_it_is.passed:
        yield _at(as_it_is, "your tests fail on the code as it is, so no mistake can be planted yet")
    elif living:
        what, all_of_them = MISTAKES[about][living[0]][0], len(MISTAKES[about])
        yield Finding(TESTS, 0, f"{len(living)} of {all_of_them} mistakes go unnoticed, the first of them about {what}")


def _planted(project: Project) -> dict[str, str]:
    """The source with each mistake, named by its group and its place in it."""
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
