"""Same condition: the rule is written out in every query."""

from collections import defaultdict
from collections.abc import Iterator

from ..effects import Effects
from ..facts import Condition
from ..findings import Finding, joined, spot
from ..project import Place, Project

SIGN = "same-condition"
LEAST_PLACES = 6
LEAST_MODULES = 3


def find(project: Project, effects: Effects) -> Iterator[Finding]:
    """The same names with the same fixed values, in six queries of three modules."""
    places: dict[tuple[tuple[str, str | None], ...], list[tuple[Place, Condition]]] = defaultdict(list)
    for place in project.places("code"):
        for condition in place.function.conditions:
            if key := _rule(condition):
                places[key].append((place, condition))
    for key, found in sorted(places.items(), key=lambda item: str(item[0])):
        modules = {place.file.module for place, _ in found}
        if len(found) < LEAST_PLACES or len(modules) < LEAST_MODULES:
            continue
        text = ", ".join(f"{name}={value if value is not None else '…'}" for name, value in key)
        spots = [spot(place.file, place.function, condition.line) for place, condition in found]
        yield Finding(
            SIGN,
            text,
            f"One condition on {joined([name for name, _ in key])} is repeated in {len(found)} queries of {len(modules)} modules",
            spots[0],
            spots[1:],
            [text],
            weight=len(found) * 2 + len(modules) + 2 * len(key),
        )


def _rule(condition: Condition) -> tuple[tuple[str, str | None], ...]:
    items = condition.items
    fixed = [(name, value) for name, value in items if value is not None]
    lists = [(name, value) for name, value in fixed if name.endswith("__in") and value.count(",") >= 1]
    if len(items) == 1 and lists:
        name, value = lists[0]
        parts = name.split("__")
        return (("__".join(parts[-2:]), value),)
    if len(fixed) >= 2 or (fixed and len(items) >= 3):
        return items
    return ()
