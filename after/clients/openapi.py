"""What the OpenAPI document says about a client's format."""

from typing import Any

from webhooks.application import all_formats

BY_CURRENCY = ("threshold", "minor_units")
"""Options that map currencies to values."""


def format_schema() -> dict[str, Any]:
    """The JSON Schema of a client's format: one alternative for each format version."""
    versions = [(version.name, version.version, version.options_schema) for version in all_formats()]
    return {"oneOf": [_version_schema(*version) for version in versions]}


def _version_schema(name: str, version: int, options: dict[str, Any]) -> dict[str, Any]:
    shown = {option: _in_short(option, schema) for option, schema in options["properties"].items()}
    return {
        "type": "object",
        "title": f"{name}@{version}",
        "required": ["name", "version"],
        "properties": {
            "name": {"type": "string", "const": name},
            "version": {"type": "integer", "const": version},
            "options": options | {"properties": shown},
        },
        "additionalProperties": False,
    }


def _in_short(option: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema, without the same schema repeated for each of some 160 currencies."""
    if option not in BY_CURRENCY:
        return schema
    shown = dict(schema)
    values = shown.pop("properties")
    return shown | {"propertyNames": {"enum": list(values)}, "additionalProperties": next(iter(values.values()))}
