"""Renders an event as accepting it does."""

import json
from collections.abc import Mapping
from typing import Any

from webhooks.domain.event import Event
from webhooks.domain.formats.format import Platform
from webhooks.domain.formats.registry import get_format


def body(pinned: str, event: Event, options: Mapping[str, Any] | None = None, platform: Platform | None = None) -> str:
    """The body of an event in `std_json@1` or another format version."""
    name, _, version = pinned.partition("@")
    return get_format(name, int(version)).render(event, options or {}, platform or Platform()).decode()


def parsed(pinned: str, event: Event, **options: Any) -> Any:
    return json.loads(body(pinned, event, options))


def problems(pinned: str, options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The problems of the options, by their path."""
    name, _, version = pinned.partition("@")
    found = get_format(name, int(version)).problems(options)
    return [("/".join(map(str, problem.path)), problem.message) for problem in found]
