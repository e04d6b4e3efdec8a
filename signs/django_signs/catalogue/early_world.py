"""World in a transaction: mail, HTTP, a task or a file before the commit."""

from collections.abc import Iterator

from ..effects import Effect, Effects
from ..facts import Call
from ..findings import Finding, joined, spot
from ..project import Place, Project
from .entries import is_entry, is_task

SIGN = "world-in-transaction"


def find(project: Project, effects: Effects) -> Iterator[Finding]:
    """One finding for each transaction block that reaches outside, two calls deep, before it commits."""
    for place in project.places("code"):
        regions = place.function.regions
        for number, (first, last) in enumerate(regions):
            calls = [call for call in place.function.calls if call.region == number]
            found = [effect for call in calls for effect in _outside(place, effects, call)]
            if found:
                yield _finding(place, number, first, last, found)
        if not regions and project.atomic_requests and is_entry(project, place) and not is_task(place):
            yield from _of_request(place, effects)


def _outside(place: Place, effects: Effects, call: Call) -> list[Effect]:
    if call.deferred:
        return []
    if is_task(place) and call.callee.partition(".")[0] in (place.function.name, "self"):
        return []  # a task that queues its own next round
    return [effect for effect in effects.of_call(place, call) if effect.is_outside]


def _of_request(place: Place, effects: Effects) -> Iterator[Finding]:
    """Under ATOMIC_REQUESTS a view is one transaction, so a message after its first write is sent too early."""
    writes = [effect.line for effect in effects.direct(place) if effect.is_write]
    if not writes:
        return
    found = [
        effect
        for call in place.function.calls
        if call.line >= min(writes)
        for effect in _outside(place, effects, call)
        if effect.kind in ("world", "queue")
    ]
    if found:
        yield _finding(place, 0, place.function.line, place.function.end, found, by_request=True)


def _finding(
    place: Place, number: int, first: int, last: int, found: list[Effect], *, by_request: bool = False
) -> Finding:
    function = place.function
    kinds = {effect.kind for effect in found}
    what = (
        "an external call is made" if "world" in kinds else "a task is queued" if "queue" in kinds else "files change"
    )
    stories = list(dict.fromkeys(effect.story() for effect in found))
    block = (
        "the request's transaction (ATOMIC_REQUESTS)" if by_request else f"the transaction of lines {first} to {last}"
    )
    suffix = f"#{number + 1}" if number else ""
    return Finding(
        SIGN,
        f"{place.name}{suffix}",
        f"In {function.qualified or place.file.module}(), {what} before the commit",
        spot(place.file, function, found[0].line, stories[0]),
        [spot(place.file, function, effect.line, effect.story()) for effect in found[1:]],
        [f"inside {block}: {joined(stories, 3)}"],
        weight=len(found) * 2 + 8 * ("world" in kinds) + 3 * ("queue" in kinds) - 3 * by_request,
        is_brief=kinds == {"files"},
    )
