"""A finding: one sign at one place of the project, with all that the screen, the JSON and the history need."""

import hashlib
from dataclasses import dataclass, field

from .facts import File, Function


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the code. `until` is the last line of the function around it."""

    path: str
    line: int
    note: str = ""
    until: int = 0


@dataclass(slots=True)
class Finding:
    """One sign, seen."""

    sign: str
    name: str
    """A qualified name that stays the same when lines move: with the sign it is the fingerprint."""
    title: str
    """One plain sentence about this project."""
    where: Spot
    places: list[Spot] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    """What else is known, a line each."""
    weight: float = 0.0
    """How much there is of it; only compared within a sign."""
    members: tuple[str, ...] = ()
    costs: list[str] = field(default_factory=list)
    """What it has cost in this project; from its history."""
    newcomers: int | None = None
    """How many members came in three years; None where no history was read."""
    is_brief: bool = False
    """True for what is only listed, never shown in full."""
    heat: int = 0
    """Commits in the last three years that touched its files."""

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that know no line number."""
        return hashlib.sha256(f"{self.sign}\0{self.name}".encode()).hexdigest()[:12]

    @property
    def paths(self) -> list[str]:
        """The files, each once, the main one first."""
        return list(dict.fromkeys([self.where.path, *(place.path for place in self.places)]))


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """Something that was looked at and raised no finding, with the reason."""

    sign: str
    what: str
    why: str
    where: Spot


def spot(file: File, function: Function, line: int = 0, note: str = "") -> Spot:
    """A place in a function."""
    until = function.end if function.qualified else 0
    return Spot(file.path, line or function.line, note, until)


def joined(names: list[str], most: int = 3) -> str:
    """`card, invoice, paypal …`."""
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")
