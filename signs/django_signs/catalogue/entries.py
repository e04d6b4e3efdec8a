"""Entries: the functions through which something comes into the application."""

from ..project import Place, Project

ENTRY_BASES = (
    "View", "APIView", "ViewSet", "Mixin", "Serializer", "Form", "FormSet", "Admin", "Mutation", "Task", "Consumer",
    "Resource", "Endpoint", "Controller",
)  # fmt: skip
ENTRY_MODULES = {
    "views", "viewsets", "api", "admin", "forms", "serializers", "mutations", "tasks", "handlers", "endpoints",
    "bgtasks", "resolvers", "schema", "actions",
}  # fmt: skip
ENTRY_DECORATORS = ("api_view", "task", "shared_task", "actor", "job", "db_task", "db_periodic_task", "require_POST")


def is_entry(project: Project, place: Place) -> bool:
    """Whether a function is a view, a viewset's, serializer's, form's or admin's method, a mutation or a task."""
    function = place.function
    if any(
        decorator.callee.removesuffix("()").rpartition(".")[2] in ENTRY_DECORATORS for decorator in function.decorators
    ):
        return True
    if function.class_name:
        owner = place.file.classes.get(function.class_name)
        if owner is None or f"{owner.module}.{owner.qualified}" in project.models:
            return False
        names = project.base_names(owner) | {owner.name}
        if any(name.endswith(ENTRY_BASES) and not name.endswith("ModelMixin") for name in names):
            in_entry_module = bool(ENTRY_MODULES & set(place.file.module.split(".")))
            return in_entry_module or any(name.endswith(ENTRY_BASES[:3] + ENTRY_BASES[4:]) for name in names)
        return False
    takes_request = bool(function.parameters) and function.parameters[0][0] == "request"
    return takes_request and bool(ENTRY_MODULES & set(place.file.module.split(".")))


def is_task(place: Place) -> bool:
    """Whether a function is a task of a queue."""
    return any("task" in decorator.callee or "actor" in decorator.callee for decorator in place.function.decorators)
