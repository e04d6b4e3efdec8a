"""Reads the golden cases. README.md says what is in their files."""

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
EVENTS = {file.stem: json.loads(file.read_text("utf-8")) for file in sorted((HERE / "events").glob("*.json"))}
KEYS = {"why", "event", "change", "options", "content_type", "skipped"}
REPETITION = re.compile(r"\{\{(\d+) x (.+?)\}\}")
EVENT_ID = b"{{event_id}}"


@dataclass(frozen=True)
class Case:
    """One event, one format version, one set of options, and the expected result: a body or a skip."""

    format: str
    name: str
    why: str
    event_name: str
    event: dict[str, Any]
    options: dict[str, Any]
    content_type: str | None
    skipped: str | None
    _body: bytes | None

    def __str__(self) -> str:
        return f"{self.format}/{self.name}"

    def body(self, event_id: str) -> bytes:
        """The exact bytes, for an event of this id."""
        assert self._body is not None, f"{self} is skipped and has no body"
        return self._body.replace(EVENT_ID, event_id.encode())


def read(file: Path) -> Case:
    """The case of a .toml file and of the .body next to it."""
    document = tomllib.loads(file.read_text("utf-8"))
    assert not document.keys() - KEYS, f"{file}: unknown {document.keys() - KEYS}"
    body = file.with_suffix(".body")
    assert body.exists() == ("content_type" in document) == ("skipped" not in document), (
        f"{file}: a case has a content_type and a .body, or it is skipped"
    )
    return Case(
        format=file.parent.name,
        name=file.stem,
        why=document["why"],
        event_name=document["event"],
        event=_changed(EVENTS[document["event"]], document.get("change", {})),
        options=document.get("options", {}),
        content_type=document.get("content_type"),
        skipped=document.get("skipped"),
        _body=_expanded(body.read_bytes().decode()).encode() if body.exists() else None,
    )


def _changed(value: Any, change: Any) -> Any:
    """The event with the members of `change` in place of its own, objects merged."""
    if isinstance(change, dict):
        old = value if isinstance(value, dict) else {}
        return old | {key: _changed(old.get(key), new) for key, new in change.items()}
    return _expanded(change)


def _expanded(text: str) -> str:
    """The text with every `{{3 x ab}}` written out, as `ababab`."""
    return REPETITION.sub(lambda found: found[2] * int(found[1]), text)


CASES = [read(file) for file in sorted(HERE.glob("*@*/*.toml"))]
