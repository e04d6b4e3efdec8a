"""How much a gift note may cost. One function for each architecture check of exercise.toml."""

from collections.abc import Iterator

from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import budget


def no_more_than_asked_for(project: Project) -> Iterator[Finding]:
    yield from budget.beyond(project, new_files=2, lines=60, reason=budget.REASON)
