"""From a project to its report: all signs, the findings left on purpose, and the order of the findings."""

import re
from collections import Counter
from dataclasses import dataclass, field

from .catalogue import (
    app_circle,
    early_world,
    fat_entry,
    hidden_work,
    hot_function,
    lost_write,
    patched_door,
    same_condition,
    scattered_set,
    scattered_writes,
    table_is_api,
    unowned_state,
)
from .effects import Effects
from .findings import Finding, LeftAlone, Spot
from .history import History
from .project import Project

IN_FULL = 3
MOST_PRICED_SETS = 12
LEAST_YEARS = 2
# How much a sign counts in the order: its measured precision, and what a finding usually costs.
WORTH = {
    "scattered-set": 100,
    "hidden-work": 90,
    "world-in-transaction": 80,
    "fat-entry": 85,
    "mixed-function": 80,
    "scattered-writes": 70,
    "same-condition": 75,
    "unowned-state": 65,
    "hot-function": 60,
    "patched-door": 50,
    "lost-write": 30,
    "table-is-api": 20,
    "app-circle": 10,
}
NEVER_IN_FULL = {"app-circle", "table-is-api", "lost-write"}


@dataclass(slots=True)
class Report:
    """Everything that is known about a project."""

    project: Project
    findings: list[Finding]
    """In the order to show them."""
    left: list[LeftAlone]
    """Looked at, and innocent by a rule."""
    silenced: list[tuple[Finding, str]]
    """Left by a comment, with its reason."""
    known: list[Finding] = field(default_factory=list)
    """Findings that the baseline or the earlier revision has too."""
    history: History | None = None
    no_history: str = ""

    @property
    def in_full(self) -> list[Finding]:
        """The findings to show in full: at most three."""
        return [finding for finding in self.findings if not finding.is_brief and finding.sign not in NEVER_IN_FULL][
            :IN_FULL
        ]


def analyse(project: Project, history: History | None = None) -> Report:
    """Every sign of a project, in order of worth."""
    effects = Effects(project)
    left: list[LeftAlone] = []
    found = [
        *scattered_set.find(project, effects),
        *unowned_state.find(project, effects),
        *fat_entry.find(project, effects),
        *hidden_work.find(project, effects, left),
        *early_world.find(project, effects),
        *scattered_writes.find(project, effects),
        *same_condition.find(project, effects),
        *patched_door.find(project),
        *app_circle.find(project),
        *table_is_api.find(project),
        *hot_function.find(project, history, left),
        *lost_write.find(project, effects),
    ]
    kept, silenced = _without_left(project, _unique(found))
    if history:
        for finding in kept:
            finding.heat = sum(history.commits_of(path) for path in finding.paths[:20])
        for finding in [finding for finding in ordered(kept) if finding.sign == scattered_set.SIGN][:MOST_PRICED_SETS]:
            finding.costs = history.price(finding)
            # No new member for years: the set is closed, so a registry would not help.
            finding.is_brief = finding.newcomers == 0 and history.years >= LEAST_YEARS
    return Report(project, ordered(kept), left, silenced, history=history)


def ordered(findings: list[Finding]) -> list[Finding]:
    """By worth and weight, so that the first ones are of different signs."""
    by_sign: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda each: (-each.weight, -each.heat, each.name)):
        by_sign.setdefault(finding.sign, []).append(finding)
    ranked = [
        (WORTH[sign] - 28 * rank + _extra(finding) - 60 * finding.is_brief, finding)
        for sign, ones in by_sign.items()
        for rank, finding in enumerate(ones)
    ]
    return [finding for _, finding in sorted(ranked, key=lambda item: (-item[0], item[1].sign, item[1].name))]


def _extra(finding: Finding) -> float:
    """Up to 20 for a large finding and up to 10 for a busy one; a set that nothing joins any more goes down."""
    size = min(20.0, finding.weight / 4) + min(10.0, finding.heat / 10)
    if finding.newcomers is None:
        return size
    return size + (5 * min(finding.newcomers, 4) if finding.newcomers else -40)


def _unique(findings: list[Finding]) -> list[Finding]:
    """Findings with names of their own: a name that comes twice gets a number."""
    counts: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        counts[finding.sign, finding.name] += 1
        if (number := counts[finding.sign, finding.name]) > 1:
            finding.name = f"{finding.name}#{number}"
    return findings


def _without_left(project: Project, findings: list[Finding]) -> tuple[list[Finding], list[tuple[Finding, str]]]:
    """The findings without a comment that leaves them, and the findings with one."""
    leaves = {file.path: file.leaves for file in project.files if file.leaves}
    kept: list[Finding] = []
    silenced: list[tuple[Finding, str]] = []
    for finding in findings:
        why = next(
            (found for place in [finding.where, *finding.places] if (found := _left(place, finding, leaves))), None
        )
        if why is None:
            kept.append(finding)
        else:
            silenced.append((finding, why))
    return kept, silenced


def _left(place: Spot, finding: Finding, leaves: dict[str, dict[int, tuple[str, str]]]) -> str | None:
    """The reason of a comment in the function, or on the line before the place; a comment without a reason does not count."""
    for line, (sign, why) in leaves.get(place.path, {}).items():
        last = max(place.until, place.line)
        if sign == finding.sign and place.line - 3 <= line <= last and re.search(r"\w", why):
            return why
    return None
