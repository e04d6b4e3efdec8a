"""How the fees are to be built. One function for each architecture check of exercise.toml."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from types import SimpleNamespace

from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import budget, imports, running, source

FEES = "payments/fees.py"
NAMES = ("nordpay", "cardly", "banka")
SAMPLES = [("payment", "200.00", "USD", "US"), ("refund", "80.00", "EUR", "DE"), ("chargeback", "80.00", "USD", "US")]


def no_provider_by_name(project: Project) -> Iterator[Finding]:
    yield from source.compares_with(project, NAMES, "payments")


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
        for sample in SAMPLES:
            call = partial(fees.fee_lines, _of("cardly", *sample))
            if problem := running.attempt(project, _entrance(project), call)[1]:
                yield problem
                return


def registry_decides(project: Project) -> Iterator[Finding]:
    """Gives each provider's entry a second name, one that no line of the project can know."""
    yield from source.lacks(project, FEES, "PROVIDERS", "fee_lines")
    fees = _loaded(project)
    if isinstance(fees, Finding):
        yield fees
        return
    providers = getattr(fees, "PROVIDERS", None)
    if not hasattr(providers, "keys") or not set(NAMES) <= set(providers):
        yield Finding(FEES, source.line_of(project, FEES, "PROVIDERS"), f"PROVIDERS does not map {', '.join(NAMES)}")
        return
    for name in NAMES:
        providers["newpay"] = providers[name]
        for sample in SAMPLES:
            wanted = _outcome(fees, name, sample)
            found = _outcome(fees, "newpay", sample)
            if found != wanted:
                line = source.line_of(project, FEES, "fee_lines")
                yield Finding(
                    FEES, line, f"PROVIDERS['newpay'] = PROVIDERS[{name!r}] should give {wanted}, and gives {found}"
                )
                return


def fees_stay_decimal(project: Project) -> Iterator[Finding]:
    yield from source.float_numbers(project, "payments")
    fees = _loaded(project)
    if isinstance(fees, Finding):
        yield fees
        return
    for name in NAMES:
        call = partial(fees.fee_lines, _of(name, *SAMPLES[0]))
        lines, problem = running.attempt(project, _entrance(project), call)
        if problem:
            yield problem
        for label, fee in lines or []:
            if not isinstance(fee, Decimal):
                yield Finding(FEES, source.line_of(project, FEES, "fee_lines"), f"{label} is a {type(fee).__name__}")


def no_more_than_it_needs(project: Project) -> Iterator[Finding]:
    yield from budget.beyond(project, files=3, lines=110)


def _of(provider: str, kind: str, amount: str, currency: str, country: str) -> SimpleNamespace:
    """A payment that is no row: whoever asks it for more than its facts fails."""
    return SimpleNamespace(
        provider=provider, kind=kind, amount=Decimal(amount), currency=currency, card_country=country
    )


def _outcome(fees: object, provider: str, sample: tuple[str, str, str, str]) -> str:
    try:
        lines = fees.fee_lines(_of(provider, *sample))  # type: ignore[attr-defined]
        return ", ".join(f"{label} {fee}" for label, fee in lines) or "no fee"
    except ValueError:
        return "a ValueError"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _loaded(project: Project) -> object:
    running.start_django()  # while the rules still import it, they are judged with it
    return running.load(project, "payments.fees")


def _entrance(project: Project) -> Finding:
    return Finding(FEES, source.line_of(project, FEES, "fee_lines"), "")
