"""The table is the API: serializers that publish every column, once an app."""

from collections import defaultdict
from collections.abc import Iterator

from ..facts import Class, File
from ..findings import Finding, Spot, joined
from ..project import Project
from ..words import plural

SIGN = "table-is-api"
LEAST_SERIALIZERS = 5


def find(project: Project) -> Iterator[Finding]:
    """Five serializers of an app with `__all__` or `exclude`; one is enough in a folder named as public API."""
    found: dict[str, list[tuple[File, Class]]] = defaultdict(list)
    for file in project.code():
        for serializer in file.classes.values():
            everything = serializer.meta.get("fields") == "'__all__'" or "exclude" in serializer.meta
            if everything and "model" in serializer.meta and serializer.name.endswith("Serializer"):
                found[file.app].append((file, serializer))
    for app, classes in sorted(found.items()):
        public = any(root in file.path for file, _ in classes for root in project.options.public_api)
        if len(classes) < LEAST_SERIALIZERS and not public:
            continue
        spots = [Spot(file.path, one.line, one.name) for file, one in classes]
        subject = plural(len(classes), f"serializer of {app} publishes", f"serializers of {app} publish")
        yield Finding(
            SIGN,
            app,
            f"{subject} every column of {'its' if len(classes) == 1 else 'their'} table",
            spots[0],
            spots[1:],
            [joined([serializer.name for _, serializer in classes], 4)],
            weight=len(classes),
        )
