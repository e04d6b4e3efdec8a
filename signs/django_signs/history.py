"""Three years of a project's history: which files a commit touched, and when a member of a set came in.

The three years end at the newest commit, not today: the same input gives the same answer on any day.
"""

import re
import statistics
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from .findings import Finding
from .kinds import kind_of

YEARS = 3
YEAR = 365.25 * 86400
FOLLOW_UP = 14 * 86400
MOST_FILES = 60
"""A commit that touches more files is a sweep: it renames or formats, and says nothing about one change."""


class NoHistory(Exception):
    """The folder is not in a git repository, or git does not answer."""


@dataclass(slots=True)
class Commit:
    """One commit: when, its first line, and the Python files that it touched."""

    id: str
    at: int
    subject: str
    files: list[str] = field(default_factory=list)

    @property
    def month(self) -> str:
        """`2025-11`."""
        return datetime.fromtimestamp(self.at, UTC).strftime("%Y-%m")

    @property
    def code_files(self) -> list[str]:
        """The files of application code among them."""
        return [path for path in self.files if kind_of(path) in ("code", "settings", "command")]


class History:
    """The commits of the last three years that touch Python files below a folder."""

    def __init__(self, folder: Path, revision: str = "HEAD") -> None:
        """Reads them with one call of git. Raises NoHistory."""
        self.folder = folder
        self.revision = revision
        newest = self._git("log", "-1", "--format=%ct", revision).strip()
        if not newest:
            raise NoHistory("there is no commit yet")
        self.since = int(newest) - int(YEARS * YEAR)
        listed = self._git(
            "log", revision, f"--since={self.since}", "--no-merges", "--no-renames", "--relative", "--name-only",
            "--format=%x00%H%x09%ct%x09%s", "--", "*.py",
        )  # fmt: skip
        self.commits = [_commit(part) for part in listed.split("\0")[1:]]
        self.is_shallow = self._git("rev-parse", "--is-shallow-repository").strip() == "true"
        self._counts: Counter[str] = Counter()
        for commit in self.commits:
            if len(commit.files) <= MOST_FILES:
                self._counts.update(commit.files)

    def commits_of(self, path: str) -> int:
        """How many commits touched a file, sweeps left out."""
        return self._counts[path]

    @property
    def years(self) -> float:
        """How far the commits reach back."""
        if not self.commits:
            return 0.0
        return (max(one.at for one in self.commits) - min(one.at for one in self.commits)) / YEAR

    def typical_size(self) -> float:
        """The median of application files in a commit."""
        sizes = [len(one.code_files) for one in self.commits if one.code_files]
        return statistics.median(sizes) if sizes else 0

    def price(self, finding: Finding) -> list[str]:
        """What a finding has cost in this project, one sentence a line; empty where history says nothing."""
        if finding.members:
            lines = self._price_of_members(finding)
            if lines:
                return lines
        touched = sum(1 for one in self.commits if set(one.files) & set(finding.paths) and len(one.files) <= MOST_FILES)
        if finding.where.until:
            return self._price_of_function(finding)
        return [f"{touched} commits in three years touched these files"] if touched else []

    def _price_of_function(self, finding: Finding) -> list[str]:
        path = finding.where.path
        count = self._counts[path]
        if not count:
            return ["the file has not changed in three years"]
        ranked = sorted(self._counts.values(), reverse=True)
        place = sum(1 for one in ranked if one > count) + 1
        line = f"its file changed {count} {'time' if count == 1 else 'times'} in three years"
        if place <= max(3, len(ranked) // 10):
            line += f", number {place} of {len(ranked)} files"
        fixes = sum(
            1 for one in self.commits if path in one.files and re.search(r"(?i)\b(?:fix|bug|regress)", one.subject)
        )
        if fixes >= 2:
            line += f"; {fixes} of these commits say that they fix something"
        return [line]

    def _price_of_members(self, finding: Finding) -> list[str]:
        came = self._arrivals(finding)
        if not came:
            return ["no member came in the last three years"]
        sizes = [len(commit.code_files) for _, commit, _ in came]
        noun = finding.title.partition(" is ")[0]
        last = came[-4:]
        touched = [str(len(commit.code_files)) for _, commit, _ in last]
        if len(last) == 1:
            lines = [
                f"the last new member of {noun}, {last[0][0]}, touched {touched[0]} application files in its first commit"
            ]
        else:
            listed = ", ".join(touched[:-1]) + f" and {touched[-1]}"
            lines = [
                f"the last {len(last)} new members touched {listed} application files in their first commits "
                f"(median of all {len(came)}: {statistics.median(sizes):g})"
            ]
        for name, commit, later in reversed(came):
            if later:
                missed = "file" if len(later) == 1 else "files"
                lines.append(
                    f"{commit.month} {name}: {len(later)} more {missed} in the two weeks after, missed at first"
                )
                break
        return lines

    def _arrivals(self, finding: Finding) -> list[tuple[str, Commit, set[str]]]:
        """The members that came in these years, oldest first, with the commit and the files that followed later."""
        known = {one.id: one for one in self.commits}
        members = {name: re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])") for name in finding.members}
        text = self._git(
            "log", self.revision, f"--since={self.since}", "--no-merges", "--no-renames", "--relative", "--reverse",
            "--unified=0", "--format=%x00%H", "--", *finding.paths[:40],
        )  # fmt: skip
        seen_before = self._known_before(finding.paths[:40], members)
        first: dict[str, Commit] = {}
        later: dict[str, set[str]] = defaultdict(set)
        for part in text.split("\0")[1:]:
            head, _, diff = part.partition("\n")
            commit = known.get(head.strip())
            if commit is None:
                continue
            for name, path in _added(diff, members):
                if name in seen_before:
                    continue
                if name not in first:
                    first[name] = commit
                elif commit.at - first[name].at <= FOLLOW_UP and commit is not first[name]:
                    if path not in first[name].files:
                        later[name].add(path)
        groups = sorted(first.items(), key=lambda item: (item[1].at, item[0]))
        counted = Counter(commit.id for commit in first.values())
        kept = [
            (name, commit, later[name])
            for name, commit in groups
            if commit.code_files and len(commit.code_files) <= MOST_FILES and counted[commit.id] <= 2
        ]
        alone: list[tuple[str, Commit, set[str]]] = []
        for name, commit, files in kept:
            if alone and alone[-1][1] is commit:
                continue
            alone.append((name, commit, files))
        return alone

    def _known_before(self, paths: Iterable[str], members: dict[str, re.Pattern[str]]) -> set[str]:
        """The members that stood in these files before the three years began."""
        start = self._git("rev-list", "-1", f"--before={self.since}", self.revision).strip()
        if not start:
            return set()
        found: set[str] = set()
        for path in paths:
            text = self._git("show", f"{start}:./{path}", fails="")
            found |= {name for name, pattern in members.items() if name not in found and pattern.search(text)}
        return found

    def _git(self, *arguments: str, fails: str | None = None) -> str:
        try:
            return subprocess.run(
                [
                    "git",
                    "-c",
                    "core.quotePath=off",
                    "-c",
                    "log.showSignature=false",
                    "-C",
                    str(self.folder),
                    *arguments,
                ],
                check=True,
                capture_output=True,
                stdin=subprocess.DEVNULL,
            ).stdout.decode(errors="replace")
        except FileNotFoundError as error:
            raise NoHistory("git is not installed") from error
        except subprocess.CalledProcessError as error:
            if fails is not None:
                return fails
            said = error.stderr.decode(errors="replace").strip().splitlines()
            raise NoHistory(said[0] if said else "git does not answer") from error


def _commit(text: str) -> Commit:
    head, _, files = text.partition("\n")
    parts = head.split("\t", 2)
    return Commit(
        parts[0], int(parts[1]), parts[2] if len(parts) > 2 else "", [one for one in files.split("\n") if one]
    )


def _added(diff: str, members: dict[str, re.Pattern[str]]) -> set[tuple[str, str]]:
    """The members in added lines that no removed line of the same diff has, with the file."""
    added: set[tuple[str, str]] = set()
    removed: set[str] = set()
    path = ""
    for line in diff.split("\n"):
        if line.startswith("+++ "):
            path = line[6:]
        elif line.startswith("+"):
            added |= {(name, path) for name, pattern in members.items() if pattern.search(line)}
        elif line.startswith("-") and not line.startswith("---"):
            removed |= {name for name, pattern in members.items() if pattern.search(line)}
    return {(name, path) for name, path in added if name not in removed}
