"""Django projects of two layouts to take starters into, made with Django's own commands."""

import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from workshop.__main__ import cli
from workshop.base.problems import CommandFailed

BARE = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHONDONTWRITEBYTECODE": "1"}
BARE |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # this environment has plugins that take a second to import
PYPROJECT = """[project]
name = "company"
version = "1"

[tool.pytest.ini_options]
DJANGO_SETTINGS_MODULE = "config.settings.local"
pythonpath = ["src"]
addopts = "-p pytest_django.plugin -p no:cacheprovider"
"""
INVOICES = """from django.db import models
from django.utils.translation import gettext_lazy as _

from {accounts}.models import Person


class Invoice(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent")
        PAID = "paid"

    number = models.CharField(max_length=20)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    total = models.DecimalField(max_digits=12, decimal_places=2)
    is_disputed = models.BooleanField(default=False)
    due_on = models.DateField()
    sent_at = models.DateTimeField(null=True)
"""
PEOPLE = """from django.db import models

ROLES = ((1, "Customer"), (2, "Clerk"))


class Person(models.Model):
    role = models.IntegerField(choices=ROLES, default=1)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
"""


def run(folder: Path, *command: str) -> subprocess.CompletedProcess:
    """A command with this Python, in a project's folder."""
    return subprocess.run([sys.executable, *command], cwd=folder, env=BARE, capture_output=True, text=True)


def must(folder: Path, *command: str) -> str:
    done = run(folder, *command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def take(*arguments: str, **options) -> tuple[int, str]:
    """The exit code of `./ws take` and what it said."""
    done = CliRunner().invoke(cli, ["take", *map(str, arguments)], **options)
    if isinstance(done.exception, CommandFailed):
        return 1, f"{done.output}{done.exception}"
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def made(folder: Path, apps: dict[str, str]) -> None:
    """A project and its apps, by Django's own commands in one process. `apps` has a folder for each name."""
    folder.mkdir(parents=True)
    lines = ["from django.core.management import call_command as call", "call('startproject', 'config', '.')"]
    for app, inner in apps.items():
        if inner == app:
            lines.append(f"call('startapp', {app!r})")
        else:
            (folder / inner).mkdir(parents=True)
            lines.append(f"call('startapp', {app!r}, {inner!r})")
    must(folder, "-c", "\n".join(lines))


def flat(folder: Path) -> Path:
    """manage.py and two apps side by side, with the tests.py that startapp makes: Django's test runner."""
    made(folder, {"accounts": "accounts", "shop": "shop"})
    for app, models in (("accounts", PEOPLE), ("shop", INVOICES.format(accounts="accounts"))):
        (folder / app / "models.py").write_text(models)
    _install(folder / "config" / "settings.py", "accounts", "shop")
    must(folder, "manage.py", "makemigrations")
    return folder


def src(folder: Path) -> Path:
    """src/ with a package of settings, both apps below one package, tests in a package, and pytest-django."""
    inner, settings = folder / "src", folder / "src" / "config" / "settings"
    made(inner, {"accounts": "company/accounts", "shop": "company/shop"})
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / ".git").mkdir()
    (inner / "company" / "__init__.py").touch()
    for app, models in (("accounts", PEOPLE), ("shop", INVOICES.format(accounts="company.accounts"))):
        (inner / "company" / app / "models.py").write_text(models)
        (inner / "company" / app / "tests.py").unlink()
        _replace(inner / "company" / app / "apps.py", app, f"company.{app}", count=1)
    (inner / "company" / "shop" / "tests").mkdir()
    (inner / "company" / "shop" / "tests" / "__init__.py").touch()
    settings.mkdir()
    (inner / "config" / "settings.py").rename(settings / "base.py")
    _install(settings / "base.py", "company.accounts", "company.shop")
    (settings / "local.py").write_text("from config.settings.base import *\n")
    (settings / "__init__.py").touch()
    _replace(inner / "manage.py", "config.settings", "config.settings.local")
    must(inner, "manage.py", "makemigrations")
    return folder


def _replace(file: Path, text: str, by: str, count: int = -1) -> None:
    assert text in file.read_text()
    file.write_text(file.read_text().replace(text, by, count))


def _install(settings: Path, *apps: str) -> None:
    _replace(settings, "INSTALLED_APPS = [", f"INSTALLED_APPS = [{', '.join(map(repr, apps))},")
