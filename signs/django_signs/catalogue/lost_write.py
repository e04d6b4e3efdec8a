"""Lost write: a number is read from a row, changed in Python and saved; of two concurrent changes, one is lost."""

import re
from collections.abc import Iterator

from ..effects import Effects
from ..facts import Class, Counter
from ..findings import Finding, spot
from ..project import Place, Project

SIGN = "lost-write"
NUMERIC = re.compile(
    r"(?:Integer|SmallInteger|BigInteger|PositiveInteger|PositiveSmallInteger|PositiveBigInteger|Decimal|Float|Money)Field$"
)
BY_NAME = re.compile(
    r"(?:^|_)(?:amount|balance|stock|used|count|counter|total|quantity|qty|credits?|points|votes|num_\w+|views)(?:_|$)"
)
OWN_PROGRESS = re.compile(r"(?:Job|Task|Import|Export|Run|Progress|Batch|Step)$")
HIGHEST = 3


def find(project: Project, effects: Effects) -> Iterator[Finding]:
    """A counter, the save of the same row in the same function, and no lock there or above."""
    for place in project.places("code"):
        function = place.function
        if not function.counters or function.locks or function.uses_f:
            continue
        saved = {call.callee.removesuffix(".save") for call in function.calls if call.callee.endswith(".save")}
        for counter in function.counters:
            if counter.target not in saved or not counter.target or _is_new(place, counter):
                continue
            owner = effects.rows.class_of(place, counter.target)
            if not _is_number(project, owner, counter) or _locked_above(effects, place, HIGHEST):
                continue
            if owner is not None and OWN_PROGRESS.search(owner.name):
                continue
            model = owner.name if owner else counter.target
            yield Finding(
                SIGN,
                f"{place.name}.{counter.attribute}",
                f"{function.qualified}() can lose a change of {model}.{counter.attribute}",
                spot(place.file, function, counter.line),
                [],
                [f"{counter.target}.{counter.attribute} is read, changed and saved, without F() and without a lock"],
                weight=3 + 3 * bool(re.search("amount|balance|stock|credit|total", counter.attribute)),
            )
            break


def _is_new(place: Place, counter: Counter) -> bool:
    """Whether the row is made in this function, so that no other process can know it yet."""
    bound = place.function.bindings.get(counter.target, [])
    return any(re.fullmatch(r"[A-Z]\w*\(\)|(?:\w+\.)*[A-Z]\w*\(\)", text) for text in bound)


def _is_number(project: Project, owner: Class | None, counter: Counter) -> bool:
    if owner is None:
        return BY_NAME.search(counter.attribute) is not None and counter.target not in ("self",)
    for base in (owner, *project.bases(owner)):
        if counter.attribute in base.fields:
            return NUMERIC.search(base.fields[counter.attribute].kind) is not None
    return False


def _locked_above(effects: Effects, place: Place, levels: int) -> bool:
    if levels == 0:
        return False
    return any(caller.function.locks or _locked_above(effects, caller, levels - 1) for caller in effects.callers(place))
