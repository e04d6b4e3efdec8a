"""The options of formats: one JSON Schema for each, which both checks and documents it."""

from collections import Counter
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jsonschema import Draft202012Validator
from jsonschema import ValidationError as SchemaError
from jsonschema.validators import extend

from plumbing.currencies import MINOR_UNIT_DIGITS
from plumbing.problems import MAX_ERRORS

from .amounts import AmountError, parse_amount
from .event_types import EventType


def each_once(validator, wanted, entries, schema):
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

NULL_POLICY = {"enum": ["keep", "omit", "empty"]}
MASKABLE = ("customer.name", "customer.email", "customer.iban")
MASK = {"type": "array", "uniqueItems": True, "items": {"enum": list(MASKABLE)}}
DIGITS = {"type": "integer", "minimum": 0, "maximum": 4}
THRESHOLD = {"type": "string", "maxLength": 64, "description": "As an event's amount"}
ALIAS = {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,63}$(?!\n)"}
# `$(?!\n)`: Python's `$` alone also matches before a final line feed.
FIELD_NAME = {"type": "string", "pattern": r"^[A-Za-z_][A-Za-z0-9_.\[\]-]{0,63}$(?!\n)"}

RENAMABLE = {
    ("std_json", 1): ("payment_id", "amount", "currency", "status", "customer", "reference", "failure"),
    ("flat_camel", 1): (
        "eventType", "occurredAt", "paymentId", "amountMinor", "currency", "status", "customerId", "customerName",
        "customerEmail", "customerIban", "reference", "failureCode", "failureMessage",
    ),
    ("flat_camel", 2): (
        "eventType", "occurredAt", "paymentId", "amount", "status", "customerId", "customerName", "customerEmail",
        "customerIban", "reference", "failureCode", "failureMessage",
    ),
    ("form_legacy", 1): (
        "event", "date", "payment", "amount", "currency", "status", "customer[id]", "customer[name]",
        "customer[email]", "customer[iban]", "reference", "failure[code]", "failure[message]",
    ),
}  # fmt: skip
RENAMABLE["csv", 1] = RENAMABLE["form_legacy", 1]
OPTIONS = {
    "std_json": ("null_policy", "rename", "mask", "event_aliases"),
    "flat_camel": ("null_policy", "rename", "mask", "minor_units", "event_aliases"),
    "csv": ("timezone", "rename", "mask", "event_aliases"),
    "cloudevents": ("null_policy", "mask", "event_aliases"),
    "slack_blocks": ("threshold", "mask", "event_aliases"),
    "xml_bank": ("timezone", "mask", "event_aliases"),
    "form_legacy": ("timezone", "rename", "mask", "event_aliases"),
}

VERSIONS = {
    "std_json": (1,),
    "flat_camel": (1, 2),
    "form_legacy": (1,),
    "xml_bank": (1,),
    "cloudevents": (1,),
    "slack_blocks": (1,),
    "csv": (1,),
}


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


def options_schema(format_name: str, version: int) -> dict:
    """The JSON Schema of a format version's options."""
    schemas = {
        "timezone": {
            "type": "string",
            "description": "A name of the IANA time zone database, as the tzdata package lists them",
        },
        "null_policy": NULL_POLICY,
        "mask": MASK,
        "event_aliases": {
            "type": "object",
            "properties": dict.fromkeys(EventType.values, ALIAS),
            "additionalProperties": False,
        },
        "threshold": {
            "type": "object",
            "properties": dict.fromkeys(MINOR_UNIT_DIGITS, THRESHOLD),
            "additionalProperties": False,
        },
        "minor_units": {
            "type": "object",
            "properties": dict.fromkeys(MINOR_UNIT_DIGITS, DIGITS),
            "additionalProperties": False,
        },
        "rename": {
            "type": "object",
            "properties": dict.fromkeys(RENAMABLE.get((format_name, version), ()), FIELD_NAME),
            "additionalProperties": False,
        },
    }
    properties = {option: schemas[option] for option in OPTIONS[format_name]}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def format_schema() -> dict:
    """The JSON Schema of a client's format: one alternative a format version."""
    alternatives = []
    for name, version in sorted((name, version) for name, versions in VERSIONS.items() for version in versions):
        options = options_schema(name, version)
        for option in {"threshold", "minor_units"} & options["properties"].keys():
            # The short form has no schema for each of some 160 currencies.
            values = options["properties"][option].pop("properties")
            options["properties"][option] |= {
                "propertyNames": {"enum": list(values)},
                "additionalProperties": next(iter(values.values())),
            }
        properties = {
            "name": {"type": "string", "const": name},
            "version": {"type": "integer", "const": version},
            "options": options,
        }
        alternatives.append(
            {
                "type": "object",
                "title": f"{name}@{version}",
                "required": ["name", "version"],
                "properties": properties,
                "additionalProperties": False,
            }
        )
    return {"oneOf": alternatives}


def format_errors(format_name: str, version: int, options: dict) -> dict:
    """The problems of a format to pin, as a serializer's nested errors; empty if there are none."""
    if format_name not in VERSIONS:
        return {"name": [f"One of {', '.join(sorted(VERSIONS))} was expected."]}
    if version not in VERSIONS[format_name]:
        return {"version": [f"{format_name} has the versions {', '.join(map(str, VERSIONS[format_name]))}."]}
    errors: dict = {}
    for error in islice(Validator(options_schema(format_name, version)).iter_errors(options), MAX_ERRORS):
        if error.validator == "additionalProperties":
            for name in sorted(set(error.instance) - set(error.schema["properties"]))[:MAX_ERRORS]:
                add_error(errors, [*error.absolute_path, name], "There is no such member.")
        elif error.validator == "uniqueItems":
            add_error(errors, error.absolute_path, "This entry is already in the list.")
        else:
            add_error(errors, error.absolute_path, "This value is not allowed.")
    # Checks that no schema can express, made together with the schema, so that every bad entry is named at once.
    for currency, amount in entries(options, "threshold", MINOR_UNIT_DIGITS):
        try:
            parse_amount(amount, currency)
        except AmountError as error:
            add_error(errors, ["threshold", currency], str(error))
    if "timezone" not in errors and options.get("timezone", "UTC") not in known_timezones():
        add_error(errors, ["timezone"], "There is no such time zone.")
    fields = RENAMABLE.get((format_name, version), ())
    names = dict(entries(options, "rename", fields))
    taken = Counter(names.get(field, field) for field in fields)
    for field, name in names.items():
        if taken[name] > 1:
            add_error(errors, ["rename", field], "Two fields would have this name. Choose another name.")
    return {"options": errors} if errors else {}


def entries(options: dict, option: str, known) -> list[tuple[str, str]]:
    """The valid entries of an option that is a mapping to texts."""
    value = options.get(option)
    if not isinstance(value, dict):
        return []
    return [(key, text) for key, text in value.items() if key in known and isinstance(text, str)]


def add_error(errors: dict, path, message: str) -> None:
    """Puts the message in a serializer's place for it: nested below the names of its path."""
    *outer, last = path
    for name in outer:
        errors = errors.setdefault(name, {})
        if not isinstance(errors, dict):
            return  # an outer member already has an error
    errors.setdefault(last, [message])
