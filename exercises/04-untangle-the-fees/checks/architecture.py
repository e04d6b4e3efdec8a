"""Requirements for the fees. One function for each architecture check of exercise.toml."""

import ast
import gc
import sys
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from enum import Enum
from functools import partial
from types import FrameType, MappingProxyType, ModuleType, SimpleNamespace
from typing import Any

from workshop.exercises.findings import Finding, Project, as_crash, said
from workshop.exercises.probes import budget, imports, running, source

FEES, VIEWS = "payments/fees.py", "payments/views.py"
NAMES = ("nordpay", "cardly", "banka")
FILLERS = {"provider", "is", "id", "code", "name", "key", "kind", "type"}  # NORDPAY_ID is Nordpay's name too
NOT_HERE = "not installed in this check"
ASKED_FOR_MORE = "the code reads another attribute of the payment:"
LOOKS_INTO_TEXT = ("startswith", "endswith", "find", "count", "index", "fullmatch", "match")
SAMPLES = [
    (kind, amount, currency, country)
    for kind in ("payment", "refund", "chargeback")
    for currency, amounts in (("EUR", ("5.00", "20000.00")), ("USD", ("5.00", "200.00")), ("JPY", ("500", "2000000")))
    for amount in amounts
    for country in ("DE", "US")
]


def no_provider_by_name(project: Project) -> Iterator[Finding]:
    """Comparisons with a provider's name, with a constant or an entry for it, with its class, or with its flag."""
    found = {(finding.file, finding.line): finding for finding in source.compares_with(project, NAMES, "payments")}
    for name, line, text in _starts_of_names(project):
        found.setdefault((name, line), Finding(name, line, f"a comparison with {text!r}"))
    fees = _loaded(project)
    providers = getattr(fees, "PROVIDERS", None)
    entries = list(providers.values()) if isinstance(providers, Mapping) else []
    for name, line, operands in source.comparisons(project, "payments"):
        module = running.load(project, name.removesuffix(".py").replace("/", "."))
        known = vars(module) if isinstance(module, ModuleType) else {}
        for operand in operands:
            value = source.value_of(operand, known)
            if _is_a_name(operand) or (value is not providers and _stands_for_a_provider(value, entries)):
                found.setdefault((name, line), Finding(name, line, f"a comparison with {ast.unparse(operand)}"))
    for name, node in project.nodes("payments"):
        if isinstance(node, (ast.If, ast.IfExp)) and _is_a_name(node.test):
            line = node.test.lineno
            found.setdefault((name, line), Finding(name, line, f"the condition {ast.unparse(node.test)}"))
        asked = node.test if isinstance(node, (ast.If, ast.IfExp)) else node
        if isinstance(node, (ast.If, ast.IfExp, ast.Compare, ast.BoolOp)) and _names_a_provider(asked):
            found.setdefault((name, asked.lineno), Finding(name, asked.lineno, f"the condition {ast.unparse(asked)}"))
    if not found and not isinstance(fees, Finding):
        yield from _disguised(project, fees)
    yield from (found[place] for place in sorted(found))


def _names_a_provider(asked: ast.expr) -> bool:
    """Whether a condition has a string with a provider's name, as `entry.get("is_cardly")` and `brand == "CARDLY"`."""
    texts = [part.value for part in ast.walk(asked) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return any(name in text.casefold() for text in texts for name in NAMES)


def _disguised(project: Project, fees: Any) -> Iterator[Finding]:
    """A value that depends only on the provider, differs for each, and is compared at least twice."""
    asked: dict[tuple[str, int], tuple[list[ast.expr], str]] = {}
    for name, line, operands in source.comparisons(project, "payments"):
        constants = [node for node in operands if isinstance(node, ast.Constant)]
        for operand in (node for node in operands if isinstance(node, (ast.Name, ast.Attribute))):
            asked[name, line] = (constants, ast.unparse(operand))
    for name, node in project.nodes("payments"):
        if isinstance(node, ast.Match) and isinstance(node.subject, (ast.Name, ast.Attribute)):
            cases = [part.value for case in node.cases for part in ast.walk(case) if isinstance(part, ast.MatchValue)]
            asked[name, node.lineno] = (cases, ast.unparse(node.subject))
    seen: dict[tuple[str, int], dict[str, set[str]]] = {}
    for provider in NAMES:
        with _looking(project, asked, seen, provider):
            for sample in SAMPLES[::2]:
                _called(fees, provider, sample)
    matched: dict[str, set[str]] = {}
    for place, (constants, written) in sorted(asked.items()):
        values = seen.get(place, {})
        one_each = [next(iter(found)) for found in values.values() if len(found) == 1]
        if len(one_each) == len(values) == len(set(one_each)) and len(values) > 1:
            known = matched.setdefault(written, set())
            known |= {repr(node.value) for node in constants if isinstance(node, ast.Constant)} & set(one_each)
            if len(known) > 1:
                yield Finding(
                    *place,
                    f"{written} has a different value for each provider, and is compared with {', '.join(sorted(known))}",
                )
                return


@contextmanager
def _looking(
    project: Project, asked: dict[tuple[str, int], Any], seen: dict[tuple[str, int], dict[str, set[str]]], provider: str
) -> Iterator[None]:
    """Record the compared value for this provider, at each line with a comparison."""

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename.startswith(f"{project.folder}/"):
            place = (project.relative(frame.f_code.co_filename) or "", frame.f_lineno)
            if event == "line" and place in asked:
                written = ast.parse(asked[place][1], mode="eval").body
                value = source.value_of(written, {**frame.f_globals, **frame.f_locals})
                seen.setdefault(place, {}).setdefault(provider, set()).add(repr(value))
            return trace
        return None

    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(None)


def rules_without_django(project: Project) -> Iterator[Finding]:
    found = list(imports.reaches(project, "payments.fees", ["django"]))
    yield from found
    if found:
        return
    with running.without("django"):
        fees = running.load(project, "payments.fees")
        if isinstance(fees, Finding):
            yield fees
            return
        for name in NAMES:
            for sample in SAMPLES:
                _, problem = running.attempt(project, _entrance(project), partial(_outcome, fees, name, sample))
                if problem:
                    own = any(text in problem.found for text in (NOT_HERE, ASKED_FOR_MORE))
                    yield problem if own else as_crash(problem)
                    return


def registry_decides(project: Project) -> Iterator[Finding]:
    """Add each provider's entry under a second name, which is nowhere in the project."""
    yield from source.lacks(project, FEES, "PROVIDERS", "fee_lines")
    fees = _loaded(project)
    if isinstance(fees, Finding):
        yield fees
        return
    providers = getattr(fees, "PROVIDERS", None)
    at = source.line_of(project, FEES, "PROVIDERS")
    if not hasattr(providers, "keys") or not set(NAMES) <= set(providers):
        yield Finding(FEES, at, f"PROVIDERS does not map {', '.join(NAMES)}")
        return
    _, problem = running.attempt(project, _entrance(project), partial(_outcome, fees, "paygo", SAMPLES[0]))
    if problem and ASKED_FOR_MORE in problem.found:
        return  # rules-without-django reports it
    if problem:
        yield Finding(
            problem.file,
            problem.line,
            f"fee_lines must raise ValueError for an unknown provider, and raises {problem.found}",
        )
        return
    for name in NAMES:
        _enter(project, fees, {"newpay": providers[name]})
        for sample in SAMPLES:
            wanted, found = (_called(fees, called, sample) for called in (name, "newpay"))
            if found != wanted:
                line = source.line_of(project, FEES, "fee_lines")
                yield Finding(
                    FEES,
                    line,
                    f"after PROVIDERS['newpay'] = PROVIDERS[{name!r}], newpay should have {wanted}, and has {found}",
                )
                return
    _enter(project, fees, {"newpay": providers["banka"], "sixpay": providers["cardly"]})
    yield from _not_listed(project)


def _not_listed(project: Project) -> Iterator[Finding]:
    """Errors of the merchants' page about two new entries: newpay, a copy of banka, and sixpay, a copy of cardly."""
    from django.test import Client

    at = Finding(VIEWS, source.line_of(project, VIEWS, "list_providers"), "")
    response, problem = running.attempt(project, at, lambda: Client().get("/providers"))
    if problem:
        yield problem
        return
    rows = response.json().get("providers", []) if response.status_code == 200 else []
    takes = {row.get("name"): row.get("chargebacks") for row in rows}
    if (takes.get("newpay"), takes.get("sixpay")) == (False, True):
        return
    if sorted(bool(row.get("chargebacks")) for row in rows) == [False, False, True, True, True]:
        return  # if an entry contains its provider's name, the page lists it under that name
    missing = [name for name in ("newpay", "sixpay") if name not in takes]
    wrong = "gives the wrong `chargebacks` for them"
    said = f"does not list {missing[0]}" if missing else wrong
    copies = "newpay, a copy of banka, and sixpay, a copy of cardly"
    yield Finding(at.file, at.line, f"with two more entries ({copies}) GET /providers {said}")


def _enter(project: Project, fees: Any, more: dict[str, Any]) -> None:
    """Put entries into PROVIDERS, even if it is read-only."""
    providers = fees.PROVIDERS
    if isinstance(providers, MappingProxyType):
        providers = next(inside for inside in gc.get_referents(providers) if isinstance(inside, MutableMapping))
    if isinstance(providers, MutableMapping):
        providers.update(more)
        return
    larger = dict(providers) | more
    for module in list(sys.modules.values()):
        if project.relative(getattr(module, "__file__", None) or "/"):
            for name, value in list(vars(module).items()):
                if value is providers:
                    setattr(module, name, larger)


def _stands_for_a_provider(value: object, entries: Sequence[Any]) -> bool:
    if value is None:
        return False
    if isinstance(value, Enum):
        return value in entries or str(value.value) in NAMES or value.name.casefold() in NAMES
    if isinstance(value, str):
        return value in NAMES or value in [entry for entry in entries if isinstance(entry, str)]
    if isinstance(value, type):
        return 0 < sum(type(entry) is value or entry is value for entry in entries) < len(entries)
    if isinstance(value, (Mapping, set, frozenset, list, tuple)):
        held = {item for item in value if isinstance(item, str)} & set(NAMES)
        return any(value is entry for entry in entries) or 0 < len(held) < len(NAMES)
    return any(value is entry or (type(value) is type(entry) and value == entry) for entry in entries)


def _is_a_name(node: ast.expr) -> bool:
    """Whether a name in the source means one provider, as NORDPAY, `Provider.NORDPAY` and `is_nordpay` do."""
    if isinstance(node, ast.UnaryOp):
        return _is_a_name(node.operand)
    if isinstance(node, ast.BoolOp):
        return any(map(_is_a_name, node.values))
    written = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    words = set(written.casefold().strip("_").split("_"))
    return words - FILLERS in [{name} for name in NAMES]


def _starts_of_names(project: Project) -> Iterator[tuple[str, int, str]]:
    """`startswith` and similar methods, with a part of a provider's name."""
    for name, node in project.nodes("payments"):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in LOOKS_INTO_TEXT:
            texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
            for text in texts:
                if isinstance(text, str) and text and any(text in known for known in NAMES):
                    yield name, node.lineno, text


def fees_stay_decimal(project: Project) -> Iterator[Finding]:
    yield from source.float_numbers(project, "payments")
    fees = _loaded(project)
    if isinstance(fees, Finding):
        yield fees
        return
    for name in NAMES:
        for sample in SAMPLES:
            lines, problem = running.attempt(project, _entrance(project), partial(_outcome, fees, name, sample))
            if problem and ASKED_FOR_MORE in problem.found:
                return  # rules-without-django reports it
            if problem:
                yield as_crash(problem)
                return
            for label, fee in lines:
                if not isinstance(fee, Decimal):
                    yield Finding(FEES, _entrance(project).line, f"the fee {label!r} is a {type(fee).__name__}")
                    return


def no_more_than_it_needs(project: Project) -> Iterator[Finding]:
    yield from budget.beyond(project, files=3, lines=110)


class _FiveFacts(SimpleNamespace):
    """A payment without a row. Reading another attribute than its five raises an error."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{ASKED_FOR_MORE} {name}")


def _of(provider: str, kind: str, amount: str, currency: str, country: str) -> _FiveFacts:
    return _FiveFacts(provider=provider, kind=kind, amount=Decimal(amount), currency=currency, card_country=country)


def _outcome(fees: Any, provider: str, sample: tuple[str, str, str, str]) -> list[tuple[str, Decimal]]:
    """The fees of a sample; none if it is refused, as a chargeback through banka."""
    try:
        return list(fees.fee_lines(_of(provider, *sample)))
    except ValueError:
        return []


def _called(fees: Any, provider: str, sample: tuple[str, str, str, str]) -> str:
    """The fees of a sample, in words."""
    try:
        lines = fees.fee_lines(_of(provider, *sample))
        return ", ".join(f"{label} {fee}" for label, fee in lines) or "no fee"
    except ValueError:
        return "a ValueError"
    except Exception as error:
        return said(error)


def _loaded(project: Project) -> object:
    running.start_django()  # as long as the rules import Django, the checks run them with it
    return running.load(project, "payments.fees")


def _entrance(project: Project) -> Finding:
    return Finding(FEES, source.line_of(project, FEES, "fee_lines"), "")
