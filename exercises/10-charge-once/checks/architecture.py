"""How a payment happens once. One function for each architecture check of exercise.toml."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from workshop.exercises import trees
from workshop.exercises.findings import Finding, Project, said, where_raised
from workshop.exercises.probes import outside, running, source, transactions

VIEWS = "payments/views.py"


def the_database_decides(project: Project) -> Iterator[Finding]:
    """Empties every cache between two requests, as a restart does."""
    with _merchant() as merchant:
        first = merchant.pay("shop-1")
        from django.core.cache import caches

        for cache in caches.all():
            cache.clear()
        again = merchant.answer("shop-1")
        merchant.send()
        taken = merchant.taken("shop-1")
    place = _place(project, again)
    if isinstance(again, Exception):
        yield Finding(place.file, place.line, f"the second one {_ended(again)}")
    elif again != first or taken != 1:
        yield Finding(place.file, place.line, f"payment {first} became payment {again}, and money moved {taken} times")


def two_at_once(project: Project) -> Iterator[Finding]:
    """Pauses a request before each of its lines, and lets the same come in between, whole."""
    with _merchant() as merchant:
        merchant.pay("warm-up")
        stood: dict[str, Finding] = {}
        came: dict[str, Any] = {}

        def key() -> str:
            return f"shop-{len(stood)}"

        def first() -> None:
            came["first"] = merchant.answer(key())

        def second() -> None:
            try:
                came["second"] = transactions.beside(lambda: merchant.pay(key()))
            except transactions.Waits:
                came["second"] = None  # until the first has ended
            except Exception as error:
                came["second"] = error

        for at in running.at_each_line(project, "payments", first, second, but=_as_given(project)):
            if came["second"] is None:
                came["second"] = merchant.answer(key())
            if found := _of_two(came["first"], came["second"], merchant.taken(key())):
                yield Finding(at.file, at.line, found)
                return
            stood[key()] = at
        merchant.send()
        for key_of, at in stood.items():
            if merchant.taken(key_of) != 1:
                yield Finding(at.file, at.line, f"money moved {merchant.taken(key_of)} times")
                return


def nothing_lost_in_a_crash(project: Project) -> Iterator[Finding]:
    """Ends the process before each line of a request, then before each line of the outbox; the merchant asks again."""
    with _merchant() as merchant:
        merchant.answer("warm-up")
        merchant.send()
        yield from _lost_in_a_request(project, merchant)
        yield from _lost_in_the_outbox(project, merchant)


def _lost_in_a_request(project: Project, merchant: "_Merchant") -> Iterator[Finding]:
    again: list[tuple[Finding, int | Exception]] = []

    def ask() -> None:
        merchant.answer(f"request-{len(again)}")

    for at in running.at_each_line(project, "payments", ask, running.crash, but=_as_given(project)):
        transactions.died()
        again.append((at, merchant.answer(f"request-{len(again)}")))
    merchant.send()
    for number, (at, answer) in enumerate(again):
        yield from _lost(project, merchant, at, f"request-{number}", answer)


def _lost_in_the_outbox(project: Project, merchant: "_Merchant") -> Iterator[Finding]:
    number = 0
    merchant.answer(f"outbox-{number}")
    for at in running.at_each_line(project, "payments", merchant.send, running.crash):
        transactions.died()
        answer = merchant.answer(f"outbox-{number}")
        merchant.send()
        yield from _lost(project, merchant, at, f"outbox-{number}", answer)
        number += 1
        merchant.answer(f"outbox-{number}")


def _lost(project: Project, merchant: "_Merchant", at: Finding, key: str, answer: int | Exception) -> Iterator[Finding]:
    if isinstance(answer, Exception):
        raised = where_raised(answer, project)
        where = f" at {raised.place}" if raised else ""
        yield Finding(at.file, at.line, f"the retry {_ended(answer)}{where}")
        return
    taken, status = merchant.taken(key), merchant.status(answer)
    if taken != 1 or status != "done":
        yield Finding(at.file, at.line, f"money moved {taken} times, and the payment is {status}")


def no_call_in_a_transaction(project: Project) -> Iterator[Finding]:
    with _merchant() as merchant, transactions.calls_in_transactions(project, but="payments/providers.py") as found:
        merchant.answer("shop-1")
        merchant.send()
    yield from found[:1]


def _of_two(first: int | Exception, second: int | Exception, taken: int) -> str | None:
    """What is wrong with the answers to two requests that came at once; None where nothing is."""
    for which, answer in (("first", first), ("second", second)):
        if isinstance(answer, Exception):
            return f"the {which} one {_ended(answer)}"
    if first != second:
        return f"they got two payments, {first} and {second}"
    return f"money moved {taken} times" if taken > 1 else None


def _as_given(project: Project) -> list[str]:
    """The files that nobody has changed. What they do in a request is known; views.py is looked at all the same."""
    then, now = trees.contents(project.start), trees.contents(project.folder)
    return [name for name, data in then.items() if name != VIEWS and now.get(name) == data]


class _Refused(Exception):
    """Another answer than 201."""


class _Merchant:
    """A merchant who pays twenty euro under a key, with a card of the same name, so that the provider can be asked."""

    def __init__(self, provider: outside.Outside) -> None:
        self.provider = provider

    def pay(self, key: str) -> int:
        """The payment's id. Raises what the view raised, and _Refused for another answer than 201."""
        from django.test import Client

        body = {"provider": "cardly", "amount": "20.00", "currency": "EUR", "card": key}
        client = Client(raise_request_exception=False)  # it would also raise what a request beside it has met
        response = client.post("/payments", body, content_type="application/json", headers={"Idempotency-Key": key})
        if response.status_code != 201:
            raise _Refused(f"{response.status_code} {response.content.decode()[:80]}")
        return int(response.json()["id"])

    def answer(self, key: str) -> int | Exception:
        try:
            return self.pay(key)
        except Exception as error:
            return error

    def status(self, payment: int) -> str:
        from django.test import Client

        return str(Client().get(f"/payments/{payment}").json()["status"])

    def send(self) -> None:
        """What a timer does."""
        from django.core.management import get_commands, load_command_class

        load_command_class(get_commands()["send_outbox"], "send_outbox").handle()

    def taken(self, key: str) -> int:
        """How often money moved: the provider takes a reference once."""
        return len({body["reference"] for _, body in self.provider.asked if body["card"] == key})


@contextmanager
def _merchant() -> Iterator[_Merchant]:
    from django.test import override_settings

    with (
        outside.listening(lambda path, body: {"status": "done"}) as provider,
        transactions.database(),
        override_settings(PROVIDERS_URL=provider.url, DEBUG_PROPAGATE_EXCEPTIONS=True),
    ):
        yield _Merchant(provider)


def _ended(answer: Exception) -> str:
    return f"got {answer}" if isinstance(answer, _Refused) else f"ended with {said(answer)}"


def _place(project: Project, answer: int | Exception) -> Finding:
    found = where_raised(answer, project) if isinstance(answer, Exception) else None
    return found or Finding(VIEWS, source.line_of(project, VIEWS, "create_payment"), "")
