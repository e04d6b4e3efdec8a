"""The effects of a call: rows that it writes, messages that it sends, tasks that it queues, files that it moves.

A function's effects are those of its own calls and, two calls deep, those of the functions of the project that it calls.
Functions passed to `on_commit` do not count, because they run after the transaction.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from .facts import Call, Class, Function
from .project import Place, Project, Resolved

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
ROW_FUNCTIONS = {"get_object_or_404", "aget_object_or_404", "get_object_or_none"}
QUEUES = {"delay", "apply_async", "send_task", "enqueue", "async_task", "enqueue_call", "enqueue_in", "enqueue_at"}
QUEUE_FUNCTIONS = {"django_q.tasks.async_task", "django_q.tasks.schedule", "django_rq.enqueue"}
HTTP_VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "request", "send", "stream"}
WORLD = {
    "django.core.mail.send_mail", "django.core.mail.send_mass_mail", "django.core.mail.mail_admins",
    "django.core.mail.mail_managers", "urllib.request.urlopen", "urllib.request.urlretrieve", "os.system",
    "socket.create_connection", "telnetlib.Telnet",
}  # fmt: skip
WORLD_ROOTS = {"subprocess": {"run", "call", "check_call", "check_output", "Popen"}}
HTTP_ROOTS = ("requests", "httpx", "urllib3", "aiohttp", "pycurl", "treq")
SDK_ROOTS = (
    "stripe", "boto3", "botocore", "braintree", "twilio", "sendgrid", "slack_sdk", "slack", "openai", "anthropic",
    "paypalrestsdk", "adyen", "Adyen", "mollie", "razorpay", "authorizenet", "firebase_admin", "telegram", "github",
    "jira", "gitlab", "paramiko", "ldap", "ldap3", "smtplib", "ftplib", "pika", "kafka", "mailchimp3", "plaid", "xero",
    "algoliasearch", "meilisearch", "googleapiclient", "posthog", "apprise",
)  # fmt: skip
SDK_VERBS = re.compile(
    r"(?:create|retrieve|modify|cancel|capture|refund|charge|send|publish|post|put|upload|download|list|update|delete|"
    r"invoke|connect|exec_command|search|sendmail|sale|submit|confirm|notify|add)(?:_\w+)?"
)
# A client by its name if its type is unknown: `stripe_client.customers.update`, `get_s3_client().put`.
CLIENTS = re.compile(
    r"(?:self\.)?_?(?:get_)?(?:stripe|boto3?|s3|sqs|sns|ses|twilio|sendgrid|slack|openai|braintree|paypal|github|gitlab|jira|"
    r"ldap|zendesk|http|api)_(?:client|connection|gateway|session)(?:\(\))?(?:\.|$)"
)
MAIL_CLASSES = {"EmailMessage", "EmailMultiAlternatives"}
FILE_CALLS = {"os.remove", "os.unlink", "os.rename", "os.replace", "os.rmdir", "os.removedirs"}
FILE_ROOT = "shutil"
MOST_HOPS = 2
DEEPEST = 4


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
        self.senders = tuple(name.removesuffix("()") for name in project.options.sends)
        self._direct: dict[int, list[Effect]] = {}
        self._called: dict[int, list[tuple[Call, Place]]] = {}
        self._callers: dict[int, list[Place]] | None = None
        self._by_lower = {name.lower(): models for name, models in project.model_names.items()}

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
        for effect in self.within(target, hops, seen):
            path = (target.function.name, *effect.path)
            guarded = effect.guarded or call.guarded
            row = effect.row if effect.row == "self" else ""
            yield Effect(effect.kind, effect.what, call.line, path, guarded, row, effect.in_bulk)

    def of_call(self, place: Place, call: Call, hops: int = MOST_HOPS) -> Iterator[Effect]:
        """The effects of one call of a function."""
        if effect := self._effect(place, call):
            yield effect
        elif target := self.target(place, call):
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
                target = self.target(place, call)
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

    # The target of a call

    def target(self, place: Place, call: Call) -> Place | None:
        """The function of the project that a call reaches."""
        callee = call.callee
        file, function = place.file, place.function
        if "?" in callee or callee.startswith("()"):
            return None
        head, _, rest = callee.partition(".")
        if not rest:
            inner = next(
                (nested for nested in file.functions if nested.qualified == f"{function.qualified}.{head}"), None
            )
            if inner and function.qualified:
                return Place(file, inner)
            found = self.project.resolve(file, head)
            return self._place(found) if not found.rest else None
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
                return self._place(found)
        owner = self.class_of(place, before)
        if owner is not None:
            return self.project.method(owner, name)
        if self._is_query(before) and name not in BUILT_IN and name in self.project.query_methods:
            methods = self.project.query_methods[name]
            return methods[0] if len(methods) == 1 else None
        return None

    def _manager_method(self, model: Class, manager: str, name: str) -> Place | None:
        """`Order.objects.due`: a method of the manager or the queryset that the model names."""
        for base in (model, *self.project.bases(model)):
            text = (
                base.values.get(manager, "")
                .partition("(")[0]
                .removesuffix(".as_manager")
                .removesuffix(".from_queryset")
            )
            found = self.project.resolve(self.project.file_of(base), text).cls if text else None
            if found is not None:
                return self.project.method(found, name)
        methods = self.project.query_methods.get(name, []) if name not in BUILT_IN else []
        return methods[0] if len(methods) == 1 else None

    def _place(self, found: Resolved) -> Place | None:
        if found.function is not None and found.file is not None and not (found.rest and not found.cls):
            return Place(found.file, found.function)
        return None

    def _effect(self, place: Place, call: Call) -> Effect | None:
        callee = call.callee
        before, _, last = callee.rpartition(".")
        if self._is_named_sender(place, callee):
            return Effect("world", callee, call.line, guarded=call.guarded)
        if last in QUEUES and before and any(name in ("countdown", "eta") for name, _ in call.keywords):
            return None  # queued for later, when the transaction of now is over
        if last in QUEUES and before and self._is_queue(place, before, last):
            return Effect("queue", _short(callee), call.line, guarded=call.guarded)
        if before:
            if (last in CREATE or last in CHANGE or last in DELETE) and (
                found := self._query_write(place, before, last)
            ):
                return Effect(found[0], found[1], call.line, guarded=call.guarded, row=before, in_bulk="bulk_" in last)
            if last in ("save", "asave", "delete", "adelete", "full_save") and (
                effect := self._row_write(place, call, before, last)
            ):
                return effect
        return self._outside(place, call, before, last)

    def _is_named_sender(self, place: Place, callee: str) -> bool:
        if not self.senders:
            return False
        plain = callee.replace("()", "")
        head, _, rest = plain.partition(".")
        whole = ".".join(filter(None, (place.file.names.get(head, head), rest)))
        own = f"{place.file.module}.{plain}"
        return any(
            text == sender or text.endswith("." + sender) or f".{sender}." in f".{text}."
            for sender in self.senders
            for text in (whole, own)
        )

    def _is_queue(self, place: Place, before: str, last: str) -> bool:
        if last != "enqueue" and last != "delay":
            return True
        return (before not in ("self", "cls") and not before.startswith("self.")) or last == "delay"

    def _outside(self, place: Place, call: Call, before: str, last: str) -> Effect | None:
        name = self._full_name(place, call.callee)
        root, _, rest = name.partition(".")
        if name in QUEUE_FUNCTIONS or (not before and last == "async_task"):
            return Effect("queue", _short(call.callee), call.line, guarded=call.guarded)
        if name in WORLD or (root in WORLD_ROOTS and last in WORLD_ROOTS[root]):
            return Effect("world", _short(name), call.line, guarded=call.guarded)
        if root in HTTP_ROOTS and last.lower() in HTTP_VERBS and "exceptions" not in name:
            return Effect("world", _short(name), call.line, guarded=call.guarded)
        if root in SDK_ROOTS and rest and SDK_VERBS.fullmatch(last) and "error" not in name.lower():
            return Effect("world", _short(name), call.line, guarded=call.guarded)
        if before and CLIENTS.match(before) and SDK_VERBS.fullmatch(last):
            return Effect("world", _short(call.callee), call.line, guarded=call.guarded)
        if before and last in ("send", "email_user") and self._is_mail(name, last):
            return Effect(
                "world", "EmailMessage.send" if last == "send" else "email_user", call.line, guarded=call.guarded
            )
        if (root == FILE_ROOT and rest) or name in FILE_CALLS:
            return Effect("files", _short(name), call.line, guarded=call.guarded)
        if last == "unlink" and before and not call.arguments and root not in ("os",):
            return Effect("files", _short(call.callee), call.line, guarded=call.guarded)
        return None

    @staticmethod
    def _is_mail(name: str, last: str) -> bool:
        return last == "email_user" or any(f"{mail_class}()" in name for mail_class in MAIL_CLASSES)

    def _full_name(self, place: Place, callee: str) -> str:
        """The callee with imports and one local name resolved: `requests.Session().post`."""
        head, dot, rest = callee.partition(".")
        plain = head.removesuffix("()").removesuffix("[]")
        bound = self._binding(place.function, plain)
        if bound and head == plain:
            head = bound[0]
            start = head.partition(".")[0].partition("(")[0].partition("[")[0]
            head = place.file.names.get(start, start) + head[len(start) :]
        elif plain in place.file.names:
            head = place.file.names[plain] + head[len(plain) :]
        return f"{head}{dot}{rest}"

    def _binding(self, function: Function, name: str) -> list[str]:
        return function.bindings.get(name, [])

    # Rows and their models

    def _is_query(self, text: str) -> bool:
        parts = text.replace("[]", "").split(".")
        return any(
            part in ("objects", "_default_manager", "_base_manager")
            or part.removesuffix("()") in QUERYSET
            or part.endswith("_set")
            for part in parts[1:]
        )

    def _query_write(self, place: Place, before: str, last: str) -> tuple[str, str] | None:
        """The kind and the model of a write through a queryset; None if it is no queryset."""
        kind = "create" if last in CREATE else "change" if last in CHANGE else "delete"
        text = before
        head = before.partition(".")[0].removesuffix("()").removesuffix("[]")
        bound = self._binding(place.function, head)
        if not self._is_query(text) and bound and before == head and not bound[0].endswith("[]"):
            text = bound[0]
        if not self._is_query(text):
            parts = text.split(".")
            if len(parts) >= 2 and parts[-1] in self.project.related and last in CREATE | {"update", "delete"}:
                owners = self.project.related[parts[-1]]
                return kind, self.project.model_key(owners[0]) if len(owners) == 1 else ""
            if (len(parts) == 1 and last in ("delete",)) or last == "update" or last in CREATE:
                return None
            return None
        owner = self.model_of(place, text)
        if owner is None and not re.search(r"objects|_manager|_set\b|filter|exclude|all\(|get_queryset|order_by", text):
            return None
        return kind, self.project.model_key(owner) if owner else ""

    def _row_write(self, place: Place, call: Call, before: str, last: str) -> Effect | None:
        if before in ("super()", "?") or before.startswith("super("):
            return None
        kind = "delete" if "delete" in last else "save"
        owner = self.class_of(place, before)
        name = before.rpartition(".")[2].removesuffix("()")
        if kind == "save" and re.search(r"(?:^|_)(?:form|formset|serializer)s?$", name):
            return Effect("save", "", call.line, guarded=call.guarded, row=before)
        if owner is None or not self._is_known_model(owner):
            if kind == "delete" or owner is not None:
                return None
            if not self._looks_like_a_row(place, call, before):
                return None
            return Effect("save", "", call.line, guarded=call.guarded, row=before)
        if kind == "save" and re.fullmatch(r"[\w.]*[A-Z]\w*\(\)", before):
            kind = "create"  # `Order(…).save()`
        return Effect(kind, self.project.model_key(owner), call.line, guarded=call.guarded, row=before)

    def _looks_like_a_row(self, place: Place, call: Call, before: str) -> bool:
        """A `save` without a positional argument is a row's; a file's or a picture's has one."""
        return not call.arguments and "?" not in before and not before.startswith("()")

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
        bound = self._binding(place.function, parts[0]) if parts else []
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
        bound = self._binding(place.function, parts[0]) if parts else []
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
        elif len(parts) > 1 and (self._is_query(text) or head[:1].isupper()):
            return self._class_of_query(place, text)
        else:
            plain = head.removesuffix("[]")
            annotated = dict(function.parameters).get(plain)
            bound = self._binding(function, plain)
            if annotated:
                found = self.project.resolve(place.file, annotated).cls
            for source in bound:
                if found is None and source.partition(".")[0] != plain:
                    found = self.class_of(place, source, depth + 1)
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
        for base in (found, *self.project.bases(found)):
            if part in base.fields and base.fields[part].to:
                return self._pointed_to(base, base.fields[part].to)
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
        """`order_line` is an `OrderLine` if only one model has that name."""
        plain = name.replace("_", "").lower()
        owners = self._by_lower.get(plain, [])
        return owners[0] if len(owners) == 1 else None


def _short(name: str) -> str:
    """The last two parts of a name, without brackets."""
    return ".".join(name.replace("()", "").replace("[]", "").split(".")[-2:])
