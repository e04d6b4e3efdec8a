"""Small questions to a syntax tree: names, subjects, members and fixed values, as written."""

import ast
import re
from collections.abc import Iterator

from .facts import Condition, Field, Member

CAPITALS = re.compile(r"[A-Z][A-Z0-9_]+")
WORD = re.compile(r"[A-Za-z][\w.:/@+-]{0,39}( [\w.:/@+-]{1,20}){0,3}")
EARLIER = re.compile(r"(?:old|new|current|previous|prev|original|initial|selected|requested)_(?=[a-z])")
SAME_VALUE = {"lower", "upper", "strip", "value", "title", "casefold"}
LONGEST_STRING = 80
ENUM_PARTS = {"value", "name", "label"}


def dotted(node: ast.AST | None) -> str:
    """The expression as a chain of names: `Order.objects.filter().update`. A part that is no name is `?`."""
    parts: list[str] = []
    while node is not None:
        match node:
            case ast.Name():
                parts.append(node.id)
                break
            case ast.Attribute():
                parts.append("." + node.attr)
                node = node.value
            case ast.Call():
                parts.append("()")
                node = node.func
            case ast.Subscript():
                parts.append("[]")
                node = node.value
            case ast.Await():
                node = node.value
            case _:
                parts.append("?")
                break
    return "".join(reversed(parts))


def annotation(node: ast.AST | None) -> str:
    """The class that an annotation names, without `| None` and `Optional[…]`; empty for a container."""
    match node:
        case ast.Constant(value=str(text)):
            return text.removesuffix(" | None").strip() if re.fullmatch(r"[\w. |]+", text) else ""
        case ast.BinOp(op=ast.BitOr()):
            return annotation(node.left)
        case ast.Subscript() if dotted(node.value).rpartition(".")[2] in ("Optional", "Annotated"):
            inner = node.slice
            return annotation(inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner)
        case ast.Name() | ast.Attribute():
            return dotted(node)
        case _:
            return ""


def member_of(node: ast.AST) -> Member | None:
    """The member of a set that the expression names, or None."""
    match node:
        case ast.Constant(value=str(text)) if WORD.fullmatch(text):
            return Member("word", "", text)
        case ast.Attribute():
            if node.attr in ENUM_PARTS and isinstance(node.value, ast.Attribute):
                return member_of(node.value)
            if CAPITALS.fullmatch(node.attr):
                return Member("attribute", dotted(node.value), node.attr)
        case ast.Name() if CAPITALS.fullmatch(node.id):
            return Member("constant", "", node.id)
    return None


def members_of(node: ast.AST) -> tuple[Member, ...]:
    """The members of a tuple, list or set that holds nothing else; of a single member, that one."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        found = [member_of(item) for item in node.elts]
        return tuple(member for member in found if member) if all(found) else ()
    one = member_of(node)
    return (one,) if one else ()


def subject_of(node: ast.AST) -> tuple[str, str] | None:
    """The compared subject: its last name, without `old_` and the like, and its whole text as written."""
    match node:
        case ast.Attribute():
            if node.attr in SAME_VALUE:
                return subject_of(node.value)
            if CAPITALS.fullmatch(node.attr):
                return None
            name = node.attr
        case ast.Name():
            if CAPITALS.fullmatch(node.id):
                return None
            name = node.id
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            name = key
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(key)), *_]):
            name = key
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(key)), *_]):
            name = key
        case ast.Call(func=ast.Name(id="str"), args=[inner]):
            return subject_of(inner)
        case ast.Call(func=ast.Attribute(attr=attribute, value=inner)) if attribute in SAME_VALUE:
            return subject_of(inner)
        case ast.NamedExpr():
            return subject_of(node.value) or subject_of(node.target)
        case _:
            return None
    return EARLIER.sub("", name.lstrip("_")), dotted(node)


def pattern_members(pattern: ast.pattern) -> list[Member]:
    """The members that a `case` names."""
    match pattern:
        case ast.MatchValue():
            one = member_of(pattern.value)
            return [one] if one else []
        case ast.MatchOr():
            return [member for part in pattern.patterns for member in pattern_members(part)]
        case ast.MatchAs(pattern=ast.pattern() as inner):
            return pattern_members(inner)
        case _:
            return []


def fixed_value(node: ast.AST) -> str | None:
    """A value that the source fixes, as text: a constant, a member, or a list of these."""
    match node:
        case ast.Constant():
            return repr(node.value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
            return str(-number)
        case ast.Tuple() | ast.List() | ast.Set():
            values = [fixed_value(item) for item in node.elts]
            return "[" + ", ".join(sorted(filter(None, values))) + "]" if values and all(values) else None
        case ast.Attribute() | ast.Name():
            found = member_of(node)
            return f"{found.owner.rpartition('.')[2]}.{found.name}".lstrip(".") if found else None
        case _:
            return None


def named_model(node: ast.AST) -> str:
    """The class that `get_model("app", "Order")` or the text `"app.Order"` names; empty for anything else."""
    match node:
        case ast.Call() if dotted(node.func).rpartition(".")[2] in ("get_model", "get_class") and node.args:
            return named_model(node.args[-1])
        case ast.Constant(value=str(text)) if re.fullmatch(r"\w+(\.\w+)*", text):
            return text.rpartition(".")[2]
        case _:
            return ""


def kind_of_value(node: ast.AST) -> str:
    """The syntactic kind of a dict's value; all callables are one kind."""
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "partial":
        return "name"
    if isinstance(node, ast.Name | ast.Attribute | ast.Lambda):
        return "name"
    if isinstance(node, ast.Constant):
        return "constant"
    return "text" if isinstance(node, ast.JoinedStr) else type(node).__name__


def plain_values(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """The names of a class, as of a `Meta`, with their values as written."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            yield statement.targets[0].id, plain_value(statement.value)


def plain_value(value: ast.expr) -> str:
    """A constant as Python writes it, anything else as it is named."""
    return repr(value.value) if isinstance(value, ast.Constant) else dotted(value)


def names_in(node: ast.AST) -> str:
    """All names and attributes below a node, with spaces between."""
    found = []
    for child in ast.walk(node):
        if isinstance(child, ast.Name):
            found.append(child.id)
        elif isinstance(child, ast.Attribute):
            found.append(child.attr)
    return " ".join(found)


def arguments(node: ast.Call) -> tuple[str, ...]:
    """The arguments by position as far as they are names or strings; those of a list one by one."""
    found = []
    for argument in node.args:
        if isinstance(argument, ast.List | ast.Tuple):
            found += [dotted(item) for item in argument.elts]
        elif isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            found.append(repr(argument.value[:LONGEST_STRING]))
        else:
            found.append(dotted(argument))
    return tuple(found)


def keywords(node: ast.Call) -> tuple[tuple[str, str], ...]:
    """The arguments by keyword. A `sender` that is looked up by name is the model's name."""
    return tuple(
        (one.arg, (one.arg == "sender" and named_model(one.value)) or dotted(one.value))
        for one in node.keywords
        if one.arg
    )


def condition(node: ast.Call) -> Condition | None:
    """The keywords of a query with their fixed values; None for a query with none, or with `**`."""
    if not node.keywords or any(one.arg is None for one in node.keywords):
        return None
    items = [(one.arg or "", fixed_value(one.value)) for one in node.keywords]
    return Condition(tuple(sorted(items, key=str)), node.lineno)


def field(value: ast.expr) -> Field | None:
    """The field of a model that a class attribute declares; None where it is no field."""
    text = dotted(value)
    if not isinstance(value, ast.Call) or not text.endswith(("Field()", "ForeignKey()", "Key()", "Money()")):
        return None
    given = {one.arg: one.value for one in value.keywords}
    to = given.get("to", value.args[0] if value.args else None)
    points = to.value if isinstance(to, ast.Constant) and isinstance(to.value, str) else dotted(to)
    related = given.get("related_name")
    back = related.value if isinstance(related, ast.Constant) and isinstance(related.value, str) else ""
    return Field(text.removesuffix("()"), points, back, "choices" in given)
