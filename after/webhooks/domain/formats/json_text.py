"""JSON and its times, as this server writes them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def timestamp(moment: datetime) -> str:
    """The time in UTC, cut to milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch_milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def compact_json(value: Any) -> bytes:
    """UTF-8 without white space; escapes only what JSON requires (RFC 8259)."""
    return COMPACT.encode(value).encode()
