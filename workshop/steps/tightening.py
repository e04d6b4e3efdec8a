"""From step to step the walls only tighten: what .importlinter held at one stage, it holds at the next.

A contract stays, by its id. What it forbids stays forbidden, for the modules that it bound; a new exception is fine only
where the rule itself is new. Modules may move: what is no longer there binds nobody.
"""

import configparser
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

CONTRACT = "importlinter:contract:"
WALLS = "walls"
OF_FILES = ("by_name", "tables", "readers")

Exists = Callable[[str], bool]


def loosened(old: str, new: str, is_module: Exists, was_file: Exists, is_file: Exists) -> Iterator[str]:
    """What the new file allows that the old one did not, a line each.

    `is_module` and `is_file` say what is there at the new stage, `was_file` what was at the old one.
    """
    before, after = _parsed(old), _parsed(new)
    for section in before:
        if not section.startswith(CONTRACT):
            continue
        name = section.removeprefix(CONTRACT)
        if section not in after:
            yield f"the contract {name} is gone"
        elif before[section]["type"] != after[section]["type"]:
            yield f"the contract {name} is of another type"
        else:
            yield from (f"{name}: {what}" for what in _of_contract(before[section], after[section], is_module))
    if WALLS in before:
        yield from _of_walls(before[WALLS], after.get(WALLS, {}), was_file, is_file)


def _of_contract(old: Mapping[str, str], new: Mapping[str, str], is_module: Exists) -> Iterator[str]:
    for lasting in ("source_modules", "forbidden_modules", "protected_modules", "containers", "modules"):
        for module in _list(old, lasting):
            if not any(_covers(wide, module) for wide in _list(new, lasting)) and _may_be_missed(
                lasting, module, is_module
            ):
                yield f"{module} is no longer one of its {lasting}"
    if _yes(old, "exhaustive") and not _yes(new, "exhaustive"):
        yield "it is no longer exhaustive"
    if _yes(new, "allow_indirect_imports") and not _yes(old, "allow_indirect_imports"):
        yield "it allows indirect imports now"
    for importer in _list(new, "allowed_importers"):
        if importer not in _list(old, "allowed_importers"):
            yield f"{importer} may import what it protects now"
    bound = _list(old, "source_modules") or _list(old, "containers") or _list(old, "modules")
    for exception in _list(new, "ignore_imports"):
        importer = exception.split("->")[0].strip().removesuffix(".**")
        if (
            exception not in _list(old, "ignore_imports")
            and any(_covers(one, importer) for one in bound)
            and not any(_same_end(exception, former) for former in _list(old, "ignore_imports"))
        ):
            yield f"a new exception: {exception}"
    yield from _reordered(_layers(old), _layers(new))


def _of_walls(old: Mapping[str, str], new: Mapping[str, str], was_file: Exists, is_file: Exists) -> Iterator[str]:
    inner, was_inner = _list(new, "inner"), _list(old, "inner")
    for place in was_inner:
        if is_file(place) and not any(_is_below(place, one) for one in inner):
            yield f"walls: {place} is no longer inner"
    if set(inner) <= set(was_inner):
        for package in _list(new, "packages"):
            if package not in _list(old, "packages"):
                yield f"walls: {package} may be imported inside now"
    for key in OF_FILES:
        for place in _list(new, key):
            if was_file(place) and not any(_is_below(place, one) for one in _list(old, key)):
                yield f"walls: {place} is one of {key} now"


def _reordered(old: Sequence[set[str]], new: Sequence[set[str]]) -> Iterator[str]:
    """Layers that stood above each other and do so no more. What is in one of the lists only has moved, or is new."""
    where = [{module: place for place, layer in enumerate(layers) for module in layer} for layers in (old, new)]
    for one, other in combinations(sorted(where[0].keys() & where[1].keys()), 2):
        was, now = (places[one] - places[other] for places in where)
        if was and (now == 0 or (was > 0) != (now > 0)):
            yield f"{one} and {other} no longer stand above each other as they did"


def _may_be_missed(key: str, module: str, is_module: Exists) -> bool:
    """A package of others is always there; a module of the stage is missed only while it exists."""
    return key == "forbidden_modules" or is_module(module)


def _covers(wide: str, module: str) -> bool:
    return module == wide or module.startswith(f"{wide}.")


def _is_below(place: str, folder: str) -> bool:
    return place == folder or place.startswith(f"{folder}/")


def _same_end(exception: str, former: str) -> bool:
    """An exception that moved along with its modules: webhooks.views -> webhooks.models in a new folder."""
    ends = [tuple(part.strip().rsplit(".", 1)[-1] for part in text.split("->")) for text in (exception, former)]
    return ends[0] == ends[1]


def _layers(contract: Mapping[str, str]) -> list[set[str]]:
    lines = [line for line in contract.get("layers", "").splitlines() if line.strip()]
    return [{name.strip(" ()") for part in line.split("|") for name in part.split(":")} for line in lines]


def _list(section: Mapping[str, str], key: str) -> list[str]:
    return [line.strip() for line in section.get(key, "").splitlines() if line.strip()]


def _yes(section: Mapping[str, str], key: str) -> bool:
    return section.get(key, "").strip().lower() in ("true", "1", "yes", "on")


def _parsed(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser()
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}
