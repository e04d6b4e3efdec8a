"""One sentence on a project's problem, instead of a score."""

from collections import Counter

from .findings import Finding
from .project import Project

GROUPS = {
    "scattered-set": "rules about one list of kinds or states are spread",
    "unowned-state": "rules about one list of kinds or states are spread",
    "fat-entry": "views and tasks decide and write",
    "mixed-function": "functions decide, write and send at once",
    "hidden-work": "saving does more than it says",
    "world-in-transaction": "messages leave before the commit",
    "scattered-writes": "many modules write the same tables",
    "same-condition": "rules are written out in queries",
    "patched-door": "tests are tied to import paths",
    "hot-function": "a few hard functions change all the time",
    "lost-write": "counters can lose a change",
    "table-is-api": "tables are published as they are",
}
AREAS = {
    "views": {"fat-entry", "mixed-function"},
    "signals": {"hidden-work"},
    "transactions": {"world-in-transaction"},
    "tests": {"patched-door"},
    "imports between apps": {"app-circle"},
    "writes and queries": {"scattered-writes", "same-condition"},
}


def sentence(project: Project, findings: list[Finding]) -> str:
    """The common cause of the findings, and the areas without any."""
    if not project.files:
        return "no Python code was found here"
    if not any(True for _ in project.models) and not findings:
        return "no Django model was found here, so there was little to look at"
    if not findings:
        return "nothing that these signs look for was found"
    counts: Counter[str] = Counter()
    for finding in findings:
        if finding.sign in GROUPS:
            counts[GROUPS[finding.sign]] += 1
    most = [
        name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], list(GROUPS.values()).index(item[0])))
    ][:2]
    calm = [area for area, signs in AREAS.items() if not any(finding.sign in signs for finding in findings)]
    if project.tests and not any(file.patches for file in project.tests):
        calm = [area for area in calm if area != "tests"]
    if not project.tests:
        calm = [area for area in calm if area != "tests"]
    text = " and ".join(most) if most else "apps import each other in a circle"
    if calm:
        text += f"; no sign in {_listed(calm)}"
    return text


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
