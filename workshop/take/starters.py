"""The starters: for each pattern its files, filled with names and facts of the reader's project."""

import tomllib
from collections.abc import Callable
from textwrap import indent
from typing import Any

from workshop.base.problems import CommandFailed
from workshop.take import walls
from workshop.take.filling import TEMPLATES, Asked, Starter, listing, noun, refuse_a_taken_class, snake, starter
from workshop.take.models import Field, Model
from workshop.take.project import App, place_of_installed_apps

COLUMNS: dict[str, Any] = {
    kind: column
    for column in tomllib.loads((TEMPLATES / "golden" / "columns.toml").read_text(encoding="utf-8")).values()
    for kind in column["kinds"]
}
MOST_COLUMNS = 6
KINDS = ("status", "state", "kind", "type")  # names of fields that code asks again and again


def value(asked: Asked) -> Starter:
    """A value object: money if the app stores decimal numbers, otherwise a period if a model has two times."""
    app, about = asked.choose(bool)
    decimals = [(model, one) for model in app.models for one in model.fields if one.kind == "DecimalField"]
    times = [(model, found) for model in app.models if len(found := model.of_kind("DateTimeField")) > 1]
    if times and not decimals:
        model, (start, end, *_) = times[0]
        name, like = asked.class_name("Period"), "period"
        facts = {"use": f"Made for {model.name}.{start.name} and {model.name}.{end.name}."}
    else:
        name, like = asked.class_name("Money"), "money"
        use, places = "No decimal field was found in the app.", 2
        if decimals:
            model, amount = min(decimals, key=lambda pair: pair[1].decimal_places != 2)
            use = f"Made for {model.name}.{amount.name}."
            places = 2 if amount.decimal_places is None else amount.decimal_places
        facts = {"use": use, "decimals": str(places)}
    refuse_a_taken_class(app, name)
    module = snake(name)
    return starter(asked, app, about, name, {f"{module}.py": f"{like}/module.py"}, f"{like}/{module}", facts)


def registry(asked: Asked) -> Starter:
    """A registry with an entry for each member of a closed set that the code has already."""
    app, about = asked.choose(_sets, "field with choices")
    sets = _sets(app)
    named = next((pair for pair in sets if pair[0].name == asked.name), None)
    model, one = named or sets[0]
    default = model.name + "".join(part.capitalize() for part in one.name.split("_"))
    members = default if named else asked.class_name(default)
    name, (first, label) = f"{members}Rule", one.choices[0]
    facts = {
        "Set": members,
        "noun": noun(members),
        "Model": model.name,
        "model_module": model.module,
        "field": one.name,
        "Key": type(first).__name__,
        "entries": indent(listing(*(f"{name}({_quoted(key)}, {_quoted(text)})" for key, text in one.choices)), "    "),
        "first": _quoted(first),
        "first_label": _quoted(label),
        "unknown": '"no such key"' if isinstance(first, str) else str(sum(abs(int(key)) for key, _ in one.choices) + 1),
    }
    refuse_a_taken_class(app, name)
    files = {f"{snake(name)}.py": "registry/module.py"}
    return starter(asked, app, f"{about} For {model.name}.{one.name}.", name, files, f"registry/{snake(name)}", facts)


def golden(asked: Asked) -> Starter:
    """Exact bytes in a file, and an export of a model's fields whose bytes they are."""
    app, about = asked.choose(lambda app: any(map(_columns, app.models)), "model with plain fields")
    named = [model for model in app.models if model.name == asked.name and _columns(model)]
    model = max(named or app.models, key=lambda one: len(_columns(one)))
    name, columns = asked.class_name(model.name), _columns(model)
    refuse_a_taken_class(app, f"{name}Row")
    kinds = [COLUMNS[one.kind] for one in columns]
    pairs = [*zip(columns, kinds, strict=True)]
    rows = [listing(*(f"{one.name}={kind['values'][row]}" for one, kind in pairs)) for row in (0, 1)]
    lines = [",".join(one.name for one in columns), *(",".join(kind["bytes"][row] for kind in kinds) for row in (0, 1))]
    facts = {
        "fields": "\n".join(f"    {one.name}: {kind['type']}" for one, kind in pairs),
        **{f"row_{row}": indent(text, " " * 8) for row, text in enumerate(rows)},
        **{f"row_{row}_deeper": indent(text, " " * 12) for row, text in enumerate(rows)},
        "imports": "".join(f"{line}\n" for kind in kinds for line in kind["imports"]),
    }
    about = f"{about} With the fields of {model.name}."
    files = {f"{snake(name)}_csv.py": "golden/module.py"}
    made = starter(asked, app, about, name, files, f"golden/{snake(name)}_csv", facts)
    folder = next(file.parent for file in made.files if file.name.startswith("test_")) / "golden"
    data = {folder / f"{snake(name)}.csv": "\n".join([*lines, ""])}
    if not (folder / ".gitattributes").exists():
        data[folder / ".gitattributes"] = "* -text\n"  # git changes no line end of exact bytes
    return Starter({**made.files, **data}, made.about, made.then)


def port(asked: Asked) -> Starter:
    """A port for notices by mail, with its adapter, its fake, and one contract test for both."""
    app, about = asked.choose(bool)
    name = asked.class_name(_thing(app))
    package = f"{snake(name)}_notices"
    classes = [f"Fake{name}Notices", f"Mailed{name}Notices", *(f"{name}Notice{end}" for end in ("", "Refused", "s"))]
    facts = {"package": package, "exported": listing(*(f'"{one}"' for one in sorted(classes, key=str.lower)))}
    files = {f"{package}/{one}.py": f"port/{one}.py" for one in ("__init__", "fake", "mail", "port")}
    return starter(asked, app, about, name, files, f"port/{package}", facts)


def outbox(asked: Asked) -> Starter:
    """An app below theirs: messages that are written in the transaction of a change, and sent after it."""
    app, about = asked.choose(bool)
    label = f"{app.label}_outbox"
    if any(one.label == label for one in asked.project.apps):
        raise CommandFailed(f"The app label {label} is taken. --app names another app.")
    inner = ("__init__", "adding", "apps", "models", "relaying")
    files = {
        **{f"outbox/{one}.py": f"outbox/{one}.py" for one in inner},
        "outbox/migrations/0001_initial.py": "outbox/0001_initial.py",
        f"outbox/management/commands/relay_{label}.py": "outbox/relay_command.py",
        **{f"outbox/{one}/__init__.py": "" for one in ("management", "management/commands", "migrations")},
    }
    facts = {"label": label, "index": f"{app.label[:18]}_outbox_due"}
    made = starter(asked, app, about, asked.class_name(_thing(app)), files, "outbox/outbox", facts)
    installed = place_of_installed_apps(asked.project)
    then = (
        f'1. Add "{app.module}.outbox" to INSTALLED_APPS{installed}. Until then its tests are skipped.',
        f"2. manage.py migrate makes its table, {label}_outboxmessage. The migration is one of these files.",
        f"3. manage.py relay_{label} YOUR.DOTTED.FUNCTION sends the messages.",
    )
    return Starter(made.files, made.about, (*then, *made.then))


def import_walls(asked: Asked) -> Starter:
    """Contracts for import-linter that hold today."""
    if asked.app or asked.name:
        raise CommandFailed("walls reads all packages of a project. Leave --app and --name out.")
    return walls.contracts_of(asked.project)


PATTERNS: dict[str, tuple[str, Callable[[Asked], Starter]]] = {
    "walls": ("import contracts that hold in your packages today (.importlinter)", import_walls),
    "value": ("a value object: money, or a period if your models store times and no decimals", value),
    "registry": ("one entry for each member of a closed set, made from a field with choices", registry),
    "port": ("a port for notices, its mail adapter, a fake, and one contract test for both", port),
    "golden": ("an export of a model's fields, and its exact bytes in a file", golden),
    "outbox": ("messages stored in the transaction of a change, sent after it: model, relay, command", outbox),
}
"""What each pattern is, in one line, and what makes its starter."""


def _sets(app: App) -> list[tuple[Model, Field]]:
    """The fields with choices: states and kinds before others, then the largest set first."""
    found = [(model, one) for model in app.models for one in model.fields if one.choices]
    return sorted(found, key=lambda pair: (not pair[1].name.endswith(KINDS), -len(pair[1].choices)))


def _columns(model: Model) -> list[Field]:
    return [one for one in model.fields if one.kind in COLUMNS and not one.name.startswith("_")][:MOST_COLUMNS]


def _thing(app: App) -> str:
    """What the app is most about: the name of its largest model, or its own."""
    largest = max(app.models, key=lambda model: len(model.fields), default=None)
    return largest.name if largest else "".join(part.capitalize() for part in app.label.split("_"))


def _quoted(text: str | int) -> str:
    """A literal, with double quotes if it is a text, as formatters write it."""
    written = repr(text)
    return f'"{text}"' if written == f"'{text}'" and '"' not in written else written
