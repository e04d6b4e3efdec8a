"""How it is to be built. WRITE: one function for each architecture check of exercise.toml."""

from collections.abc import Iterator

from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import imports


def prices_without_django(project: Project) -> Iterator[Finding]:
    yield from imports.reaches(project, "shop.prices", ["django"])
