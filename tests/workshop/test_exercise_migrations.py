"""The probe that runs a learner's migrations: rows of yesterday, whatever has become of the files."""

import os
import subprocess
import sys

import pytest

from workshop import ROOT

SETTINGS = """
SECRET_KEY = "for this test"
INSTALLED_APPS = ["shelf"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "nobody-writes-here.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""
MODEL = """
from django.db import models

class Thing(models.Model):
    {field} = models.IntegerField(null=True)
"""
FIRST = """
from django.db import migrations, models

class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.CreateModel("Thing", [
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        ("{field}", models.IntegerField(null=True)),
    ])]
"""
SECOND = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("shelf", "0001_initial")]
    operations = [{operations}]
"""
RENAMED = 'migrations.RenameField("Thing", "stock", "on_hand")'
LOST = (
    'migrations.RemoveField("Thing", "stock"), migrations.AddField("Thing", "on_hand", models.IntegerField(null=True))'
)
SCRIPT = """
import sys
from pathlib import Path
from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import migrations, running

project = Project(Path("work"), Path("start"))
sys.path.insert(0, "work")
running.start_django()
before = migrations.as_at_start(project, "shelf").get_model("shelf", "Thing")
before.objects.create(stock=7)
if problem := migrations.upgrade(project, "shelf"):
    print(problem.place, problem.found)
    sys.exit()
from django.db import models
from shelf.models import Thing
kept, problem = running.attempt(project, Finding("models.py", 0, ""), lambda: list(Thing.objects.values_list("on_hand", flat=True)))
if problem:
    print(problem.found)
    sys.exit()
migrations.add_column(Thing, "bought_for", models.IntegerField(default=3))
print(kept, list(Thing.objects.values_list("bought_for", flat=True)))
"""


@pytest.fixture
def upgraded(tmp_path):
    """Writes the learner's files next to those of start/, and returns the outcome of an upgrade."""

    def run(**migrations):
        for folder, field in (("start", "stock"), ("work", "on_hand")):
            (tmp_path / folder / "shelf" / "migrations").mkdir(parents=True)
            for package in ("shelf", "shelf/migrations"):
                (tmp_path / folder / package / "__init__.py").touch()
            (tmp_path / folder / "settings.py").write_text(SETTINGS)
            (tmp_path / folder / "shelf" / "models.py").write_text(MODEL.format(field=field))
        (tmp_path / "start" / "shelf" / "migrations" / "0001_initial.py").write_text(FIRST.format(field="stock"))
        for name, text in migrations.items():
            (tmp_path / "work" / "shelf" / "migrations" / f"{name.lstrip('_')}.py").write_text(text)
        environment = os.environ | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "settings"}
        ended = subprocess.run(
            [sys.executable, "-B", "-c", SCRIPT], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert ended.returncode == 0, ended.stderr
        assert not list(tmp_path.rglob("*.sqlite3")), "the database is to be in memory"
        return ended.stdout.strip()

    return run


def test_a_renamed_field_keeps_its_numbers_and_takes_one_more_column(upgraded):
    first, second = FIRST.format(field="stock"), SECOND.format(operations=RENAMED)

    assert upgraded(_0001_initial=first, _0002_on_hand=second) == "[7] [3]"


def test_a_field_taken_away_and_added_again_is_seen_to_be_empty(upgraded):
    first, second = FIRST.format(field="stock"), SECOND.format(operations=LOST)

    assert upgraded(_0001_initial=first, _0002_on_hand=second) == "[None] [3]"


def test_an_edited_first_migration_does_not_hide_what_ran_before(upgraded):
    assert "no such column" in upgraded(_0001_initial=FIRST.format(field="on_hand"))


def test_a_migration_that_cannot_run_is_a_finding(upgraded):
    first, second = FIRST.format(field="stock"), SECOND.format(operations=RENAMED.replace("stock", "stack"))

    assert "no field named 'stack'" in upgraded(_0001_initial=first, _0002_on_hand=second)


def test_two_migrations_that_come_last_stop_an_upgrade_as_they_stop_migrate(upgraded):
    first, second = FIRST.format(field="stock"), SECOND.format(operations=RENAMED)
    other = SECOND.format(operations="")

    assert "two migrations come last, 0002_on_hand and 0002_other" in upgraded(
        _0001_initial=first, _0002_on_hand=second, _0002_other=other
    )


def test_a_migration_wedged_in_before_one_that_has_run_stops_an_upgrade(upgraded):
    first = FIRST.format(field="stock").replace("dependencies = []", 'dependencies = [("shelf", "0000_before")]')
    before = SECOND.format(operations="").replace('("shelf", "0001_initial")', "")

    assert "applied before its dependency shelf.0000_before" in upgraded(_0001_initial=first, _0000_before=before)
