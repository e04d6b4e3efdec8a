"""The facts of one file, without any knowledge of the other files.

Names are kept as written (`Order.objects.filter().update`), because only the whole project can resolve them. The syntax
tree itself is dropped as soon as a file is read: a large project would not fit into memory with it.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a set of kinds or states, as written in the code."""

    form: str
    """`word` for a string, `attribute` for `Status.PAID`, `constant` for `PAID`."""
    owner: str
    """The class as written for an attribute; empty for the other forms."""
    name: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One place that compares a subject with members of a set."""

    subject: str
    members: tuple[Member, ...]
    line: int
    whole_subject: str


@dataclass(frozen=True, slots=True)
class Table:
    """A dict in capitals whose keys are members of a set."""

    name: str
    members: tuple[Member, ...]
    line: int
    class_name: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the callee as written, and its arguments as far as they are names."""

    callee: str
    line: int
    arguments: tuple[str, ...]
    keywords: tuple[tuple[str, str], ...]
    region: int
    """The number of the transaction block around it, or -1."""
    deferred: bool
    """True for functions that are passed to `on_commit`."""
    guarded: bool
    """True below a condition that asks for `created`."""


@dataclass(frozen=True, slots=True)
class Condition:
    """The keywords of one `filter`, `exclude`, `get` or `Q`: the name and the fixed value, or None if it varies."""

    items: tuple[tuple[str, str | None], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """`row.status = Order.PAID`, or the keyword of an `update`."""

    target: str
    attribute: str
    member: Member
    line: int


@dataclass(frozen=True, slots=True)
class Counter:
    """`row.stock -= quantity`: a number that is read from a row and written back."""

    target: str
    attribute: str
    line: int


@dataclass(slots=True)
class Function:
    """A function or method, or the top level of a module."""

    name: str
    qualified: str
    line: int
    end: int
    class_name: str = ""
    decorators: tuple[Call, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    complexity: int = 0
    calls: list[Call] = field(default_factory=list)
    bindings: dict[str, list[str]] = field(default_factory=dict)
    comparisons: list[Comparison] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    counters: list[Counter] = field(default_factory=list)
    second_tries: set[int] = field(default_factory=set)
    """Lines in an `except` that call again what the `try` called."""
    regions: list[tuple[int, int]] = field(default_factory=list)
    """First and last line of each outermost transaction block."""
    early_returns: tuple[str, ...] = ()
    """Attributes of the first parameters whose presence makes the function return at once."""
    uses_f: bool = False
    locks: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A model field: its type as written, its target, and its `related_name`."""

    kind: str
    to: str
    related_name: str
    has_choices: bool


@dataclass(slots=True)
class Class:
    """A class: its bases, its fields, and the constants of its body."""

    name: str
    qualified: str
    line: int
    bases: tuple[str, ...]
    fields: dict[str, Field] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    """Other names that the body assigns, with the value as written."""
    meta: dict[str, str] = field(default_factory=dict)
    methods: dict[str, Function] = field(default_factory=dict)
    module: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """One import: the absolute dotted target and the place."""

    target: str
    line: int
    inside: bool


@dataclass(frozen=True, slots=True)
class Patch:
    """One patch of a dotted path in a test."""

    target: str
    line: int


@dataclass(slots=True)
class File:
    """All facts of one file."""

    path: str
    module: str
    kind: str
    app: str = ""
    lines: int = 0
    functions: list[Function] = field(default_factory=list)
    classes: dict[str, Class] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Imported names with their dotted targets."""
    stars: tuple[str, ...] = ()
    looked_up: dict[str, str] = field(default_factory=dict)
    """Names that `get_model("app", "Order")` gives, with the class that it names."""
    imports: list[Import] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    patches: list[Patch] = field(default_factory=list)
    tests: int = 0
    database_tests: bool = False
    leaves: dict[int, tuple[str, str]] = field(default_factory=dict)
    top: dict[str, Function] = field(default_factory=dict)
    """The functions of the top level by name."""
