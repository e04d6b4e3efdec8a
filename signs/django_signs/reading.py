"""Read one file: from its text to its facts, in one pass over the syntax tree."""

import ast
import re
from collections.abc import Callable, Iterable

from . import syntax
from .complexity import complexity_of
from .facts import (
    Assignment,
    Call,
    Class,
    Comparison,
    Counter,
    File,
    Function,
    Import,
    Member,
    Patch,
    Table,
)
from .guards import asks_whether_new, quiet_attributes, returns_unless_new
from .parsing import Unreadable, parsed

LEAVE = re.compile(r"#\s*signs:\s*leave\s+([a-z][a-z-]*)[ \t:,-]*(.*)")
QUERIES = {"filter", "exclude", "get", "Q", "get_object_or_404", "aget"}
PATCHES = re.compile(
    r"""(?:\bpatch|\bsetattr|\bmocker\.patch|\bmock\.patch|\bpatch\.object)\s*\(\s*["']([A-Za-z_][\w]*(?:\.\w+)+)["']"""
)
TEST = re.compile(r"^\s*(?:async\s+)?def test_", re.MULTILINE)
DATABASE = re.compile(r"django_db|TestCase|TransactionTestCase|\bdb\b")
MOST_BINDINGS = 3
ON_COMMIT = re.compile(r"(?:^|_)on_(?:transaction_)?commit$")
"""A decorator of this name hands the whole function to `transaction.on_commit`."""


def read_test(file: File, text: str) -> None:
    """Adds the facts of a test file: its patches and its number of tests. The file need not parse."""
    file.lines = _lines(text)
    file.tests = len(TEST.findall(text))
    file.database_tests = bool(DATABASE.search(text))
    for found in PATCHES.finditer(text):
        file.patches.append(Patch(found.group(1), text.count("\n", 0, found.start()) + 1))


def read(file: File, text: str, *, is_package: bool, on_commit: Iterable[str] = (), atomic: Iterable[str] = ()) -> None:
    """Adds the facts of a source file.

    `on_commit` and `atomic` are further functions that wait for the commit, and that open a transaction.
    Raises Unreadable.
    """
    file.lines = _lines(text)
    if "signs:" in text:
        for number, line in enumerate(text.splitlines(), start=1):
            if found := LEAVE.search(line):
                file.leaves[number] = (found.group(1), found.group(2).strip())
    tree = parsed(text)
    try:
        _Reader(file, is_package, frozenset(on_commit), frozenset(atomic)).read(tree)
    except (RecursionError, MemoryError) as error:
        raise Unreadable("nested too deeply") from error


def _lines(text: str) -> int:
    return sum(1 for line in text.splitlines() if line.strip())


class _Reader:
    def __init__(self, file: File, is_package: bool, on_commit: frozenset[str], atomic: frozenset[str]) -> None:
        self.file = file
        self.package = file.module if is_package else file.module.rpartition(".")[0]
        self.on_commit = {"on_commit", *(name.rpartition(".")[2] for name in on_commit)}
        self.atomic = {name.rpartition(".")[2] for name in atomic}
        self.function = Function("<module>", "", 1, 10**9)
        self.classes: list[Class] = []
        self.depth = 0
        self.region = -1
        self.deferred = False
        self.guarded = False
        self.typing_only = False
        self.visitors: dict[type[ast.AST], Callable[..., None]] = {
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.ClassDef: self._class,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.Call: self._call,
            ast.Compare: self._compare,
            ast.Match: self._match,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
            ast.AugAssign: self._augmented,
            ast.NamedExpr: self._named,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.comprehension: self._comprehension,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.If: self._if,
            ast.Try: self._try,
            ast.TryStar: self._try,
        }

    def read(self, tree: ast.Module) -> None:
        self.file.functions.append(self.function)
        self._block(tree.body)

    def visit(self, node: ast.AST) -> None:
        visitor = self.visitors.get(type(node))
        if visitor:
            visitor(node)
        else:
            self._children(node)

    def _children(self, node: ast.AST) -> None:
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                for item in value:
                    if isinstance(item, ast.AST):
                        self.visit(item)
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                self.visit(value)

    def _block(self, statements: Iterable[ast.stmt]) -> None:
        guarded = self.guarded
        for statement in statements:
            self.visit(statement)
            if returns_unless_new(statement):
                self.guarded = True
        self.guarded = guarded

    # Definitions

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        outer, region, deferred, guarded = self.function, self.region, self.deferred, self.guarded
        for decorator in node.decorator_list:
            self.visit(decorator)
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None:
                self.visit(default)
        is_method = bool(self.classes) and self.depth == 0
        owner = self.classes[-1].qualified if self.classes else ""
        prefix = outer.qualified if self.depth else owner
        qualified = f"{prefix}.{node.name}" if prefix else node.name
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        self.function = Function(
            node.name,
            qualified,
            node.lineno,
            node.end_lineno or node.lineno,
            class_name=owner,
            decorators=tuple(self._described(decorator) for decorator in node.decorator_list),
            parameters=tuple((argument.arg, syntax.annotation(argument.annotation)) for argument in arguments),
            complexity=complexity_of(node),
            early_returns=quiet_attributes(node),
        )
        self.region, self.deferred, self.guarded = -1, self._waits_for_commit(node.decorator_list), False
        if any(self._is_atomic(decorator) for decorator in node.decorator_list):
            self.function.regions.append((node.lineno, node.end_lineno or node.lineno))
            self.region = 0
        self.file.functions.append(self.function)
        if is_method:
            self.classes[-1].methods.setdefault(node.name, self.function)
        elif not self.depth:
            self.file.top.setdefault(node.name, self.function)
        self.depth += 1
        self._block(node.body)
        self.depth -= 1
        self.function, self.region, self.deferred, self.guarded = outer, region, deferred, guarded

    def _class(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        outer = self.classes[-1].qualified if self.classes else ""
        qualified = f"{outer}.{node.name}" if outer else node.name
        bases = tuple(syntax.dotted(base) for base in node.bases)
        found = Class(node.name, qualified, node.lineno, bases, module=self.file.module)
        if self.classes and node.name == "Meta":
            self.classes[-1].meta |= dict(syntax.plain_values(node))
        self.file.classes.setdefault(qualified, found)
        depth, self.depth = self.depth, 0
        self.classes.append(found)
        self._block(node.body)
        self.classes.pop()
        self.depth = depth

    # Imports

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.file.names.setdefault(name, alias.name if alias.asname else name)
            self._edge(alias.name, node.lineno)

    def _import_from(self, node: ast.ImportFrom) -> None:
        base = node.module or ""
        if node.level:
            parts = self.package.split(".") if self.package else []
            kept = parts[: len(parts) - node.level + 1] if node.level > 1 else parts
            base = ".".join([*kept, *([node.module] if node.module else [])])
        for alias in node.names:
            if alias.name == "*":
                self.file.stars = (*self.file.stars, base)
                self._edge(base, node.lineno)
            else:
                self.file.names.setdefault(alias.asname or alias.name, f"{base}.{alias.name}")
                self._edge(f"{base}.{alias.name}", node.lineno)

    def _edge(self, target: str, line: int) -> None:
        if not self.typing_only:
            self.file.imports.append(Import(target, line, self.depth > 0))

    # Statements

    def _if(self, node: ast.If) -> None:
        self.visit(node.test)
        text = syntax.names_in(node.test)
        if "TYPE_CHECKING" in text:
            self.typing_only, before = True, self.typing_only
            self._block(node.body)
            self.typing_only = before
        else:
            guarded, self.guarded = self.guarded, self.guarded or asks_whether_new(node.test)
            self._block(node.body)
            self.guarded = guarded
        self._block(node.orelse)

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        calls = self.function.calls
        begin = len(calls)
        self._block(node.body)
        tried = {call.callee for call in calls[begin:]}
        for handler in node.handlers:
            begin = len(calls)
            if handler.type is not None:
                self.visit(handler.type)
            self._block(handler.body)
            self.function.second_tries |= {call.line for call in calls[begin:] if call.callee in tried}
        self._block(node.orelse)
        self._block(node.finalbody)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        region = self.region
        for item in node.items:
            self.visit(item.context_expr)
            text = syntax.dotted(item.context_expr)
            if "lock" in text.lower():
                self.function.locks = True
            if isinstance(item.optional_vars, ast.Name):
                self._bind(item.optional_vars.id, text)
            if self.region == -1 and self._is_atomic(item.context_expr):
                self.function.regions.append((node.lineno, node.end_lineno or node.lineno))
                self.region = len(self.function.regions) - 1
        self._block(node.body)
        self.region = region

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self._bind_each(node.target, node.iter)
        self.visit(node.iter)
        self._block(node.body)
        self._block(node.orelse)

    def _comprehension(self, node: ast.comprehension) -> None:
        self._bind_each(node.target, node.iter)
        self._children(node)

    def _bind_each(self, target: ast.expr, source: ast.expr) -> None:
        if isinstance(target, ast.Tuple) and target.elts:
            target = target.elts[-1]
            if isinstance(source, ast.Call) and syntax.dotted(source.func) == "enumerate" and source.args:
                source = source.args[0]
        if isinstance(target, ast.Name):
            self._bind(target.id, syntax.dotted(source) + "[]")

    def _assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._target(target, node.value, node.lineno)
        self.visit(node.value)

    def _annotated(self, node: ast.AnnAssign) -> None:
        if isinstance(node.target, ast.Name) and (text := syntax.annotation(node.annotation)):
            self._bind(node.target.id, f"{text}()")
        if node.value is not None:
            self._target(node.target, node.value, node.lineno)
            self.visit(node.value)

    def _named(self, node: ast.NamedExpr) -> None:
        self._target(node.target, node.value, node.lineno)
        self.visit(node.value)

    def _target(self, target: ast.expr, value: ast.expr, line: int) -> None:
        match target:
            case ast.Name():
                self._name_gets(target.id, value, line)
            case ast.Tuple(elts=[ast.Name(id=name), *_]) if not isinstance(value, ast.Tuple):
                self._bind(name, syntax.dotted(value))
            case ast.Tuple() if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
                for one, its_value in zip(target.elts, value.elts, strict=True):
                    self._target(one, its_value, line)
            case ast.Attribute():
                row = syntax.dotted(target.value)
                if member := syntax.member_of(value):
                    self.function.assignments.append(Assignment(row, target.attr, member, line))
                own = syntax.dotted(target)
                if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub):
                    sides = (syntax.dotted(value.left), syntax.dotted(value.right))
                    if own in sides and not any(side.startswith("F()") for side in sides):
                        self.function.counters.append(Counter(row, target.attr, line))
                if not self.depth or row == "self":
                    self._bind(own, syntax.dotted(value))
            case _:
                self.visit(target)

    def _name_gets(self, name: str, value: ast.expr, line: int) -> None:
        at_top = self.depth == 0
        if at_top and isinstance(value, ast.Dict) and syntax.CAPITALS.fullmatch(name):
            self._table(name, value, line)
        if self.classes and at_top:
            self._class_value(self.classes[-1], name, value)
            return
        text = syntax.dotted(value)
        if isinstance(value, ast.IfExp):
            text = syntax.dotted(value.body)
        elif isinstance(value, ast.BoolOp):
            text = syntax.dotted(value.values[0])
        if text != "?":
            self._bind(name, text)
        if at_top and isinstance(value, ast.Call) and (model := syntax.named_model(value)):
            self.file.looked_up[name] = model
        elif at_top:
            self.file.constants[name] = repr(value.value) if isinstance(value, ast.Constant) else text

    def _bind(self, name: str, text: str) -> None:
        if text != "?":
            found = self.function.bindings.setdefault(name, [])
            if len(found) < MOST_BINDINGS and text not in found:
                found.append(text)

    def _class_value(self, owner: Class, name: str, value: ast.expr) -> None:
        if found := syntax.field(value):
            owner.fields[name] = found
        else:
            owner.values[name] = syntax.plain_value(value)

    def _augmented(self, node: ast.AugAssign) -> None:
        adds_text = isinstance(node.value, ast.JoinedStr | ast.List) or (
            isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        )
        is_counter = isinstance(node.op, ast.Add | ast.Sub) and not adds_text
        if is_counter and isinstance(node.target, ast.Attribute) and "F" not in syntax.names_in(node.value).split():
            row = syntax.dotted(node.target.value)
            self.function.counters.append(Counter(row, node.target.attr, node.lineno))
        self.visit(node.value)

    # Expressions

    def _call(self, node: ast.Call) -> None:
        call = self._described(node)
        self.function.calls.append(call)
        last = call.callee.rpartition(".")[2]
        if last == "F":
            self.function.uses_f = True
        elif "select_for_update" in last or last == "acquire":
            self.function.locks = True
        elif last in QUERIES and (condition := syntax.condition(node)):
            self.function.conditions.append(condition)
        elif last == "update":
            for keyword in node.keywords:
                if keyword.arg and (member := syntax.member_of(keyword.value)):
                    self.function.assignments.append(
                        Assignment(call.callee.removesuffix(".update"), keyword.arg, member, node.lineno)
                    )
        self.visit(node.func)
        deferred, self.deferred = self.deferred, self.deferred or last in self.on_commit
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            self.visit(keyword.value)
        self.deferred = deferred

    def _described(self, node: ast.AST) -> Call:
        if not isinstance(node, ast.Call):
            return Call(syntax.dotted(node), getattr(node, "lineno", 0), (), (), -1, False, False)
        callee, arguments, keywords = syntax.dotted(node.func), syntax.arguments(node), syntax.keywords(node)
        return Call(callee, node.lineno, arguments, keywords, self.region, self.deferred, self.guarded)

    def _compare(self, node: ast.Compare) -> None:
        if len(node.ops) == 1:
            left, right = node.left, node.comparators[0]
            match node.ops[0]:
                case ast.Eq() | ast.NotEq():
                    self._decides(left, right, node.lineno) or self._decides(right, left, node.lineno)
                case ast.In() | ast.NotIn():
                    self._decides(left, right, node.lineno)
        self._children(node)

    def _decides(self, subject: ast.expr, value: ast.expr, line: int) -> bool:
        found = syntax.subject_of(subject)
        members = syntax.members_of(value)
        if found and members:
            self.function.comparisons.append(Comparison(found[0], members, line, found[1]))
            return True
        return False

    def _match(self, node: ast.Match) -> None:
        found = syntax.subject_of(node.subject)
        if found:
            members: list[Member] = [member for case in node.cases for member in syntax.pattern_members(case.pattern)]
            if members:
                self.function.comparisons.append(Comparison(found[0], tuple(members), node.lineno, found[1]))
        self.visit(node.subject)
        for case in node.cases:
            if case.guard:
                self.visit(case.guard)
            self._block(case.body)

    def _table(self, name: str, value: ast.Dict, line: int) -> None:
        keys = [key.elts[0] if isinstance(key, ast.Tuple) and key.elts else key for key in value.keys if key]
        members = [syntax.member_of(key) for key in keys]
        if len(keys) < 2 or len(keys) != len(value.keys) or not all(members):
            return
        if len({syntax.kind_of_value(item) for item in value.values}) > 1:
            return
        owner = self.classes[-1].qualified if self.classes else ""
        self.file.tables.append(Table(name, tuple(member for member in members if member), line, owner))

    def _waits_for_commit(self, decorators: Iterable[ast.expr]) -> bool:
        names = {syntax.dotted(one).removesuffix("()").rpartition(".")[2] for one in decorators}
        return any(name in self.on_commit or ON_COMMIT.search(name) for name in names)

    def _is_atomic(self, node: ast.AST) -> bool:
        last = syntax.dotted(node).removesuffix("()").rpartition(".")[2]
        if last not in self.atomic and last != "atomic" and not re.search(r"(?:^|_)atomic(?:_|$)", last):
            return False
        used = [syntax.dotted(keyword.value) for keyword in node.keywords] if isinstance(node, ast.Call) else []
        return not any("replica" in text.lower() for text in used) and last != "non_atomic_requests"
