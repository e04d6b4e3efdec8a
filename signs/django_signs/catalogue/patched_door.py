"""Patched door: tests know where the code imports from."""

from collections import defaultdict
from collections.abc import Iterator

from ..facts import File, Patch
from ..findings import Finding, Spot
from ..project import Project

SIGN = "patched-door"
LEAST_PATCHES = 10
LEAST_FILES = 3
LEAST_PATHS = 2
COMMON = {
    "delay", "get", "post", "now", "apply_async", "send", "put", "delete", "request", "save", "create", "objects",
    "time", "run", "open", "call", "filter", "client", "logger", "Client", "settings", "cache",
}  # fmt: skip
CLOCKS = {"now", "time", "timezone", "datetime", "date", "today", "uuid4", "random"}


def find(project: Project) -> Iterator[Finding]:
    """Ten patches of one function in three test files, under more than one path."""
    doors: dict[str, list[tuple[File, Patch]]] = defaultdict(list)
    own = {name.partition(".")[0] for name in project.modules}
    for file in project.tests:
        for patch in file.patches:
            parts = patch.target.split(".")
            if parts[0] not in own:
                continue
            name = ".".join(parts[-2:]) if parts[-1] in COMMON else parts[-1]
            doors[name].append((file, patch))
    for name, found in sorted(doors.items()):
        files = {file.path for file, _ in found}
        paths = sorted({patch.target for _, patch in found})
        if len(found) < LEAST_PATCHES or len(files) < LEAST_FILES or len(paths) < LEAST_PATHS:
            continue
        if set(name.split(".")) & CLOCKS:
            continue
        spots = [Spot(file.path, patch.line, patch.target) for file, patch in found]
        yield Finding(
            SIGN,
            name,
            f"Tests patch {name} {len(found)} times, under {len(paths)} paths",
            spots[0],
            spots[1:],
            [f"in {len(files)} test files; paths such as {', '.join(paths[:2])}"],
            weight=6 * len(paths) + len(found) * 0.5,
        )
