"""The options of formats: each with a JSON Schema, the checks that a schema cannot express, and its effect."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jsonschema import Draft202012Validator
from jsonschema import ValidationError as SchemaError
from jsonschema.validators import extend

from plumbing.currencies import MINOR_UNIT_DIGITS
from webhooks.domain.event import Customer, EventType
from webhooks.domain.masking import MASKS, masked
from webhooks.domain.money import AmountError, Money, parse_amount

MAX_PROBLEMS = 100
"""The largest number of problems of one kind that are collected: a body of 256 KiB could have 100,000."""


def each_once(validator: Any, wanted: bool, entries: Any, schema: Mapping[str, Any]) -> Iterator[Any]:
    """`uniqueItems`, with the place of each repeated entry. jsonschema's own may compare each entry with all others."""
    seen = set()
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, str) and entry in schema["items"]["enum"]:
            if entry in seen:
                yield SchemaError("repeated", path=[index])
            seen.add(entry)


# For JSON Schema 2.0 is an integer, but the API coerces nothing.
Validator = extend(
    Draft202012Validator,
    {"uniqueItems": each_once},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int),
)


@dataclass(frozen=True)
class Problem:
    """A problem and its place: the names and indexes that lead there."""

    path: tuple[str | int, ...]
    message: str


def nothing_more(value: Any) -> Iterator[Problem]:
    """The schema checks everything."""
    yield from ()


@dataclass(frozen=True)
class Option:
    """An option: its name, its JSON Schema, and a check for problems that no schema can express."""

    name: str
    schema: Mapping[str, Any]
    problems: Callable[[Any], Iterator[Problem]] = nothing_more


def schema_of(options: Sequence[Option]) -> dict[str, Any]:
    """The JSON Schema of these options."""
    properties = {option.name: dict(option.schema) for option in options}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def schema_problems(options: Sequence[Option], values: Mapping[str, Any]) -> Iterator[Problem]:
    for error in islice(Validator(schema_of(options)).iter_errors(values), MAX_PROBLEMS):
        path = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            for name in sorted(set(error.instance) - set(error.schema["properties"]))[:MAX_PROBLEMS]:
                yield Problem((*path, name), "There is no such member.")
        elif error.validator == "uniqueItems":
            yield Problem(path, "This entry is already in the list.")
        else:
            yield Problem(path, "This value is not allowed.")


def _mapping(keys: Sequence[str], values: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict.fromkeys(keys, values), "additionalProperties": False}


def _texts(value: Any, known: Sequence[str] | Mapping[str, Any]) -> list[tuple[str, str]]:
    """The valid entries of a mapping to texts; no entries if the value is no mapping."""
    if not isinstance(value, dict):
        return []
    return [(key, text) for key, text in value.items() if key in known and isinstance(text, str)]


# null_policy: how nulls are written

NULL_POLICY = Option("null_policy", {"enum": ["keep", "omit", "empty"]})


def with_nulls(value: Any, policy: str) -> Any:
    """The value with every null in it kept, left out or made an empty string."""
    if not isinstance(value, dict):
        return value
    if policy == "omit":
        value = {key: inner for key, inner in value.items() if inner is not None}
    elif policy == "empty":
        value = {key: "" if inner is None else inner for key, inner in value.items()}
    return {key: with_nulls(inner, policy) for key, inner in value.items()}


# rename: a field's own name for each client

# `$(?!\n)`: Python's `$` alone also matches before a final line feed.
FIELD_NAME = {"type": "string", "pattern": r"^[A-Za-z_][A-Za-z0-9_.\[\]-]{0,63}$(?!\n)"}


def rename(*fields: str) -> Option:
    """New names for these fields. Two fields with the same name, new or old, are a problem."""

    def problems(value: Any) -> Iterator[Problem]:
        names = dict(_texts(value, fields))
        taken = Counter(names.get(field, field) for field in fields)
        for field, name in names.items():
            if taken[name] > 1:
                yield Problem(("rename", field), "Two fields would have this name. Choose another name.")

    return Option("rename", _mapping(fields, FIELD_NAME), problems)


def renamed(data: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """The data with some keys renamed, each in its old place."""
    names = options.get("rename", {})
    return {names.get(key, key): value for key, value in data.items()}


# mask: the customer's fields that the client must not see

MASK = Option("mask", {"type": "array", "uniqueItems": True, "items": {"enum": list(MASKS)}})


def visible(customer: Customer, options: Mapping[str, Any]) -> Customer:
    """The customer as this client may see it."""
    return masked(customer, options.get("mask", []))


# minor_units: providers that differ from ISO 4217

MINOR_UNITS = Option("minor_units", _mapping(tuple(MINOR_UNIT_DIGITS), {"type": "integer", "minimum": 0, "maximum": 4}))


def minor_units(money: Money, options: Mapping[str, Any]) -> int:
    """The amount in minor units, with the digits that this client's provider uses for the currency."""
    return money.minor_units(options.get("minor_units", {}).get(money.currency))


# timezone: the client's local time


@lru_cache
def known_timezones() -> frozenset[str]:
    """The names in the pinned tzdata, so that all machines know the same zones.

    Without `Factory`, the placeholder of machines without a time zone.
    """
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()) - {"Factory"}


@cache
def zone(name: str) -> ZoneInfo:
    """The time zone from the pinned tzdata. ZoneInfo(name) would use the machine's data, which may be years older."""
    if name not in known_timezones():
        raise ZoneInfoNotFoundError(f"No time zone found with key {name}")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def _unknown_timezone(value: Any) -> Iterator[Problem]:
    if isinstance(value, str) and value not in known_timezones():
        yield Problem(("timezone",), "There is no such time zone.")


TIMEZONE = Option(
    "timezone",
    {"type": "string", "description": "A name of the IANA time zone database, as the tzdata package lists them"},
    _unknown_timezone,
)


def local_time(moment: datetime, options: Mapping[str, Any]) -> datetime:
    """The moment in the client's zone."""
    return moment.astimezone(zone(options.get("timezone", "UTC")))


# event_aliases: the client's own names of event types

ALIAS = {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,63}$(?!\n)"}
EVENT_ALIASES = Option("event_aliases", _mapping([str(event_type) for event_type in EventType], ALIAS))


def aliased(event_type: EventType, options: Mapping[str, Any], otherwise: str | None = None) -> str:
    """This client's alias of the type, else `otherwise`, else the type itself."""
    alias: str = options.get("event_aliases", {}).get(event_type, otherwise or str(event_type))
    return alias


# threshold: the smallest amounts to report


def _bad_amounts(value: Any) -> Iterator[Problem]:
    for currency, amount in _texts(value, MINOR_UNIT_DIGITS):
        try:
            parse_amount(amount, currency)
        except AmountError as error:
            yield Problem(("threshold", currency), str(error))


THRESHOLD = Option(
    "threshold",
    _mapping(tuple(MINOR_UNIT_DIGITS), {"type": "string", "maxLength": 64, "description": "As an event's amount"}),
    _bad_amounts,
)
