"""Measure the precision of each sign again, from the verdicts and from checkouts of the projects."""

import json
import random
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django_signs.analysis import NEVER_IN_FULL, Report
from django_signs.command import examine
from django_signs.findings import Finding
from django_signs.options import Options

HERE = Path(__file__).parent
SEED = 20261130
DRAWN = 12
FIRST = "the first three of each project"
VERDICTS = ("true", "harmless", "wrong")


@dataclass(frozen=True)
class Project:
    """A public project at one commit. `options` are what its team would write into [tool.signs]."""

    repository: str
    commit: str
    options: Options

    @property
    def name(self) -> str:
        """The folder of its checkout."""
        return self.repository.rpartition("/")[2]


@dataclass(frozen=True)
class Verdict:
    """The verdict of a person who read the code of a finding."""

    project: str
    sign: str
    fingerprint: str
    place: str
    verdict: str
    note: str


def projects() -> list[Project]:
    """The projects of the corpus."""
    held = json.loads((HERE / "projects.json").read_text(encoding="utf-8"))
    return [Project(project["repository"], project["commit"], _options(project.get("options", {}))) for project in held]


def verdicts() -> list[Verdict]:
    """All verdicts, in the order of the file."""
    lines = (HERE / "verdicts.tsv").read_text(encoding="utf-8").splitlines()
    return [Verdict(*line.split("\t")) for line in lines if line and not line.startswith("#")]


def reports(checkouts: Path) -> Iterator[tuple[Project, Report | None]]:
    """The report of each project; None if its checkout is missing or at another commit."""
    for project in projects():
        folder = checkouts / project.name
        report = examine(folder, project.options, with_history=True) if commit_of(folder) == project.commit else None
        yield project, report


def commit_of(folder: Path) -> str:
    """The commit of a checkout, empty if there is none."""
    if not folder.is_dir():
        return ""
    done = subprocess.run(["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, text=True)
    return done.stdout.strip()


def group_of(finding: Finding) -> str:
    """The sign; findings that are only listed, never shown in full, are measured apart."""
    return f"{finding.sign}, listed" if finding.is_brief or finding.sign in NEVER_IN_FULL else finding.sign


def drawn(findings: dict[str, list[Finding]]) -> dict[str, list[tuple[str, Finding]]]:
    """For each sign a sample by seed, at most half of it from one project if the others have enough."""
    by_sign: dict[str, list[tuple[str, Finding]]] = defaultdict(list)
    for project, ones in sorted(findings.items()):
        for finding in ones:
            by_sign[group_of(finding)].append((project, finding))
    samples = {}
    for sign, ones in sorted(by_sign.items()):
        ones = sorted(ones, key=lambda item: (item[0], item[1].fingerprint))
        random.Random(f"{SEED} {sign}").shuffle(ones)
        kept: list[tuple[str, Finding]] = []
        for project, finding in ones:
            if len(kept) < DRAWN and sum(name == project for name, _ in kept) < DRAWN // 2:
                kept.append((project, finding))
        samples[sign] = kept
    return samples


def table(checkouts: Path) -> Iterator[str]:
    """The table of docs/signs.md: hits today, and the verdicts on those findings that are still found."""
    found: dict[str, dict[str, Finding]] = {}
    first: set[tuple[str, str]] = set()
    for project, report in reports(checkouts):
        if report is None:
            yield f"{project.name}: no checkout at {project.commit[:10]}; left out"
        else:
            found[project.name] = {finding.fingerprint: finding for finding in report.findings}
            first |= {(project.name, finding.fingerprint) for finding in report.in_full}
    hits = Counter(group_of(finding) for ones in found.values() for finding in ones.values())
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for verdict in verdicts():
        if finding := found.get(verdict.project, {}).get(verdict.fingerprint):
            said[group_of(finding)][verdict.verdict] += 1
            if (verdict.project, verdict.fingerprint) in first:
                said[FIRST][verdict.verdict] += 1
    hits[FIRST] = len(first)
    yield "| sign | hits | read | true / harmless / wrong | precision |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for sign, count in sorted(hits.items()):
        numbers = [said[sign][verdict] for verdict in VERDICTS]
        read = sum(numbers)
        share = f"{100 * numbers[0] / read:.0f} %" if read else "–"
        yield f"| {sign} | {count} | {read} | {' / '.join(map(str, numbers))} | {share} |"


def _options(held: dict[str, list[str]]) -> Options:
    return Options(**{name: tuple(values) for name, values in held.items()})
