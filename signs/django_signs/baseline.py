"""A file of known findings, so that only new ones fail: fingerprints, each with a name for people."""

import json
from pathlib import Path

from .findings import Finding

VERSION = 1


class BadBaseline(Exception):
    """The file is not a baseline."""


def read(path: Path) -> set[str]:
    """The fingerprints of a baseline file. Raises BadBaseline."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return {finding["fingerprint"] for finding in held["findings"]}
    except FileNotFoundError as error:
        raise BadBaseline(f"There is no {path}. Make it with --write-baseline {path}.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadBaseline(f"{path} is not a baseline file. Make a new one with --write-baseline {path}.") from error


def written(findings: list[Finding]) -> str:
    """The text of a baseline file, in an order that merges well."""
    rows = [
        {"fingerprint": finding.fingerprint, "sign": finding.sign, "name": finding.name}
        for finding in sorted(findings, key=lambda finding: (finding.sign, finding.name))
    ]
    return json.dumps({"version": VERSION, "findings": rows}, indent=1, ensure_ascii=False) + "\n"
