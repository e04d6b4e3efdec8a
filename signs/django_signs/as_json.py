"""The report for programs: JSON of its own, and SARIF 2.1.0 for code review."""

import json
from typing import Any

from .analysis import Report
from .findings import Finding, Spot
from .shape import sentence
from .texts import TEXTS

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_json(report: Report) -> str:
    """Everything, in the order of the report. The same input gives the same bytes."""
    project = report.project
    held: dict[str, Any] = {
        "version": 1,
        "project": project.name,
        "lines": project.lines,
        "files": sum(1 for _ in project.code()),
        "apps": len(project.apps),
        "models": len(project.models),
        "tests": sum(file.tests for file in project.tests),
        "shape": sentence(project, report.findings),
        "history": _history(report),
        "findings": [_finding(finding) for finding in report.findings],
        "known": [finding.fingerprint for finding in report.known],
        "left_by_comment": [{**_finding(finding), "why": why} for finding, why in report.silenced],
        "left_alone": [
            {"sign": left.sign, "what": left.what, "why": left.why, **_spot(left.where)} for left in report.left
        ],
        "not_read": dict(sorted(project.unread.reasons.items())),
    }
    return json.dumps(held, indent=1, ensure_ascii=False) + "\n"


def as_sarif(report: Report) -> str:
    """SARIF 2.1.0: a rule for each sign, a result for each finding, all at the level `note`."""
    rules = [
        {
            "id": sign,
            "name": text.title,
            "shortDescription": {"text": text.means},
            "help": {"text": f"{text.do}. Leave it when {text.leave}."},
        }
        for sign, text in TEXTS.items()
    ]
    results = [
        {
            "ruleId": finding.sign,
            "level": "note",
            "message": {"text": f"{finding.title}. {'; '.join(finding.facts)}"},
            "partialFingerprints": {"signs/v1": finding.fingerprint},
            "locations": [_location(finding.where)],
            "relatedLocations": [_location(place) for place in finding.places],
        }
        for finding in report.findings
    ]
    driver = {"name": "signs", "version": "1.0.0", "rules": rules}
    held = {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    return json.dumps(held, indent=1, ensure_ascii=False) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    text = TEXTS[finding.sign]
    return {
        "sign": finding.sign,
        "fingerprint": finding.fingerprint,
        "name": finding.name,
        "title": finding.title,
        **_spot(finding.where),
        "places": [_spot(place) for place in finding.places],
        "facts": finding.facts,
        "members": list(finding.members),
        "costs": finding.costs,
        "do": text.do,
        "steps": list(text.steps),
        "exercise": text.exercise,
        "pattern": text.pattern,
    }


def _spot(place: Spot) -> dict[str, Any]:
    held: dict[str, Any] = {"path": place.path, "line": place.line}
    return held | ({"note": place.note} if place.note else {})


def _location(place: Spot) -> dict[str, Any]:
    return {
        "physicalLocation": {"artifactLocation": {"uri": place.path}, "region": {"startLine": max(place.line, 1)}},
        **({"message": {"text": place.note}} if place.note else {}),
    }


def _history(report: Report) -> dict[str, Any] | None:
    if report.history is None:
        return None
    return {"commits": len(report.history.commits), "years": round(report.history.years, 1)}
