"""The effects of a call: rows that it writes, messages that it sends, tasks that it queues, files that it moves.

A function's effects are those of its own calls and, two calls deep, those of the functions of the project that it calls.
Functions passed to `on_commit` do not count, because they run after the transaction.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from .calls import Calls
from .facts import Call
from .outside import Outside, is_for_later, reached_by
from .project import Place, Project
from .rows import Rows

MOST_HOPS = 2


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of a call."""

    kind: str
    """`create`, `change`, `delete`, `save`, `world`, `queue` or `files`."""
    what: str
    """The model's key for a write (empty if unknown), otherwise the called function."""
    line: int
    path: tuple[str, ...] = ()
    """The functions on the way to it."""
    guarded: bool = False
    row: str = ""
    """For a write: the row as written."""
    in_bulk: bool = False
    """True for `bulk_create` and `bulk_update`: the rows were made before."""

    @property
    def is_write(self) -> bool:
        """Whether it writes a row."""
        return self.kind in ("create", "change", "delete", "save")

    @property
    def is_outside(self) -> bool:
        """Whether something leaves the database: a message, a task, a file."""
        return self.kind in ("world", "queue", "files")

    def briefly(self) -> str:
        """The function's own call that leads to the effect."""
        says_nothing = not self.path or self.path[0] in ("save", "delete", "create", "update")
        return self.what if says_nothing else f"{self.path[0]}()"

    def story(self) -> str:
        """`by notify() to EmailMessage.send`."""
        return " → ".join([*(f"{name}()" for name in self.path), self.what])


class Effects:
    """The effects of all functions of a project, each found when it is first asked for."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.rows = Rows(project)
        self._calls = Calls(project, self.rows)
        self._outside = Outside(project)
        self._direct: dict[int, list[Effect]] = {}
        self._called: dict[int, list[tuple[Call, Place]]] = {}
        self._callers: dict[int, list[Place]] | None = None

    def within(self, place: Place, hops: int = MOST_HOPS, seen: frozenset[int] = frozenset()) -> Iterator[Effect]:
        """The effects of a function and of the functions that it calls, up to `levels` calls deep."""
        yield from self.direct(place)
        if hops == 0:
            return
        seen = seen | {id(place.function)}
        for call, target in self.called(place):
            if not call.deferred and id(target.function) not in seen:
                yield from self._through(call, target, hops - 1, seen)

    def _through(self, call: Call, target: Place, hops: int, seen: frozenset[int]) -> Iterator[Effect]:
        is_known = any(name == "update_fields" for name, _ in call.keywords)
        for effect in self.within(target, hops, seen):
            if is_known and effect.guarded:
                continue  # `save(update_fields=…)` is for rows that exist, so nothing for new rows happens
            path = (target.function.name, *effect.path)
            guarded = effect.guarded or call.guarded
            row = effect.row if effect.row == "self" else ""
            yield Effect(effect.kind, effect.what, call.line, path, guarded, row, effect.in_bulk)

    def of_call(self, place: Place, call: Call, hops: int = MOST_HOPS) -> Iterator[Effect]:
        """The effects of one call of a function."""
        if effect := self._effect(place, call):
            yield effect
        elif target := self._calls.target(place, call):
            yield from self._through(call, target, hops - 1, frozenset({id(place.function)}))

    def direct(self, place: Place) -> list[Effect]:
        """The effects of the function's own calls."""
        key = id(place.function)
        if key not in self._direct:
            found = []
            for call in place.function.calls:
                if not call.deferred and (effect := self._effect(place, call)):
                    found.append(effect)
            self._direct[key] = found
        return self._direct[key]

    def called(self, place: Place) -> list[tuple[Call, Place]]:
        """The functions of the project that it calls, in order."""
        key = id(place.function)
        if key not in self._called:
            found = []
            for call in place.function.calls:
                target = self._calls.target(place, call)
                if target is not None and target.function is not place.function:
                    found.append((call, target))
            self._called[key] = found
        return self._called[key]

    def callers(self, place: Place) -> list[Place]:
        """The functions that call it."""
        if self._callers is None:
            self._callers = defaultdict(list)
            for caller in self.project.places("code", "command"):
                for _, target in self.called(caller):
                    self._callers[id(target.function)].append(caller)
        return self._callers.get(id(place.function), [])

    def _effect(self, place: Place, call: Call) -> Effect | None:
        found = self._outside.sent_by_name(place, call)
        if found is None and is_for_later(call):
            return None
        row, in_bulk = "", False
        if found is None and (found := self.rows.written_by(place, call)):
            before, _, last = call.callee.rpartition(".")
            row, in_bulk = before, "bulk_" in last
        found = found or reached_by(place, call)
        if found is None:
            return None
        return Effect(found[0], found[1], call.line, guarded=call.guarded, row=row, in_bulk=in_bulk)
