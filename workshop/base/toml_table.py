"""A TOML table whose errors name the place of a missing, unknown or wrong value."""

import tomllib
from enum import Enum
from pathlib import Path
from typing import TypeVar

from workshop.base.problems import CommandFailed

Kind = TypeVar("Kind")
Choice = TypeVar("Choice", bound=Enum)


class Table:
    """One table of a file. Each key is read once; `must_be_used_up` finds the keys that were not read."""

    def __init__(self, values: dict[str, object], file: Path, place: str = "") -> None:
        self._values = dict(values)
        self._file = file
        self._place = place

    def problem(self, key: str, what: str) -> CommandFailed:
        """An error that names file and key. The caller raises it."""
        return CommandFailed(f"{self._file.parent.name}/{self._file.name}: {self._place}{key}: {what}.")

    def text(self, key: str, *, optional: bool = False) -> str:
        """A string without surrounding white space; empty if it is optional and missing."""
        found = self._take(key, str, "a text", optional)
        if found is None:
            return ""
        if not found.strip():
            raise self.problem(key, "is empty")
        return found.strip()

    def number(self, key: str, *, optional: bool = False, least: int = 1) -> int:
        """A whole number above zero, or not below `least`; zero if it is optional and missing."""
        found = self._take(key, int, "a whole number", optional)
        if found is None:
            return 0
        if isinstance(found, bool) or found < least:
            raise self.problem(key, f"must be a whole number {'above zero' if least == 1 else f'from {least} on'}")
        return found

    def flag(self, key: str) -> bool:
        """true or false; false if it is missing."""
        return bool(self._take(key, bool, "true or false", optional=True))

    def texts(self, key: str, *, optional: bool = False) -> list[str]:
        """A list of texts."""
        found = self._take(key, list, "a list of texts", optional) or []
        if not all(isinstance(text, str) and text.strip() for text in found):
            raise self.problem(key, "must be a list of texts")
        return [str(text) for text in found]

    def one_of(self, key: str, choices: type[Choice]) -> Choice:
        """A member of an enumeration, by its value."""
        found = self.text(key)
        for choice in choices:
            if choice.value == found:
                return choice
        raise self.problem(key, f"{found!r} is not one of {', '.join(str(choice.value) for choice in choices)}")

    def table(self, key: str) -> "Table":
        """A table inside this one."""
        return Table(self._take(key, dict, "a table", optional=False) or {}, self._file, f"{self._place}{key}.")

    def tables(self, key: str) -> list["Table"]:
        """The tables of [[key]], at least one."""
        found = self._take(key, list, f"[[{key}]] tables", optional=False) or []
        if not found or not all(isinstance(table, dict) for table in found):
            raise self.problem(key, f"must be [[{key}]] tables, at least one")
        return [Table(table, self._file, f"{self._place}{key}[{place}].") for place, table in enumerate(found, start=1)]

    def dicts(self, key: str, *, optional: bool = False) -> list[dict[str, object]]:
        """A list of tables, unread."""
        found = self._take(key, list, "a list of tables", optional) or []
        if not all(isinstance(table, dict) for table in found):
            raise self.problem(key, "must be a list of tables")
        return [dict(table) for table in found]

    def must_be_used_up(self) -> None:
        """Refuses keys that were not read: they are misspelt."""
        if self._values:
            raise self.problem(", ".join(sorted(self._values)), "is not a known key")

    def _take(self, key: str, kind: type[Kind], words: str, optional: bool) -> Kind | None:
        if key not in self._values:
            if optional:
                return None
            raise self.problem(key, f"is missing; it is {words}")
        found = self._values.pop(key)
        if not isinstance(found, kind):
            raise self.problem(key, f"must be {words}")
        return found


def read_table(file: Path) -> Table:
    """The file's top table. Raises CommandFailed if the file is missing or no TOML."""
    try:
        return Table(tomllib.loads(file.read_text(encoding="utf-8")), file)
    except FileNotFoundError:
        raise CommandFailed(f"{file.parent.name}: {file.name} is missing.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{file.parent.name}/{file.name} is not valid TOML: {error}.") from error
