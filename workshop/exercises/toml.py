"""A TOML file as a dataclass: each table is one, each key is a field. Errors name the place of a wrong value."""

import tomllib
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

from workshop.base.problems import CommandFailed

Kind = TypeVar("Kind")
WORDS = {str: "a text that is not empty", int: "a whole number above zero", bool: "true or false"}


def read(kind: type[Kind], file: Path, **known: object) -> Kind:
    """The file's contents. Raises CommandFailed with the file, the key, and what its value must be.

    A field is a text, a number above zero, a flag, a member of an enumeration, another dataclass, or a tuple of these.
    `known` has the fields that the file does not give. A dataclass may raise ValueError in `__post_init__`, with the key
    at the beginning of its text.
    """
    place = f"{file.parent.name}/{file.name}"
    try:
        made: Kind = _table(kind, tomllib.loads(file.read_text(encoding="utf-8")), "", known)
        return made
    except FileNotFoundError:
        raise CommandFailed(f"{place} is missing.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{place} is not valid TOML: {error}.") from error
    except ValueError as problem:
        raise CommandFailed(f"{place}: {problem}.") from None


def _table(kind: Any, written: dict[str, object], place: str, known: dict[str, object]) -> Any:
    values = {}
    for field in fields(kind):
        if field.name in written and field.name not in known:
            values[field.name] = _value(field.type, written[field.name], f"{place}{field.name}")
        elif field.name not in known and field.default is MISSING:
            raise ValueError(f"{place}{field.name}: is missing; it is {_words(field.type)}")
    if unknown := written.keys() - values.keys():
        raise ValueError(f"{place}{', '.join(sorted(unknown))}: is not a known key")
    try:
        return kind(**values, **known)
    except ValueError as problem:
        raise ValueError(f"{place}{problem}") from None


def _value(kind: Any, written: Any, place: str) -> Any:
    if get_origin(kind) is UnionType:  # `str | None`, for a key that may be left out
        kind = get_args(kind)[0]
    if is_dataclass(kind) and isinstance(written, dict):
        return _table(kind, written, f"{place}.", {})
    if get_origin(kind) is tuple and isinstance(written, list):
        return tuple(_value(get_args(kind)[0], item, f"{place}[{at}]") for at, item in enumerate(written, start=1))
    if kind is bool and isinstance(written, bool):
        return written
    if kind is int and type(written) is int and written > 0:
        return written
    if kind is str and isinstance(written, str) and written.strip():
        return written.strip()
    if isinstance(kind, type) and issubclass(kind, Enum) and written in [choice.value for choice in kind]:
        return kind(written)
    raise ValueError(f"{place}: must be {_words(kind)}, and is {written!r:.60}")


def _words(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"one of {', '.join(choice.value for choice in kind)}"
    return WORDS.get(kind, "a table" if is_dataclass(kind) else "a list")
