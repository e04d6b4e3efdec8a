"""`[tool.signs]` in the project's own pyproject.toml: its senders, its wrappers, and the paths to leave out."""

import fnmatch
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

LISTS = ("sends", "on_commit", "atomic", "audit", "leave_out", "public_api")


class BadOptions(Exception):
    """`[tool.signs]` cannot be read, or has an unknown key."""


@dataclass(frozen=True)
class Options:
    """A project's settings for the signs. Dotted names may leave out the beginning: `messenger.send` is enough."""

    sends: tuple[str, ...] = ()
    """Functions and classes of the project that reach the outside world."""
    on_commit: tuple[str, ...] = ()
    """Functions that pass their arguments to `transaction.on_commit`."""
    atomic: tuple[str, ...] = ()
    """Decorators and context managers that open a transaction."""
    audit: tuple[str, ...] = ()
    """Receivers and models that keep a trail, the honest use of signals."""
    leave_out: tuple[str, ...] = ()
    """Paths, as patterns, that raise no finding."""
    public_api: tuple[str, ...] = ()
    """Folders whose serializers other people build on."""

    def leaves_out(self, path: str) -> bool:
        """Whether a path is left out."""
        return any(fnmatch.fnmatch(path, pattern) for pattern in self.leave_out)


def options_of(folder: Path) -> Options:
    """The options of the nearest pyproject.toml at or above a folder that has any. Raises BadOptions."""
    for place in (folder, *folder.parents):
        file = place / "pyproject.toml"
        if not file.is_file():
            continue
        try:
            tools = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise BadOptions(f"{file} cannot be read: {error}. Correct it, or remove it.") from error
        if "signs" in tools:
            return _options(tools["signs"], file)
        if (place / ".git").exists():
            break
    return Options()


def _options(table: object, file: Path) -> Options:
    known = [field.name for field in fields(Options)]
    if not isinstance(table, dict):
        raise BadOptions(f"[tool.signs] in {file} is not a table. Write [tool.signs] and the lists below it.")
    for name, value in table.items():
        if name not in known:
            raise BadOptions(
                f"[tool.signs] in {file} has `{name}`, which is unknown. The known keys are {', '.join(known)}."
            )
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise BadOptions(f'`{name}` below [tool.signs] in {file} must be a list of texts, such as ["shop.mail"].')
    return Options(**{name: tuple(value) for name, value in table.items()})
