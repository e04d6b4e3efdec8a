"""Queries and cookies for the pages that the OpenAPI document does not know: the admin, the docs, static files."""

import random
from collections.abc import Iterator
from urllib.parse import quote

LISTS = ("clients/client", "clients/apikey", "webhooks/event", "webhooks/delivery", "auth/user", "auth/group")
PAGES = (
    "/docs/",
    "/static/admin/css/base.css",
    "/static/",
    "/healthz",
    "/admin/",
    "/admin/login/",
    "/admin/password_change/",
    "/admin/jsi18n/",
    "/admin/autocomplete/",
    "/admin/r/1/1/",
    *(f"/admin/{name}/" for name in LISTS),
    *(f"/admin/{name}/add/" for name in LISTS),
    *(f"/admin/{name}/1/{page}/" for name in LISTS for page in ("change", "history", "delete")),
)
NAMES = (
    "q",
    "o",
    "p",
    "e",
    "all",
    "next",
    "lang",
    "script",
    "version",
    "format",
    "_popup",
    "_to_field",
    "_facets",
    "term",
)
NAMES += (
    "app_label",
    "model_name",
    "field_name",
    "_changelist_filters",
    "_source_model",
    "slug",
    "name",
    "status",
    "type",
)
NAMES += ("status__exact", "type__exact", "created_at__gte", "client__id__exact", "deleted_at__isempty", "event__type")
NAMES += (
    "signing_secret__startswith",
    "role__exact",
    "groups__id__exact",
    "id__in",
    "pk",
    "event_types",
    "format_options",
)
TEXTS = (
    "",
    "0",
    "1",
    "-1",
    "x",
    "\0",
    "a\0b",
    "(",
    "[",
    "%",
    "\\",
    "'",
    "é",
    "💩",
    "\ufeff",
    "null",
    "true",
    "1,2",
    "1.-2",
)
TEXTS += (
    "9" * 30,
    "2026-13-99",
    "2026-01-01",
    "clients",
    "client",
    "apikey",
    "x" * 3000,
    "//evil.example",
    "=",
    "&",
    "\r\n",
)
COOKIES = ("sessionid", "csrftoken", "messages", "django_language", "")
RAW = (
    b"",
    b"%00",
    b"%ff",
    b"%ED%A0%80",
    b"\xff",
    b'"\\000\\001"',
    b'"abcdefgh\\000"',
    b'"\\377"',
    b"a" * 4000,
    b'"',
    b"\x01",
    b"=;=",
)


def requests(seed: int, count: int) -> Iterator[tuple[bytes, bytes]]:
    """A number of targets with a cookie each; a seed repeats them exactly."""
    chance = random.Random(seed)

    def text() -> bytes:
        if chance.random() < 0.3:
            return chance.choice(RAW)
        if chance.random() < 0.2:
            return quote(
                "".join(chr(chance.choice((0, 10, 34, 60, 127, 233, 0x2028, 0x1F4A9))) for _ in range(4))
            ).encode()
        return quote(chance.choice(TEXTS)).encode()

    for _ in range(count):
        path = chance.choice(PAGES).encode()
        if chance.random() < 0.15:
            path += text()
        pairs = [
            (quote(chance.choice(NAMES)).encode() if chance.random() < 0.9 else text()) + b"=" + text()
            for _ in range(chance.randint(0, 3))
        ]
        cookie = chance.choice(COOKIES).encode() + b"=" + chance.choice(RAW)
        yield path + (b"?" + b"&".join(pairs) if pairs else b""), cookie
