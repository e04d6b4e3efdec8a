"""The memory of a process between two requests: a restart loses it, and another machine never has it."""

import inspect
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workshop.exercises.findings import Project

LOCKS = {type(make()): make for make in (threading.Lock, threading.RLock)}


@dataclass(frozen=True)
class Memory:
    """The names in the project's modules and classes, and the contents of their containers."""

    bound: tuple[tuple[Any, dict[str, Any]], ...]
    held: tuple[tuple[Any, Any], ...]


def of(project: Project) -> Memory:
    """The present contents of the project's modules. First load all code that will run, as a first request does."""
    below = tuple({f"{project.folder}/", f"{project.folder.resolve()}/"})  # strings: this is quicker
    loaded = list(sys.modules.values())
    owners: list[Any] = [module for module in loaded if (getattr(module, "__file__", "") or "").startswith(below)]
    values = [(module, value) for module in owners for value in vars(module).values()]
    owners += [value for module, value in values if inspect.isclass(value) and value.__module__ == module.__name__]
    bound = tuple((owner, {name: value for name, value in vars(owner).items() if _counts(name)}) for owner in owners)
    held = [value for _, names in bound for value in names.values() if isinstance(value, (dict, list, set))]
    held += [value for _, names in bound for value in _defaults(names)]
    return Memory(bound, tuple((value, value.copy()) for value in held))


def forget(memory: Memory) -> None:
    """Clears the process's memory, as a restart does: everything stored since is gone, and no lock is held."""
    for owner, names in memory.bound:
        for name in [name for name in vars(owner) if _counts(name) and name not in names]:
            delattr(owner, name)
        for name, value in names.items():
            if make := LOCKS.get(type(value)):
                setattr(owner, name, make())
            elif vars(owner).get(name) is not value:
                setattr(owner, name, value)
            if callable(clear := getattr(value, "cache_clear", None)):
                clear()
    for container, before in memory.held:
        container.clear()
        container.extend(before) if isinstance(container, list) else container.update(before)


def _counts(name: str) -> bool:
    return not (name.startswith("__") and name.endswith("__"))


def _defaults(names: dict[str, Any]) -> Iterator[Any]:
    """The containers that functions carry as defaults: `def pay(key, seen={})` remembers too."""
    for value in names.values():
        function = inspect.unwrap(value) if inspect.isfunction(value) else None
        for default in getattr(function, "__defaults__", None) or ():
            if isinstance(default, (dict, list, set)):
                yield default
