"""That a payment happens once. One function for each architecture check of exercise.toml."""

from collections.abc import Iterator
from contextlib import contextmanager

from workshop.exercises import trees
from workshop.exercises.findings import Finding, Project, said, where_raised
from workshop.exercises.probes import memory, outside, running, source, transactions

VIEWS = "payments/views.py"
ASKED_AGAIN = "The merchant asked again, and `send_outbox` ran"


def the_database_decides(project: Project) -> Iterator[Finding]:
    """Empty every cache and the process's memory between two requests, as a restart does."""
    with _merchant() as merchant:
        from django.core.cache import caches

        started = _started(project)
        first = merchant.pay("shop-1")
        memory.forget(started)
        for cache in caches.all():
            cache.clear()
        again = merchant.answer("shop-1")
        merchant.send()
        taken = merchant.taken("shop-1")
    place = _place(project, again)
    if isinstance(again, Exception):
        yield Finding(place.file, place.line, f"the second request {_ended(again)}")
    elif again != first or taken != 1:
        yield Finding(
            place.file, place.line, f"the requests got payments {first} and {again}, and money moved {taken} times"
        )


def two_at_once(project: Project) -> Iterator[Finding]:
    """Pause a request before each of its lines, and send a whole request with the same key in between."""
    with _merchant() as merchant:
        merchant.pay("warm-up")
        same = next(_the_same_at_once(project, merchant), None)
        other = None if same else next(_another_body_at_once(project, merchant), None)
        yield from (found for found in (same, other) if found)


def _the_same_at_once(project: Project, merchant: "_Merchant") -> Iterator[Finding]:
    stood: dict[str, Finding] = {}
    for at, key, first, second in _at_once(project, merchant, "same", merchant.amount):
        if found := _of_two(first, second, merchant.taken(key)):
            yield Finding(at.file, at.line, found)
            return
        stood[key] = at
    merchant.send()
    for key, at in stood.items():
        if merchant.taken(key) != 1:
            yield Finding(at.file, at.line, f"money moved {merchant.taken(key)} times, not once")


def _another_body_at_once(project: Project, merchant: "_Merchant") -> Iterator[Finding]:
    merchant.answer("one by one")
    if _status(merchant.answer("one by one", "30.00")) != 422:
        return  # the check another-body-is-refused reports it
    for at, _, first, second in _at_once(project, merchant, "other", "30.00"):
        if sorted(_status(answer) for answer in (first, second)) != [201, 422]:
            got = " and the first request ".join(_got(answer) for answer in (second, first))
            yield Finding(
                at.file,
                at.line,
                f"its amount was 30.00 instead of 20.00, so one request must get 422; the second request {got}",
            )
            return


def _at_once(
    project: Project, merchant: "_Merchant", name: str, amount: str
) -> Iterator[tuple[Finding, str, int | Exception, int | Exception]]:
    """The line of the first request, the key, and both results. The second request asks for this amount."""
    count = 0
    came: dict[str, int | Exception | None] = {}

    def key() -> str:
        return f"{name}-{count}"

    def first() -> None:
        came["first"] = merchant.answer(key())

    def second() -> None:
        try:
            came["second"] = transactions.beside(lambda: merchant.pay(key(), amount))
        except transactions.Waits:
            came["second"] = None  # until the first has ended
        except Exception as error:
            came["second"] = error

    for at in running.at_each_line(project, "payments", first, second, but=_as_given(project)):
        late = merchant.answer(key(), amount) if came["second"] is None else came["second"]
        assert came["first"] is not None
        yield at, key(), came["first"], late
        count += 1


def nothing_lost_in_a_crash(project: Project) -> Iterator[Finding]:
    """Kill the process before each line of a request, then before each line of the outbox.

    Afterwards the merchant asks again, or never does.
    """
    with _merchant() as merchant:
        started = _started(project)
        merchant.answer("warm-up")
        merchant.send()
        yield from _lost_in_a_request(project, merchant, started)
        yield from _lost_for_good(project, merchant, started)
        yield from _lost_in_the_outbox(project, merchant, started)


def _lost_in_a_request(project: Project, merchant: "_Merchant", started: memory.Memory) -> Iterator[Finding]:
    again: list[tuple[Finding, int | Exception]] = []

    def ask() -> None:
        merchant.answer(f"request-{len(again)}")

    for at in running.at_each_line(project, "payments", ask, running.crash, but=_as_given(project)):
        transactions.died()
        memory.forget(started)
        again.append((at, merchant.answer(f"request-{len(again)}")))
    merchant.send()
    for number, (at, answer) in enumerate(again):
        yield from _lost(project, merchant, at, f"request-{number}", answer)


def _lost_for_good(project: Project, merchant: "_Merchant", started: memory.Memory) -> Iterator[Finding]:
    """The merchant never asks again, so only the rows in the database can complete the payment."""
    ended: list[Finding] = []

    def ask() -> None:
        merchant.answer(f"alone-{len(ended)}")

    for at in running.at_each_line(project, "payments", ask, running.crash, but=_as_given(project)):
        transactions.died()
        memory.forget(started)
        ended.append(at)
    merchant.send()
    for number, at in enumerate(ended):
        taken, kept = merchant.taken(f"alone-{number}"), merchant.kept(f"alone-{number}")
        if (taken, kept) not in ((0, []), (1, ["done"])):
            payment = f"the payment is {' and '.join(kept)}" if kept else "there is no payment"
            found = f"The merchant did not ask again, and `send_outbox` ran: money moved {taken} times, and {payment}"
            yield Finding(at.file, at.line, found)


def _lost_in_the_outbox(project: Project, merchant: "_Merchant", started: memory.Memory) -> Iterator[Finding]:
    number = 0
    merchant.answer(f"outbox-{number}")
    for at in running.at_each_line(project, "payments", merchant.send, running.crash):
        transactions.died()
        memory.forget(started)
        answer = merchant.answer(f"outbox-{number}")
        merchant.send()
        yield from _lost(project, merchant, at, f"outbox-{number}", answer)
        number += 1
        merchant.answer(f"outbox-{number}")


def _lost(project: Project, merchant: "_Merchant", at: Finding, key: str, answer: int | Exception) -> Iterator[Finding]:
    if isinstance(answer, Exception):
        raised = where_raised(answer, project)
        where = f" at {raised.place}" if raised else ""
        yield Finding(at.file, at.line, f"{ASKED_AGAIN}: the retry {_ended(answer)}{where}")
        return
    taken, status = merchant.taken(key), merchant.status(answer)
    if taken != 1 or status != "done":
        yield Finding(at.file, at.line, f"{ASKED_AGAIN}: money moved {taken} times, and the payment is {status}")


def no_call_in_a_transaction(project: Project) -> Iterator[Finding]:
    with _merchant() as merchant, transactions.calls_in_transactions(project, but="payments/providers.py") as found:
        merchant.answer("shop-1")
        merchant.send()
    yield from found[:1]


def _of_two(first: int | Exception, second: int | Exception, taken: int) -> str | None:
    """The problem with the answers to two requests at the same time, or None."""
    for which, answer in (("first", first), ("second", second)):
        if isinstance(answer, Exception):
            return f"the {which} request {_ended(answer)}"
    if first != second:
        return f"the requests got two payments, {first} and {second}"
    return f"money moved {taken} times, not once" if taken > 1 else None


def _started(project: Project) -> memory.Memory:
    from django.urls import get_resolver

    list(get_resolver().url_patterns)  # imports every view
    return memory.of(project)


def _as_given(project: Project) -> list[str]:
    """The files that are as in start/, except views.py. Their behaviour is known, so their lines are not tried."""
    then, now = trees.contents(project.start), trees.contents(project.folder)
    return [name for name, data in then.items() if name != VIEWS and now.get(name) == data]


class _Refused(Exception):
    """An answer with another status than 201."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status} {said}")
        self.status = status


class _Merchant:
    """A merchant with payments of twenty euros. The card has the key's name, so each call shows the key."""

    amount = "20.00"

    def __init__(self, provider: outside.Outside) -> None:
        self.provider = provider

    def pay(self, key: str, amount: str = amount) -> int:
        """The payment's id. Raises the view's exception, or _Refused for another status than 201."""
        from django.test import Client

        body = {"provider": "cardly", "amount": amount, "currency": "EUR", "card": key}
        client = Client(raise_request_exception=False)  # it would also raise the errors of a parallel request
        response = client.post("/payments", body, content_type="application/json", headers={"Idempotency-Key": key})
        if response.status_code != 201:
            raise _Refused(response.status_code, response.content.decode()[:80])
        return int(response.json()["id"])

    def answer(self, key: str, amount: str = amount) -> int | Exception:
        try:
            return self.pay(key, amount)
        except Exception as error:
            return error

    def status(self, payment: int) -> str:
        from django.test import Client

        return str(Client().get(f"/payments/{payment}").json()["status"])

    def kept(self, card: str) -> list[str]:
        """The status of every payment in the database with this card."""
        from django.apps import apps

        return list(apps.get_model("payments", "Payment").objects.filter(card=card).values_list("status", flat=True))

    def send(self) -> None:
        """Run `send_outbox`, as a timer does."""
        from django.core.management import get_commands, load_command_class

        load_command_class(get_commands()["send_outbox"], "send_outbox").handle()

    def taken(self, key: str) -> int:
        """How often money moved. The provider processes each reference once."""
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
    if isinstance(answer, transactions.Held):
        return f"got no answer: {answer}. A lock in memory works in one process; the unique key works in all"
    return f"got {answer}" if isinstance(answer, _Refused) else f"crashed with {said(answer)}"


def _got(answer: int | Exception) -> str:
    return _ended(answer) if isinstance(answer, Exception) else "got 201"


def _status(answer: int | Exception) -> int:
    if isinstance(answer, Exception):
        return answer.status if isinstance(answer, _Refused) else 500
    return 201


def _place(project: Project, answer: int | Exception) -> Finding:
    found = where_raised(answer, project) if isinstance(answer, Exception) else None
    return found or Finding(VIEWS, source.line_of(project, VIEWS, "create_payment"), "")
