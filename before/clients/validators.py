"""The checks of a client's fields, for the API's serializer and the admin's form."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError

from plumbing.destinations import NoDestination, destination_of

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
