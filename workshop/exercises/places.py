"""The places of red checks, in the form that editors read: a file and a line."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from workshop import ROOT
from workshop.exercises.judge import Verdict

README = "README.md"  # the place of a finding whose file is missing: an editor can open no other


@dataclass(frozen=True)
class Place:
    """A file of the learner's, and a line counted from 1 (0 without a line)."""

    file: Path
    line: int


def first_place(verdict: Verdict, folder: Path) -> Place | None:
    """The place of the first red check; None if no check is red, or if its finding names no file that is there."""
    if verdict.is_green:
        return None
    found = verdict.red[0].findings[0]
    file = folder / found.file
    return Place(file, found.line) if found.file and file.is_file() else None


def problem_lines(verdict: Verdict, folder: Path, root: Path = ROOT) -> Iterator[str]:
    """A heading, then `work/shop/invoice.py:8: error: …` for each finding of a red check, as compilers write it.

    `.vscode/tasks.json` reads these lines. Paths are relative to the repository if the folder is in it.
    """
    yield f"Red checks: {len(verdict.red)}"
    shown = folder.relative_to(root) if folder.is_relative_to(root) else folder
    for result in verdict.red:
        for found in result.findings:
            is_there = found.file and (folder / found.file).is_file()
            path, line = (found.file, found.line or 1) if is_there else (README, 1)
            message = " ".join(replace(result, findings=(found,)).message().split())
            yield f"{shown / path}:{line}: error: {message} [{result.check.id}]"
