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
    """Further facts, a line each."""
    weight: float = 0.0
    """The size of the finding; only compared within a sign."""
    members: tuple[str, ...] = ()
    costs: list[str] = field(default_factory=list)
    """Its cost in this project so far, from the history."""
    newcomers: int | None = None
    """The number of new members in three years; None if no history was read."""
    is_brief: bool = False
    """True for a finding that is only listed, never shown in full."""
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
    """A construct without a finding, with the reason."""

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
