"""Which model's row or queryset an expression is, and what a call writes through it.

Types are not known, so the model comes from what is written: an import, a query, an annotation, a relation, or a name that
only one model has.
"""

import re

from .facts import Call, Class
from .project import Place, Project

CREATE = {"create", "bulk_create", "get_or_create", "update_or_create", "acreate", "abulk_create", "aget_or_create"}
CHANGE = {"update", "bulk_update", "aupdate"}
DELETE = {"delete", "adelete"}
QUERYSET = {
    "filter", "exclude", "all", "order_by", "annotate", "select_for_update", "select_related", "distinct", "using",
    "prefetch_related", "get_queryset", "only", "values", "none", "reverse",
}  # fmt: skip
BUILT_IN = CREATE | CHANGE | DELETE | QUERYSET | {"get", "first", "last", "count", "exists", "values_list", "aggregate"}
ONE_ROW = {
    "get",
    "first",
    "last",
    "create",
    "get_or_create",
    "update_or_create",
    "earliest",
    "latest",
    "aget",
    "acreate",
}
ROW_WRITES = {"save", "asave", "full_save", "delete", "adelete"}
ROW_FUNCTIONS = {"get_object_or_404", "aget_object_or_404", "get_object_or_none"}
DEEPEST = 4


class Rows:
    """The models behind the expressions of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._by_lower = {name.lower(): models for name, models in project.model_names.items()}

    def is_query(self, text: str) -> bool:
        """Whether it is written like a queryset."""
        parts = text.replace("[]", "").split(".")
        return any(
            part in ("objects", "_default_manager", "_base_manager")
            or part.removesuffix("()") in QUERYSET
            or part.endswith("_set")
            for part in parts[1:]
        )

    def written_by(self, place: Place, call: Call) -> tuple[str, str] | None:
        """The kind, `create`, `change`, `delete` or `save`, and the model's key, empty where it is not known."""
        before, _, last = call.callee.rpartition(".")
        if not before:
            return None
        if (last in CREATE or last in CHANGE or last in DELETE) and (found := self._query_write(place, before, last)):
            return found
        return self._row_write(place, call, before, last) if last in ROW_WRITES else None

    def _query_write(self, place: Place, before: str, last: str) -> tuple[str, str] | None:
        """The kind and the model of a write through a queryset; None where it is no queryset."""
        kind = "create" if last in CREATE else "change" if last in CHANGE else "delete"
        text = before
        head = before.partition(".")[0].removesuffix("()").removesuffix("[]")
        bound = place.function.bindings.get(head, [])
        if not self.is_query(text) and bound and before == head and not bound[0].endswith("[]"):
            text = bound[0]
        if not self.is_query(text):
            parts = text.split(".")
            if len(parts) >= 2 and parts[-1] in self.project.related and last in CREATE | {"update", "delete"}:
                owners = self.project.related[parts[-1]]
                return kind, self.project.model_key(owners[0]) if len(owners) == 1 else ""
            return None
        owner = self.model_of(place, text)
        if owner is None and not re.search(r"objects|_manager|_set\b|filter|exclude|all\(|get_queryset|order_by", text):
            return None
        return kind, self._key(owner) if owner else ""

    def _row_write(self, place: Place, call: Call, before: str, last: str) -> tuple[str, str] | None:
        """The kind and the model of a write through a row; None where it is no row."""
        if before in ("super()", "?") or before.startswith("super("):
            return None
        kind = "delete" if "delete" in last else "save"
        owner = self.class_of(place, before)
        name = before.rpartition(".")[2].removesuffix("()")
        if kind == "save" and re.search(r"(?:^|_)(?:form|formset|serializer)s?$", name):
            return "save", ""
        if owner is None or not self._is_known_model(owner):
            if kind == "delete" or owner is not None or not self._looks_like_a_row(call, before):
                return None
            return "save", ""
        if kind == "save" and re.fullmatch(r"[\w.]*[A-Z]\w*\(\)", before):
            kind = "create"  # `Order(…).save()`
        return kind, self.project.model_key(owner)

    def _looks_like_a_row(self, call: Call, before: str) -> bool:
        """A `save` without a positional argument is a row's; a file's or a picture's has one."""
        return not call.arguments and "?" not in before and not before.startswith("()")

    def _key(self, owner: Class) -> str:
        """The key of a model. For a mixin, that of its only subclass that is a model; empty if there are several."""
        if self._is_known_model(owner):
            return self.project.model_key(owner)
        heirs = [
            model for model in self.project.models.values() if any(base is owner for base in self.project.bases(model))
        ]
        return self.project.model_key(heirs[0]) if len(heirs) == 1 else ""

    def _is_known_model(self, found: Class) -> bool:
        return f"{found.module}.{found.qualified}" in self.project.models

    def model_of(self, place: Place, text: str, depth: int = 0) -> Class | None:
        """The model of a queryset as written: `Order.objects.filter()`, `order.lines`, `self.get_queryset()`."""
        if depth > DEEPEST:
            return None
        parts = [part for part in text.replace("[]", "").split(".") if part]
        for index, part in enumerate(parts):
            if part in ("objects", "_default_manager", "_base_manager") or (index and part.endswith("objects")):
                return self._named_class(place, parts[:index])
        for part in reversed(parts[1:]):
            plain = part.removesuffix("()")
            if plain in self.project.related and part == plain:
                owners = self.project.related[plain]
                return owners[0] if len(owners) == 1 else None
            if plain.endswith("_set"):
                wanted = plain.removesuffix("_set")
                return next(
                    (
                        classes[0]
                        for name, classes in self.project.model_names.items()
                        if name.lower() == wanted and len(classes) == 1
                    ),
                    None,
                )
        bound = place.function.bindings.get(parts[0], []) if parts else []
        if bound and bound[0].partition(".")[0] != parts[0]:
            return self.model_of(place, ".".join([bound[0], *parts[1:]]), depth + 1)
        if parts and parts[0] in ("self", "cls") and place.function.class_name:
            owner = place.file.classes.get(place.function.class_name)
            if owner and any(name.endswith(("QuerySet", "Manager")) for name in self.project.base_names(owner)):
                return self._model_of_manager(owner)
        return None

    def _model_of_manager(self, owner: Class) -> Class | None:
        for model in self.project.models.values():
            for value in model.values.values():
                if value.startswith((f"{owner.name}()", f"{owner.name}.as_manager")):
                    return model
        return None

    def _named_class(self, place: Place, parts: list[str]) -> Class | None:
        text = ".".join(parts)
        if text in ("self", "cls", "self.__class__", "type()", "cls"):
            return place.file.classes.get(place.function.class_name) if place.function.class_name else None
        if text.endswith("__class__"):
            return self.class_of(place, text.removesuffix(".__class__"))
        found = self.project.resolve(place.file, text).cls
        if found is not None:
            return found
        bound = place.function.bindings.get(parts[0], []) if parts else []
        if bound and "get_model" in bound[0]:
            return None
        owners = self.project.model_names.get(parts[-1] if parts else "", [])
        return owners[0] if len(owners) == 1 else None

    def class_of(self, place: Place, text: str, depth: int = 0) -> Class | None:
        """The class of a row or an object as written in a function, as far as that can be seen."""
        if depth > DEEPEST or not text or text.startswith("?"):
            return None
        function = place.function
        parts = text.split(".")
        head = parts[0]
        found: Class | None = None
        if head in ("self", "cls") and function.class_name:
            found = place.file.classes.get(function.class_name)
        elif head.removesuffix("()") in ROW_FUNCTIONS:
            found = self._model_in_arguments(place, head.removesuffix("()"))
        elif head.endswith("()"):
            found = self.project.resolve(place.file, head.removesuffix("()")).cls
        elif len(parts) > 1 and (self.is_query(text) or head[:1].isupper()):
            return self._class_of_query(place, text)
        else:
            plain = head.removesuffix("[]")
            annotated = dict(function.parameters).get(plain)
            bound = function.bindings.get(plain, [])
            if annotated:
                found = self.project.resolve(place.file, annotated).cls
            for one in bound:
                if found is None and one.partition(".")[0] != plain:
                    found = self.class_of(place, one, depth + 1)
            if found is None and plain == "instance":
                found = self._sender_of(place)
            if found is None:
                found = self._model_by_name(plain)
        for part in parts[1:]:
            if found is None:
                return None
            found = self._step(found, part)
        return found

    def _class_of_query(self, place: Place, text: str) -> Class | None:
        last = text.rpartition(".")[2]
        plain = last.removesuffix("[]").removesuffix("()")
        if plain in ONE_ROW or last.endswith("[]"):
            return self.model_of(place, text)
        if text.endswith("()"):
            found = self.project.resolve(place.file, text.removesuffix("()"))
            return found.cls if found.cls and not found.rest else None
        return None

    def _model_in_arguments(self, place: Place, name: str) -> Class | None:
        for call in place.function.calls:
            if call.callee.rpartition(".")[2] == name and call.arguments:
                found = self.project.resolve(place.file, call.arguments[0].partition(".objects")[0]).cls
                if found is not None:
                    return found
        return None

    def _step(self, found: Class, part: str) -> Class | None:
        """One relation further: `order.customer`."""
        for one in (found, *self.project.bases(found)):
            if part in one.fields and one.fields[part].to:
                return self._pointed_to(one, one.fields[part].to)
        return None

    def _pointed_to(self, owner: Class, to: str) -> Class | None:
        if to == "self":
            return owner
        resolved = self.project.resolve(self.project.file_of(owner), to).cls
        if resolved is not None:
            return resolved
        owners = self.project.model_names.get(to.rpartition(".")[2], [])
        return owners[0] if len(owners) == 1 else None

    def _sender_of(self, place: Place) -> Class | None:
        for decorator in place.function.decorators:
            for name, value in decorator.keywords:
                if name == "sender":
                    return self.project.class_named(place.file, value)
        return None

    def _model_by_name(self, name: str) -> Class | None:
        """`order_line` is an `OrderLine` where one model only has that name."""
        plain = name.replace("_", "").lower()
        owners = self._by_lower.get(plain, [])
        return owners[0] if len(owners) == 1 else None
