"""State without an owner: a status field is set to fixed values all over."""

import re
from collections import defaultdict
from collections.abc import Iterator

from ..effects import Effects
from ..facts import Assignment, Class
from ..findings import Finding, joined, spot
from ..project import Place, Project

SIGN = "unowned-state"
LEAST_VALUES = 3
LEAST_MODULES = 3
STATE = re.compile(r"(?:^|_)(?:status|state|phase|stage)$")


def find(project: Project, effects: Effects) -> Iterator[Finding]:
    """A status field that gets three different values in three modules. Constructors and `create` do not count."""
    places: dict[tuple[str, str], list[tuple[Place, Assignment, Class]]] = defaultdict(list)
    for place in project.places("code"):
        for assignment in place.function.assignments:
            owner = _owner(effects, place, assignment)
            if owner is None:
                continue
            field = next(
                (
                    base.fields[assignment.attribute]
                    for base in (owner, *project.bases(owner))
                    if assignment.attribute in base.fields
                ),
                None,
            )
            if field is not None and (STATE.search(assignment.attribute) or field.has_choices):
                places[project.model_key(owner), assignment.attribute].append((place, assignment, owner))
    for (key, attribute), found in sorted(places.items()):
        values = sorted({assignment.member.name for _, assignment, _ in found})
        modules = {place.file.module for place, _, _ in found}
        if len(values) < LEAST_VALUES or len(modules) < LEAST_MODULES:
            continue
        spots = [
            spot(place.file, place.function, assignment.line, assignment.member.name) for place, assignment, _ in found
        ]
        model = found[0][2].name
        yield Finding(
            SIGN,
            f"{key}.{attribute}",
            f"{model}.{attribute} is set to {len(values)} values in {len(modules)} modules",
            spots[0],
            spots[1:],
            [f"the values are {joined(values, 5)}"],
            weight=len(found) + 2 * len(modules),
            members=tuple(values),
        )


def _owner(effects: Effects, place: Place, one: Assignment) -> Class | None:
    if "()" in one.target or "objects" in one.target:
        return effects.rows.model_of(place, one.target)
    return effects.rows.class_of(place, one.target)
