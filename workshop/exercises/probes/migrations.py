"""The learner's migrations, run on an in-memory database with the tables of start/. Needs the project's settings.

A check calls `as_at_start`, inserts rows, calls `upgrade`, and looks at the rows afterwards.
"""

import runpy
from typing import Any

from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import running


def as_at_start(project: Project, app: str) -> Any:
    """Makes the tables of one app as in start/, even if the learner changed its migrations; returns its models.

    The models come from the migrations (`.get_model("shop", "Product")`), so that a check can insert rows.
    """
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder
    from django.db.migrations.state import ProjectState

    connection.close()
    connection.settings_dict["NAME"] = ":memory:"
    state, recorder = ProjectState(), MigrationRecorder(connection)
    recorder.ensure_schema()
    for file in sorted((project.start / app / "migrations").glob("[0-9]*.py")):
        migration = runpy.run_path(str(file))["Migration"]
        with connection.schema_editor() as editor:
            state = migration(file.stem, app).apply(state, editor)
        recorder.record_applied(app, file.stem)
    return state.apps


def upgrade(project: Project, app: str) -> Finding | None:
    """Runs the learner's new migrations, as a deploy does; returns the error that stopped them."""
    from django.core.management import CommandError
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    def run() -> None:
        executor = MigrationExecutor(connection)
        executor.loader.check_consistent_history(connection)
        if conflicts := executor.loader.detect_conflicts():
            raise CommandError(f"two migrations come last, {' and '.join(sorted(conflicts[app]))}")
        executor.migrate(executor.loader.graph.leaf_nodes())

    return running.attempt(project, Finding(f"{app}/migrations", 0, ""), run)[1]


def add_column(model: Any, name: str, field: Any) -> None:
    """Adds a column to a model, in Python and in the database, as the next change would."""
    from django.db import connection

    model.add_to_class(name, field)
    with connection.schema_editor() as editor:
        editor.add_field(model, model._meta.get_field(name))
