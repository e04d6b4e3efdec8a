"""What a starter needs to know of a project's models, read from the source: names, simple fields and closed sets."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Key = str | int
Pairs = tuple[tuple[Key, str], ...]
TRANSLATING = ("_", "gettext", "gettext_lazy", "ugettext", "ugettext_lazy", "pgettext_lazy", "pgettext")
RELATIONS = ("ForeignKey", "OneToOneField", "ManyToManyField")
LARGEST_SET = 40
Scope = Mapping[str, object]


@dataclass(frozen=True)
class Field:
    """A field of a model: `kind` is the class's last name, such as DecimalField. `choices` is empty if none were read."""

    name: str
    kind: str
    decimal_places: int | None = None
    choices: Pairs = ()


@dataclass(frozen=True)
class Model:
    """A concrete model: the module that defines it, its line there and its fields in their order."""

    name: str
    module: str
    line: int
    fields: tuple[Field, ...]

    def of_kind(self, kind: str) -> list[Field]:
        """Its fields of a class, in order."""
        return [one for one in self.fields if one.kind == kind]


def models_in(text: str, module: str) -> Iterator[Model]:
    """The models of a source file that have fields of their own. Raises SyntaxError."""
    tree = ast.parse(text)
    scope = _scope(tree.body, {})
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.bases and not _is_abstract(node):
            inner = {**scope, **_scope(node.body, scope)}
            if fields := tuple(_fields(node, inner)):
                yield Model(node.name, module, node.lineno, fields)


def _is_abstract(node: ast.ClassDef) -> bool:
    metas = [inner for inner in node.body if isinstance(inner, ast.ClassDef) and inner.name == "Meta"]
    return any(re.search(r"^ +(abstract|proxy) = True$", ast.unparse(meta), re.M) for meta in metas)


def _fields(node: ast.ClassDef, scope: Scope) -> Iterator[Field]:
    for one in node.body:
        name, call = _assigned(one)
        if not name or not isinstance(call, ast.Call):
            continue
        kind = ast.unparse(call.func).rpartition(".")[2]
        if not kind.endswith("Field") and kind not in RELATIONS:
            continue
        options = {keyword.arg: _value(keyword.value, scope) for keyword in call.keywords}
        places = options.get("decimal_places")
        yield Field(name, kind, places if isinstance(places, int) else None, _pairs(options.get("choices")))


def _assigned(node: ast.stmt) -> tuple[str, ast.expr | None]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id, node.value
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, node.value
    return "", None


def _scope(body: list[ast.stmt], outer: Scope) -> dict[str, object]:
    """The constants of a module or a class; a class of choices is its pairs, and `Name.MEMBER` each of its keys."""
    found: dict[str, object] = {}
    for node in body:
        name, value = _assigned(node)
        if name and value is not None:
            found[name] = _value(value, {**outer, **found})
        elif isinstance(node, ast.ClassDef):
            found.update(_class_of_choices(node, {**outer, **found}))
    return found


def _class_of_choices(node: ast.ClassDef, scope: Scope) -> dict[str, object]:
    if not any(ast.unparse(base).rpartition(".")[2] in ("TextChoices", "IntegerChoices") for base in node.bases):
        return {}
    pairs, members = [], {}
    for one in node.body:
        name, written = _assigned(one)
        if not name or written is None or name.startswith("_"):
            continue
        value = _value(written, scope)
        key, label = value if isinstance(value, tuple) and len(value) == 2 else (value, name.replace("_", " ").title())
        pairs.append((key, label))
        members[f"{node.name}.{name}"] = key
    return {f"{node.name}.choices": tuple(pairs), **members}


def _value(node: ast.expr, scope: Scope) -> object:
    """A constant, a name's constant, a translated text, or a tuple or list of these; None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_value(one, scope) for one in node.elts)
    if isinstance(node, ast.Name):
        return scope.get(node.id)
    if isinstance(node, ast.Attribute):
        dotted = ast.unparse(node).removesuffix(".value").split(".")
        return next((scope[key] for key in (".".join(dotted[-2:]), dotted[-1]) if key in scope), None)
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in TRANSLATING and node.args:
        return _value(node.args[-1], scope)
    return None


def _pairs(value: object) -> Pairs:
    """The choices of a field, if each is a key and a label, all keys are of one type, and there are not too many."""
    if not isinstance(value, tuple) or not 2 <= len(value) <= LARGEST_SET:
        return ()
    pairs: list[tuple[Key, str]] = []
    for one in value:
        if not (isinstance(one, tuple) and len(one) == 2 and type(one[0]) in (str, int) and isinstance(one[1], str)):
            return ()
        pairs.append((one[0], one[1]))
    is_one_type = len({type(key) for key, _ in pairs}) == 1
    return tuple(pairs) if is_one_type and len({key for key, _ in pairs}) == len(pairs) else ()
