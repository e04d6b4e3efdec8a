"""Serializer parts that accept a value unchanged or refuse it: no value is coerced, trimmed or ignored."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from .problems import MAX_ERRORS, UnknownMember

TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


class Text(serializers.CharField):
    """A string of at least one character; REST framework's own refuses U+0000 and lone surrogates.

    `schema` is JSON Schema to add to the OpenAPI document; it checks nothing.
    """

    def __init__(self, *, schema: dict[str, Any] | None = None, **kwargs: Any) -> None:
        self.schema = schema or {}
        super().__init__(trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


class VisibleText(Text):
    """ASCII from `!` to `~`."""

    default_error_messages = {"not_visible": "Only visible ASCII characters are allowed."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(schema={"pattern": "^[!-~]+$"}, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if re.search(r"[^!-~]", text):
            self.fail("not_visible")
        return text


class Integer(serializers.IntegerField):
    """A JSON integer: not a string of digits, not 1.0, not true."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return data


class EachOnce(serializers.ListField):
    """A list that holds each entry at most once. Reading stops after the first MAX_ERRORS bad entries."""

    default_error_messages = {"repeated": "This entry is already in the list."}

    def run_child_validation(self, data: Any) -> list[Any]:
        entries: list[Any] = []
        errors: dict[int, Any] = {}
        for index, value in enumerate(data):
            try:
                entry = self.child.run_validation(value)
                if entry in entries:
                    self.fail("repeated")
            except ValidationError as error:
                errors[index] = error.detail
                if len(errors) == MAX_ERRORS:
                    break
            else:
                entries.append(entry)
        if errors:
            raise ValidationError(errors)
        return entries


class Timestamp(serializers.Field):
    """RFC 3339 with `T`, at most microseconds and an offset; becomes and is written in UTC."""

    default_error_messages = {
        "invalid": "Expected a time such as 2026-11-22T13:27:24.123456Z.",
        "out_of_range": "The year, in UTC, must be {first} to {last}.",
    }

    def __init__(self, years: tuple[int, int] = (1, 9999), **kwargs: Any) -> None:
        self.years = years
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or not TIMESTAMP.fullmatch(data):
            self.fail("invalid")
        first, last = self.years
        try:
            moment = datetime.fromisoformat(data).astimezone(UTC)
        except ValueError:
            self.fail("invalid")
        except OverflowError:
            self.fail("out_of_range", first=first, last=last)
        if not first <= moment.year <= last:
            self.fail("out_of_range", first=first, last=last)
        return moment

    def to_representation(self, value: datetime) -> str:
        return rfc3339(value)


def rfc3339(moment: datetime) -> str:
    """The API's way to write a time: UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def checked(serializer_class: type[serializers.Serializer], document: Any) -> Any:
    """The same values as `validated_data`. Raises ValidationError.

    Each class is built once: REST framework copies all fields for every serializer, which takes twice as long as the
    validation itself.
    """
    return _built(serializer_class).run_validation(document)


@cache
def _built(serializer_class: type[serializers.Serializer]) -> serializers.Serializer:
    # `is_valid` words a null document like this.
    return serializer_class(error_messages={"null": "No data provided"})


class Strict:
    """A serializer mixin: an unknown or read-only member is an error, reported together with all others."""

    def to_internal_value(self, data: Any) -> Any:
        errors: dict[str, Any] = {}
        try:
            value = super().to_internal_value(data)  # type: ignore[misc]
        except ValidationError as error:
            value, errors = None, dict(error.detail)
        if isinstance(data, Mapping):
            writable = {field.field_name for field in self._writable_fields}  # type: ignore[attr-defined]
            unknown = islice((name for name in data if name not in writable), MAX_ERRORS)
            errors |= {UnknownMember(name): ["There is no such member."] for name in unknown}
        if errors:
            raise ValidationError(errors)
        return value
