"""Whether a client got the same from two servers: every header and every byte, but for what is each server's own.

An id, the time of an attempt and the signature over both cannot be the same. They are set aside: the id becomes the
number of the event in the file, wherever it stands; time and signature become how many there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workshop.harness.inbox import Received

AROUND = 20  # bytes shown on each side of a difference


@dataclass(frozen=True)
class Neutral:
    """A request without what is its server's own."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Verdict:
    """What came of the comparison for one client: how many events it was about, and what differs."""

    sides: tuple[str, str]
    events: int
    differences: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        first, second = self.sides
        if self.differences:
            return f"DIFFERENT from {first}/ and {second}/: {' '.join(self.differences)}"
        bodies = f"{self.events} {'body' if self.events == 1 else 'bodies'}"
        return f"The same from {first}/ and {second}/: headers and {bodies}, byte for byte."


def compared(
    sides: tuple[str, str], received: Sequence[Sequence[Received]], numbers: Sequence[Mapping[str, int]]
) -> Verdict:
    """What a client received from each side, by event; `numbers` says for each side which event an id stands for.

    An event that was tried more than once must be the same each time, so it does not matter how often that was.
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
    """The requests by the event's number; one of an id that no side gave is event 0."""
    found: dict[int, list[Neutral]] = {}
    for one in requests:
        number = numbers.get(one.webhook_id, 0)
        found.setdefault(number, []).append(neutral(one, number))
    return found


def neutral(one: Received, number: int) -> Neutral:
    """The request with the event's number in the place of its id, and no time or signature."""
    own, put = one.webhook_id, f"evt_{number}"
    headers = dict(one.headers)
    headers["webhook-timestamp"] = "a time" if headers.get("webhook-timestamp") else "none"
    headers["webhook-signature"] = f"{len(headers.get('webhook-signature', '').split())} signatures"
    if not own:
        return Neutral(tuple(sorted(headers.items())), one.body)
    named = {name: value.replace(own, put) for name, value in headers.items()}
    return Neutral(tuple(sorted(named.items())), one.body.replace(own.encode(), put.encode()))


def difference(one: Neutral, other: Neutral) -> str:
    """The first thing that differs, in words."""
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
