"""Scattered writes: many modules write this table."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from ..effects import Effect, Effects
from ..findings import Finding, spot
from ..kinds import is_importer
from ..project import Place, Project

SIGN = "scattered-writes"
LEAST_PLACES = 10
LEAST_MODULES = 6
LEAST_APPS = 2
LEAST_ELSEWHERE = 5
TRAIL = re.compile(r"(?:Log|Note|Notes|Audit|History|Activity|Event|Comment|Notification|Revision)s?$")
WORDS = {"create": "created", "change": "changed by update", "save": "saved", "delete": "deleted"}


def find(project: Project, effects: Effects) -> Iterator[Finding]:
    """A model written in ten places of six modules besides its own, five of the places in two or more other apps."""
    owners = {project.model_key(model): model for model in project.models.values()}
    places: dict[str, list[tuple[Place, Effect]]] = defaultdict(list)
    for place in project.places("code"):
        if is_importer(place.file.path):
            continue
        seen = set()
        for effect in effects.direct(place):
            if effect.is_write and effect.what and (effect.what, effect.line) not in seen:
                seen.add((effect.what, effect.line))
                places[effect.what].append((place, effect))
    few_apps = len(project.apps) <= 2
    for key, found in sorted(places.items()):
        model = owners.get(key)
        if model is None or TRAIL.search(model.name):
            continue
        home = project.file_of(model)
        foreign = [(place, effect) for place, effect in found if place.file.module != home.module]
        modules = {place.file.module for place, _ in foreign}
        apps = {place.file.app for place, _ in foreign if place.file.app != home.app}
        elsewhere = [place for place, _ in foreign if place.file.app != home.app]
        if len(elsewhere) < LEAST_ELSEWHERE and not few_apps:
            continue
        if len(foreign) < LEAST_PLACES or len(modules) < LEAST_MODULES or (len(apps) < LEAST_APPS and not few_apps):
            continue
        kinds = Counter(effect.kind for _, effect in foreign)
        by_kind = ", ".join(f"{WORDS[kind]} {count}" for kind, count in kinds.most_common())
        spots = [spot(place.file, place.function, effect.line, WORDS[effect.kind]) for place, effect in foreign]
        yield Finding(
            SIGN,
            key,
            f"{model.name} is written in {len(foreign)} places of {len(modules)} modules",
            spots[0],
            spots[1:],
            [by_kind, f"{len(apps)} other apps: {', '.join(sorted(apps)[:5])}"],
            # Sign-up, profile, password and last visit each write a user, and each another column of it.
            is_brief=bool(project.base_names(model) & {"AbstractUser", "AbstractBaseUser"}),
            weight=len(foreign) + 2 * len(modules) + 3 * len(apps),
        )
