"""Compares the requests that a client got from two servers: every header and every byte.

An id, the time of an attempt and the signature over both cannot be the same. So each id is replaced by the number of
its event in the file, and of times and signatures only the count is compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workshop.base.counting import counted
from workshop.harness.inbox import Received

AROUND = 20  # bytes shown on each side of a difference


@dataclass(frozen=True)
class Neutral:
    """A request without ids, time and signature."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Verdict:
    """The comparison for one client: the number of events, and the differences."""

    sides: tuple[str, str]
    events: int
    differences: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        first, second = self.sides
        if self.differences:
            return f"DIFFERENT from {first}/ and {second}/: {' '.join(self.differences)}"
        bodies = counted(self.events, "body", "bodies")
        return f"The same from {first}/ and {second}/: headers and {bodies}, byte for byte."


def compared(
    sides: tuple[str, str], received: Sequence[Sequence[Received]], numbers: Sequence[Mapping[str, int]]
) -> Verdict:
    """Compares a client's requests from each side, by event; `numbers` gives for each side the event of an id.

    All attempts of an event must be the same, so their number does not matter.
    """
    first, second = (by_event(requests, known) for requests, known in zip(received, numbers, strict=True))
    differences = []
    for number in sorted(first.keys() | second.keys()):
        one, other = first.get(number, []), second.get(number, [])
        if not one or not other:
            differences.append(f"Event {number} came from {sides[0] if one else sides[1]}/ alone.")
            continue
        pairs = [(one[0], again) for again in [*one[1:], *other] if again != one[0]]
        differences += [f"Event {number}: {difference(*pair)}." for pair in pairs[:1]]
    return Verdict(sides, len(first.keys() | second.keys()), tuple(differences))


def by_event(requests: Sequence[Received], numbers: Mapping[str, int]) -> dict[int, list[Neutral]]:
    """The requests by the event's number; a request with an unknown id is event 0."""
    found: dict[int, list[Neutral]] = {}
    for request in requests:
        number = numbers.get(request.webhook_id, 0)
        found.setdefault(number, []).append(neutral(request, number))
    return found


def neutral(request: Received, number: int) -> Neutral:
    """The request with the event's number instead of its id, and without time and signature."""
    own, put = request.webhook_id, f"evt_{number}"
    headers = dict(request.headers)
    headers["webhook-timestamp"] = "a time" if headers.get("webhook-timestamp") else "none"
    headers["webhook-signature"] = counted(len(headers.get("webhook-signature", "").split()), "signature")
    if not own:
        return Neutral(tuple(sorted(headers.items())), request.body)
    named = {name: value.replace(own, put) for name, value in headers.items()}
    return Neutral(tuple(sorted(named.items())), request.body.replace(own.encode(), put.encode()))


def difference(one: Neutral, other: Neutral) -> str:
    """The first difference, in words."""
    if one.body != other.body:
        at = next(
            (place for place, (a, b) in enumerate(zip(one.body, other.body, strict=False)) if a != b),
            min(len(one.body), len(other.body)),
        )
        around = slice(max(at - AROUND, 0), at + AROUND)
        texts = [each.body[around].decode("utf-8", "replace") for each in (one, other)]
        return f"byte {at} of the body: {texts[0]!r} and {texts[1]!r}"
    differing = sorted(dict(set(one.headers) ^ set(other.headers)))[0]
    values = [dict(each.headers).get(differing, "(absent)") for each in (one, other)]
    return f"header {differing}: {values[0]!r} and {values[1]!r}"
