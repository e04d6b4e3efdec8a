"""The parts that no step of the migration touches: plumbing/, the migrations, and so the tables.

`workshop.maintaining.road.upkeep` finds a commit that touches them. As the commits lead from before/ to after/, they are
the same in both.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from workshop import ROOT
from workshop.base import setup
from workshop.base.calls import call, last_words
from workshop.base.problems import Problem
from workshop.base.stages import Stage, stages
from workshop.harness.inside import surroundings
from workshop.maintaining.walls import imports

RINGS = ("clients", "config", "plumbing", "webhooks")
SAME = ("plumbing", "clients/migrations", "webhooks/migrations")


def migrations_stand_alone(root: Path = ROOT) -> Iterator[Problem]:
    """A problem for each migration that imports from the project: it breaks when the project changes."""
    for stage in stages(root):
        for source in sorted(stage.folder.glob("*/migrations/*.py")):
            for line, module in imports(ast.parse(source.read_text(encoding="utf-8"))):
                if module.split(".")[0] in RINGS or module.startswith("."):
                    what = f"a migration imports {module}; it may know nothing of the project"
                    yield Problem(source.relative_to(root), line, what)


def models_match_migrations(root: Path = ROOT) -> Iterator[Problem]:
    """`makemigrations --check` in every stage: its models must match the tables."""
    for stage in stages(root):
        yield from unmatched(stage)


def unmatched(stage: Stage) -> Iterator[Problem]:
    """The same for one stage."""
    if said := managed(stage, "makemigrations", "--check", "--dry-run"):
        yield Problem(Path(stage.name) / "manage.py", 1, f"makemigrations finds a change:\n{said}")


def managed(stage: Stage, *arguments: str) -> str | None:
    """The output of `manage.py` on an empty database if it failed; None if it succeeded."""
    with surroundings(stage) as environment:
        command = [str(setup.interpreter()), "-B", "manage.py", *arguments]
        done = call(command, stage.folder, environment, 60)
    return last_words(done.stdout + done.stderr) if done.returncode else None
