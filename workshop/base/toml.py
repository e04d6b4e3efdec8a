"""A TOML file as a dataclass: each table is one, each key is a field. Errors name the place of a wrong value."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, NewType, TypeVar, cast, get_args, get_origin

from workshop import ROOT
from workshop.base.problems import CommandFailed

Kind = TypeVar("Kind")
Count = NewType("Count", int)
Verbatim = NewType("Verbatim", str)
WORDS: Mapping[Any, str] = {
    str: "a text that is not empty",
    Verbatim: "a text",
    int: "a whole number above zero",
    Count: "a whole number from zero on",
    bool: "true or false",
    Path: "the path of a file, from this folder or from the top of the repository",
}


def read(kind: type[Kind], file: Path, **known: object) -> Kind:
    """The file's contents. Raises CommandFailed with the file, the key, and what its value must be.

    A field is one of WORDS, a member of an enumeration, another dataclass, a tuple of these, or a Table. The field
    `is_` is the key `is`, which is a word of Python. A text has no white space around it, except if it is Verbatim.
    `known` has the fields that the file does not give. A dataclass may raise ValueError in `__post_init__`, with the key
    at the beginning of its text.
    """
    name = f"{file.parent.name}/{file.name}"
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CommandFailed(f"{name} is missing.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{name} is not valid TOML: {error}.") from error
    return Table(written, file).read(kind, **known)


@dataclass(frozen=True)
class Table:
    """The keys of a table that no earlier field names. They are read later, as a dataclass that one of these fields
    chooses: `by = "prints"`, and the keys of that kind."""

    written: Mapping[str, Any]
    file: Path
    place: str = ""

    def read(self, kind: type[Kind], **known: object) -> Kind:
        """These keys as a dataclass. Raises CommandFailed like the function `read`."""
        values, rest = dict(known), dict(self.written)
        for field in fields(cast(Any, kind)):
            key = field.name.removesuffix("_")
            if field.name in known:
                continue
            if field.type is Table:
                values[field.name], rest = replace(self, written=rest), {}
            elif key in rest:
                values[field.name] = self._value(field.type, key, rest.pop(key))
            elif field.default is MISSING:
                raise self.problem(f"{key}: is missing; it is {_words(field.type)}")
        if rest:
            raise self.problem(f"{', '.join(sorted(rest))}: is not a known key")
        try:
            return kind(**values)
        except ValueError as problem:
            raise self.problem(problem) from None

    def problem(self, what: object) -> CommandFailed:
        """An error with the place of the table. `what` begins with the key."""
        return CommandFailed(f"{self.file.parent.name}/{self.file.name}: {self.place}{what}.")

    def _value(self, kind: Any, key: str, written: Any) -> Any:
        if get_origin(kind) is UnionType:  # `str | None`, for a key that may be left out
            kind = get_args(kind)[0]
        if is_dataclass(kind) and isinstance(written, dict):
            return Table(written, self.file, f"{self.place}{key}.").read(cast(Any, kind))
        if get_origin(kind) is tuple and isinstance(written, list):
            return tuple(self._value(get_args(kind)[0], f"{key}[{at}]", item) for at, item in enumerate(written, 1))
        if kind is bool and isinstance(written, bool):
            return written
        if kind in (int, Count) and type(written) is int and written >= (1 if kind is int else 0):
            return written
        if kind is Verbatim and isinstance(written, str):
            return written
        if kind is str and isinstance(written, str) and written.strip():
            return written.strip()
        if kind is Path and isinstance(written, str):
            for path in (self.file.parent / written, ROOT / written):
                if path.is_file():
                    return path
        if isinstance(kind, type) and issubclass(kind, Enum) and written in [choice.value for choice in kind]:
            return kind(written)
        raise self.problem(f"{key}: must be {_words(kind)}, and is {written!r:.60}")


def _words(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"one of {', '.join(choice.value for choice in kind)}"
    return WORDS.get(kind, "a table" if is_dataclass(kind) else "a list ([] if it is empty)")
