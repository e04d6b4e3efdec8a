"""Small questions to a syntax tree: names, subjects, members and fixed values, as written."""

import ast
import re

from .facts import Member

CAPITALS = re.compile(r"[A-Z][A-Z0-9_]+")
WORD = re.compile(r"[A-Za-z][\w.:/@+-]{0,39}( [\w.:/@+-]{1,20}){0,3}")
EARLIER = re.compile(r"(?:old|new|current|previous|prev|original|initial|selected|requested)_(?=[a-z])")
SAME_VALUE = {"lower", "upper", "strip", "value", "title", "casefold"}
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
