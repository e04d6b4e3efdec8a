"""Patched door: tests depend on the import paths of the code."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from ..facts import File, Patch
from ..findings import Finding, Spot
from ..project import Project

SIGN = "patched-door"
LEAST_PATCHES = 10
LEAST_FILES = 3
LEAST_PATHS = 2
ONE_PATH = 0.8
"""With so many of the patches under one path, that path is a port already."""
COMMON = {
    "delay", "get", "post", "now", "apply_async", "send", "put", "delete", "request", "save", "create", "objects",
    "time", "run", "open", "call", "filter", "client", "logger", "Client", "settings", "cache",
}  # fmt: skip
NO_DOORS = {"cache", "caches", "now", "time", "timezone", "datetime", "date", "today", "uuid4", "random"}


def find(project: Project) -> Iterator[Finding]:
    """Ten patches of one function in three test files, under more than one path. Clocks, randomness and caches have doors
    of their own.
    """
    doors: dict[tuple[str, str], list[tuple[File, Patch]]] = defaultdict(list)
    for file in project.tests:
        for patch in file.patches:
            if found := _door(project, file, patch.target):
                doors[found].append((file, patch))
    for (name, identity), found_patches in sorted(doors.items()):
        files = {file.path for file, _ in found_patches}
        paths = Counter(patch.target for _, patch in found_patches)
        if len(found_patches) < LEAST_PATCHES or len(files) < LEAST_FILES or len(paths) < LEAST_PATHS:
            continue
        if max(paths.values()) >= ONE_PATH * len(found_patches):
            continue
        spots = [Spot(file.path, patch.line, patch.target) for file, patch in found_patches]
        yield Finding(
            SIGN,
            identity,
            f"Tests patch {name} {len(found_patches)} times, under {len(paths)} paths",
            spots[0],
            spots[1:],
            [f"in {len(files)} test files; paths such as {', '.join(sorted(paths)[:2])}"],
            weight=6 * len(paths) + len(found_patches) * 0.5,
        )


def _door(project: Project, near: File, target: str) -> tuple[str, str] | None:
    """The name that a patch replaces, and its object: a function is one door, under any path."""
    parts = target.split(".")
    if set(parts[-2:]) & NO_DOORS:
        return None
    home = project.module_of(target, near)
    if home is None:
        return None
    name = ".".join(parts[-2:]) if parts[-1] in COMMON else parts[-1]
    within = _after(target, home.module)
    found = project.resolve(home, within)
    if found.function is not None and found.file is not None:
        return name, f"{found.file.module}.{found.function.qualified}"
    if found.cls is not None:
        return name, f"{found.cls.module}.{found.cls.qualified}.{found.rest}".rstrip(".")
    if found.file is not None:
        return name, f"{found.file.module}.{found.rest}".rstrip(".")
    return name, found.outside


def _after(target: str, module: str) -> str:
    """The part of a dotted path after the module; the path may leave out the module's first folders."""
    parts, known = target.split("."), module.split(".")
    for length in range(len(parts) - 1, 0, -1):
        if known[-length:] == parts[:length]:
            return ".".join(parts[length:])
    return parts[-1]
