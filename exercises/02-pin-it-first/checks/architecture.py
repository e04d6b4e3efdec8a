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
# Each mistake is one change to the code as it is: the lines on the left become those on the right.
MISTAKES = {
    "limits": [
        ("if not 0 < amount <= left:", "if not 0 < amount < left:"),
        ("if on > payment.paid_on + timedelta(days=days):", "if on >= payment.paid_on + timedelta(days=days):"),
    ],
    "history": [
        ("    return payment.amount - gone", "    return payment.amount"),
        (
            "    if payment.returns.filter(kind=Payment.CHARGEBACK).exists():",
            "    if payment.kind == Payment.CHARGEBACK:",
        ),
    ],
    "fees": [
        ("ROUND_HALF_UP)", '"ROUND_DOWN")'),
        ("fee_total=fee_of_refund(payment, amount),", "fee_total=fee_of_refund(payment, payment.amount),"),
    ],
}


def the_tests_pass(project: Project) -> Iterator[Finding]:
    run = mutation.runs(project, TESTS, NOTHING)[mutation.AS_IT_IS]
    if not run.passed:
        yield run.failed or Finding(TESTS, 0, "there is none")


def only_tests_are_written(project: Project) -> Iterator[Finding]:
    then, now = trees.contents(project.start), trees.contents(project.folder)
    for name in sorted(then.keys() | now.keys()):
        is_code = name.endswith(".py") and not name.startswith(f"{TESTS}/")
        if is_code and then.get(name) != now.get(name):
            yield Finding(name, 0, "it is new" if name not in then else "it has changed")


def limits_are_pinned(project: Project) -> Iterator[Finding]:
    yield from _not_noticed(project, "limits")


def history_is_pinned(project: Project) -> Iterator[Finding]:
    yield from _not_noticed(project, "history")


def fees_are_pinned(project: Project) -> Iterator[Finding]:
    yield from _not_noticed(project, "fees")


def tests_survive_a_rewrite(project: Project) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory(prefix="rewritten-") as scratch:
        trees.lay(Path(scratch) / "rewritten", REWRITTEN)
        found = mutation.runs(project, TESTS, Path(scratch))
    if not found[mutation.AS_IT_IS].passed:
        yield _at(found[mutation.AS_IT_IS], "as it does on the code as it is")
    elif not found["rewritten"].passed:
        yield found["rewritten"].failed or Finding(TESTS, 0, "they cannot be run")


def _not_noticed(project: Project, about: str) -> Iterator[Finding]:
    code = (project.start / CODE).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="mistakes-") as scratch:
        for number, (right, wrong) in enumerate(MISTAKES[about]):
            if not (before := code.partition(right))[1]:
                raise LookupError(f"{CODE} has no {right!r}, so the mistake cannot be made")
            planted = Path(scratch) / str(number) / CODE
            planted.parent.mkdir(parents=True)
            planted.write_text(before[0] + wrong + before[2], encoding="utf-8")
        found = mutation.runs(project, TESTS, Path(scratch))
    as_it_is = found.pop(mutation.AS_IT_IS)
    living = [run for run in found.values() if not run.noticed]
    if not as_it_is.passed:
        yield _at(as_it_is, "your tests fail on the code as it is, so nobody knows which")
    elif living:
        yield Finding(TESTS, 0, f"{len(living)} of {len(found)}")


def _at(run: mutation.Run, found: str) -> Finding:
    at = run.failed or Finding(TESTS, 0, "")
    return Finding(at.file, at.line, found)
