"""Which function of the project a call reaches."""

from .facts import Call, Class
from .project import Place, Project, Resolved
from .rows import BUILT_IN, Rows


class Calls:
    """The functions behind the calls of a project."""

    def __init__(self, project: Project, rows: Rows) -> None:
        self.project = project
        self.rows = rows

    def target(self, place: Place, call: Call) -> Place | None:
        """The function of the project that a call reaches."""
        callee = call.callee
        file, function = place.file, place.function
        if "?" in callee or callee.startswith("()"):
            return None
        head, _, rest = callee.partition(".")
        if not rest:
            inner = next((one for one in file.functions if one.qualified == f"{function.qualified}.{head}"), None)
            if inner and function.qualified:
                return Place(file, inner)
            found = self.project.resolve(file, head)
            return _place(found) if not found.rest else None
        before, _, name = callee.rpartition(".")
        if head in ("self", "cls") and before in ("self", "cls") and function.class_name:
            owner = file.classes.get(function.class_name)
            return self.project.method(owner, name) if owner else None
        if before == "super()" and function.class_name:
            owner = file.classes.get(function.class_name)
            for base in self.project.bases(owner) if owner else ():
                if name in base.methods:
                    return Place(self.project.file_of(base), base.methods[name])
            return None
        if "()" not in before and "[]" not in before and head not in function.bindings:
            found = self.project.resolve(file, callee)
            if found.function or found.cls:
                if found.function is None and found.cls is not None and found.rest and "." not in found.rest:
                    return self.project.method(found.cls, found.rest)
                if found.cls is not None and found.rest.count(".") == 1:
                    return self._manager_method(found.cls, *found.rest.split("."))
                return _place(found)
        owner = self.rows.class_of(place, before)
        if owner is not None:
            return self.project.method(owner, name)
        if self.rows.is_query(before) and name not in BUILT_IN and name in self.project.query_methods:
            methods = self.project.query_methods[name]
            return methods[0] if len(methods) == 1 else None
        return None

    def _manager_method(self, model: Class, manager: str, name: str) -> Place | None:
        """`Order.objects.due`: a method of the manager or the queryset that the model names."""
        for one in (model, *self.project.bases(model)):
            text = (
                one.values.get(manager, "").partition("(")[0].removesuffix(".as_manager").removesuffix(".from_queryset")
            )
            found = self.project.resolve(self.project.file_of(one), text).cls if text else None
            if found is not None:
                return self.project.method(found, name)
        methods = self.project.query_methods.get(name, []) if name not in BUILT_IN else []
        return methods[0] if len(methods) == 1 else None


def _place(found: Resolved) -> Place | None:
    if found.function is not None and found.file is not None and not (found.rest and not found.cls):
        return Place(found.file, found.function)
    return None
