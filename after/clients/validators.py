"""The checks of a client's fields, for the API's serializer and the admin's form."""

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from plumbing.destinations import NoDestination, destination_of
from webhooks.application import format_problems

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def validate_slug(slug: str) -> None:
    if not SLUG.fullmatch(slug):
        raise ValidationError("Use at most 63 lower-case letters, digits and hyphens, not beginning with a hyphen.")


def validate_endpoint_url(url: str) -> None:
    schemes = ("https", "http") if settings.ALLOW_HTTP else ("https",)
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise ValidationError("The URL must not contain spaces, control characters or backslashes.")
    if url.partition(":")[0].lower() not in schemes:
        raise ValidationError(f"The URL must begin with {' or '.join(s + '://' for s in schemes)}.")
    try:
        destination_of(url)
    except NoDestination as error:
        raise ValidationError(str(error)) from error


def validate_each_once(entries: list[str]) -> None:
    if repeated := len(entries) - len(set(entries)):
        raise ValidationError(["This entry is already in the list."] * repeated)


def format_errors(name: str, version: int, options: dict[str, Any]) -> dict[str | int, Any]:
    """The problems of a format to pin, as a serializer's nested errors; empty if there are none."""
    errors: dict[str | int, Any] = {}
    for problem in format_problems(name, version, options):
        add_error(errors, problem.path, problem.message)
    return errors


def add_error(errors: dict[str | int, Any], path: Sequence[str | int], message: str) -> None:
    """Puts the message in a serializer's place for it: nested below the names of its path."""
    *outer, last = path
    for name in outer:
        inner = errors.setdefault(name, {})
        if not isinstance(inner, dict):
            return  # an outer member already has an error
        errors = inner
    errors.setdefault(last, [message])
