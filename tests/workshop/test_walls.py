"""Every wall is shown to hold: a violation is planted in a copy of after/, and the one check that is for it finds it."""

import configparser
import re
import shutil
import subprocess

import pytest

from workshop import ROOT
from workshop.base.stages import Stage
from workshop.maintaining import lint
from workshop.maintaining.walls import Walls, sameness, statements, syntax, walls_of
from workshop.maintaining.walls.statements import breaches

AFTER = ROOT / "after"
PACKAGES = ("clients", "config", "plumbing", "webhooks")

IMPORTS = [
    ("layers", "webhooks/domain/money.py", "from webhooks.application import accept_event"),
    ("layers", "webhooks/application/prune_events.py", "def late():\n    from webhooks.adapters import clock"),
    ("layers", "webhooks/helpers.py", "ONE = 1"),
    ("layers", "webhooks/billing/__init__.py", "ONE = 1"),
    ("domain", "webhooks/domain/event.py", "def late():\n    from django.utils import timezone"),
    ("domain", "plumbing/currencies.py", "import django"),
    ("application", "webhooks/application/ports/clock.py", "import celery"),
    ("inside", "webhooks/domain/formats/csv.py", "from clients import models"),
    ("inside", "webhooks/application/ports/secrets.py", "from plumbing import signing"),
    ("adapters", "webhooks/adapters/orm/events.py", "from webhooks.adapters import randomness"),
    ("adapters", "webhooks/adapters/worker.py", "from webhooks.adapters import tasks"),
    ("rows", "webhooks/adapters/commands/prune.py", "from webhooks.adapters.orm import models"),
    ("behind-ports", "webhooks/adapters/api/views.py", "from webhooks.adapters.sender import HttpSender"),
    ("adapters", "webhooks/adapters/mail.py", "ONE = 1"),
    ("seam", "clients/views.py", "from webhooks.domain import masking"),
    ("seam", "clients/apps.py", "from webhooks import models"),
    ("composition", "webhooks/adapters/tasks.py", "from webhooks.composition import adapters"),
    ("plumbing", "plumbing/keys.py", "import clients.models"),
]

DODGES = [
    ("by-name", "webhooks/domain/money.py", "from django.apps import apps\nROWS = apps.get_model('webhooks', 'Event')"),
    ("by-name", "clients/views.py", "import importlib\nlook = importlib.import_module\nlook('webhooks.domain.money')"),
    ("by-name", "webhooks/application/prune_events.py", "orm = __import__('webhooks.adapters.orm.models')"),
    ("by-name", "webhooks/adapters/tasks.py", "from django.utils.module_loading import import_string as find"),
    ("by-name", "webhooks/domain/formats/csv.py", "import sys\nROWS = sys.modules['webhooks.models']"),
    ("by-name", "clients/models.py", "LINK = models.ForeignKey('webhooks.Event', on_delete=models.CASCADE)"),
    ("by-name", "webhooks/adapters/metrics.py", "find = getattr(apps, 'get_model')"),
    ("relations", "clients/models.py", "def waiting(client):\n    return client.deliveries.filter(status='pending')"),
    ("relations", "clients/views.py", "def waiting(client):\n    return getattr(client, 'deliveries')"),
    ("relations", "webhooks/adapters/commands/prune.py", "def keys(client):\n    return client.api_keys.all()"),
    ("relations", "webhooks/application/prune_events.py", "def tries(delivery):\n    return delivery.attempts.count()"),
    ("relations", "webhooks/domain/event.py", "def of(event):\n    rows = event.deliveries\n    return rows"),
    ("tables", "webhooks/adapters/worker.py", "def rows(model):\n    return model.objects.all()"),
    ("tables", "webhooks/adapters/tasks.py", "def rows(model):\n    return model._default_manager.all()"),
    ("tables", "webhooks/application/retry_delivery.py", "def due(rows):\n    return rows.filter(status='pending')"),
    ("tables", "webhooks/domain/delivery.py", "def keep(row):\n    row.save()"),
    ("readers", "webhooks/adapters/api/views.py", "def off(rows):\n    rows.update(status='dead')"),
    ("readers", "webhooks/adapters/admin.py", "def end(row):\n    row.delete()"),
    (
        "sql",
        "webhooks/adapters/worker.py",
        "def ask():\n    with connection.cursor() as cursor:\n        return cursor",
    ),
    ("sql", "webhooks/adapters/api/views.py", "def ask(rows):\n    return rows.raw('SELECT 1')"),
    ("world", "webhooks/domain/retrying.py", "def now():\n    return datetime.now()"),
    ("world", "webhooks/domain/event.py", "import datetime as dt\ndef today():\n    return dt.date.today()"),
    ("world", "webhooks/application/prune_events.py", "from django.utils import timezone\nNOW = timezone.now()"),
    ("world", "webhooks/domain/client.py", "import time\nNOW = time.time()"),
    ("world", "webhooks/domain/fairness.py", "from random import choice"),
    ("world", "webhooks/application/accept_event.py", "import uuid"),
    ("world", "webhooks/application/deliver_due.py", "from django.conf import settings"),
    ("world", "webhooks/domain/formats/options.py", "import requests"),
    ("world", "webhooks/domain/masking.py", "NAMES = open('names')"),
]


@pytest.fixture
def copy(tmp_path):
    """after/ without its tests, in a repository of its own."""
    folder = tmp_path / "after"
    folder.mkdir()
    for name in PACKAGES:
        shutil.copytree(AFTER / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("manage.py", ".importlinter"):
        shutil.copy(AFTER / name, folder / name)
    return folder


def plant(folder, name, code):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + f"\n\n{code}\n")


def contracts():
    parser = configparser.ConfigParser()
    parser.read(AFTER / ".importlinter")
    return {section.rpartition(":")[2] for section in parser.sections() if ":contract:" in section}


def checked(folder, *contract):
    return subprocess.run(lint.import_linter(*contract), cwd=folder, capture_output=True, text=True, timeout=60)


def test_every_contract_and_every_check_has_a_violation_planted_here():
    assert {name for name, _, _ in IMPORTS} == contracts()
    assert {name for name, _, _ in DODGES} == set(syntax.CHECKS)


def test_an_untouched_copy_breaks_nothing(copy):
    done = checked(copy)

    assert done.returncode == 0, done.stdout + done.stderr
    assert list(syntax.no_way_round(copy.parent)) == []


@pytest.mark.parametrize(("contract", "name", "code"), IMPORTS)
def test_an_import_across_a_wall_breaks_its_contract(copy, contract, name, code):
    plant(copy, name, code)

    done = checked(copy, contract)

    assert done.returncode == 1
    assert "0 kept, 1 broken" in done.stdout
    assert name.removesuffix(".py").removesuffix("/__init__").split("/")[-1] in done.stdout.partition("Broken")[2]


@pytest.mark.parametrize(("check", "name", "code"), DODGES)
def test_a_way_round_the_walls_is_found(copy, check, name, code):
    before = len((copy / name).read_text().splitlines())
    plant(copy, name, code)
    (source,) = [found for found in syntax.sources(copy) if found.path.as_posix() == name]

    found = list(syntax.CHECKS[check](source))

    assert found
    assert all(line > before for line, _ in found)


def test_a_new_package_beside_the_others_is_found(copy):
    plant(copy, "shared/rules.py", "ONE = 1")

    (problem,) = syntax.no_way_round(copy.parent)

    assert str(problem) == "after/shared/rules.py:1: is in no root package of .importlinter"


def test_a_folder_that_no_contract_sees_is_found(copy):
    plant(copy, "webhooks/quick/rules.py", "ONE = 1")

    (problem,) = syntax.no_way_round(copy.parent)

    assert str(problem) == "after/webhooks/quick/rules.py:1: is in a folder without __init__.py, which no contract sees"


def test_a_field_of_a_value_is_no_relation(copy):
    plant(
        copy, "webhooks/application/accept_event.py", "def count(earlier):\n    return Accepted('', earlier.deliveries)"
    )

    assert list(syntax.no_way_round(copy.parent)) == []


def test_a_stage_without_contracts_is_free(copy):
    (copy / ".importlinter").unlink()
    plant(copy, "webhooks/domain/client.py", "import time")

    assert list(syntax.no_way_round(copy.parent)) == []


def test_a_query_that_runs_in_a_use_case_is_seen_at_work(copy):
    """No import and no spelling shows it: the repository hands out rows that are still to be asked for."""
    path = copy / "webhooks/adapters/orm/clients.py"
    listed = r"return \[_recipient\(row\) for row in (.*)\]"
    text, count = re.subn(listed, r"return map(_recipient, \1.iterator())", path.read_text())
    path.write_text(text)
    assert count == 1
    assert list(syntax.no_way_round(copy.parent)) == []

    problems = [str(problem) for problem in statements.only_repositories_ask(copy.parent)]

    assert problems
    assert all("accept_event.py" in problem for problem in problems)
    assert all("SELECT clients_client is sent from here; a repository does that" in problem for problem in problems)


@pytest.mark.parametrize(
    ("asked_by", "verb", "table", "breach"),
    [
        ("webhooks/adapters/orm/events.py:1", "INSERT", "webhooks_event", ""),
        ("webhooks/adapters/api/views.py:1", "SELECT", "webhooks_event", ""),
        ("webhooks/adapters/api/views.py:1", "UPDATE", "webhooks_event", "only a repository writes"),
        ("webhooks/adapters/worker.py:1", "SELECT", "webhooks_event", "this file may not read that table"),
        ("clients/models.py:1", "UPDATE", "webhooks_delivery", "only a repository writes"),
        ("clients/models.py:1", "UPDATE", "clients_client", ""),
        ("webhooks/domain/event.py:1", "SELECT", "clients_client", "a repository does that"),
    ],
)
def test_a_statement_may_come_from_where_its_table_is_asked_and_from_nowhere_else(asked_by, verb, table, breach):
    statement = {"verb": verb, "table": table, "stack": ["plumbing/pages.py:9", asked_by, "webhooks/other.py:1"]}

    found = breaches([statement], walls_of(AFTER))

    assert [what.endswith(breach) for _, what in found] == ([True] if breach else [])


def test_a_statement_of_djangos_own_breaks_no_wall():
    assert breaches([{"verb": "SELECT", "table": "webhooks_event", "stack": []}], Walls()) == []


@pytest.mark.parametrize(
    "statement", ["from webhooks import models", "import plumbing.fields", "from .. import models"]
)
def test_a_migration_that_imports_from_the_project_is_found(copy, statement):
    plant(copy, "clients/migrations/two.py", f"from django.db import models\n{statement}")

    (problem,) = sameness.migrations_stand_alone(copy.parent)

    assert str(problem).startswith("after/clients/migrations/two.py:4: a migration imports ")


def test_a_model_that_no_migration_follows_is_found(copy):
    path = copy / "clients" / "models.py"
    path.write_text(path.read_text().replace("max_length=140", "max_length=141"))

    (problem,) = sameness.models_match_migrations(copy.parent)

    assert "Alter field name on client" in str(problem)


def test_every_stage_with_walls_is_linted():
    assert {"mypy, after", "import-linter, after"} <= lint.tools().keys()
    assert Stage("before", ROOT / "before") not in lint.fenced()
