"""The parts that no step of the migration touches: plumbing/, the migrations, and so the tables."""

import ast
from collections.abc import Iterator
from pathlib import Path

from workshop import ROOT
from workshop.base import leftovers, setup
from workshop.base.calls import call, last_words
from workshop.base.problems import Problem
from workshop.base.stages import Stage, stages
from workshop.harness.inside import surroundings
from workshop.maintaining.walls import imports

RINGS = ("clients", "config", "plumbing", "webhooks")
SAME = ("plumbing", "clients/migrations", "webhooks/migrations")


def same_everywhere(root: Path = ROOT) -> Iterator[Problem]:
    """plumbing/ and the migrations are the same files in every stage, byte for byte."""
    here = stages(root)
    for stage in here[1:]:
        for folder in SAME:
            yield from _differences(here[0], stage, folder, root)


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


def _differences(first: Stage, other: Stage, folder: str, root: Path) -> Iterator[Problem]:
    expected, found = _files(first.folder / folder), _files(other.folder / folder)
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            if name not in expected:
                what = f"is not in {first.name}/{folder}"
            elif name not in found:
                what = f"is missing; {first.name}/{folder} has it"
            else:
                what = f"is not the same as in {first.name}/{folder}"
            yield Problem((other.folder / folder / name).relative_to(root), 1, what)


def _files(folder: Path) -> dict[Path, bytes]:
    return {Path(name): (folder / name).read_bytes() for name in leftovers.files(folder, hidden=True)}
