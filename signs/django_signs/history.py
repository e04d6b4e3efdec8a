"""Three years of a project's history: the files of each commit, and the commit of each new member of a set.

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
from .words import plural

YEARS = 3
YEAR = 365.25 * 86400
FOLLOW_UP = 14 * 86400
MOST_PATHS = 40
SETS = {"scattered-set", "unowned-state"}
FUNCTIONS = {"fat-entry", "mixed-function", "hidden-work", "world-in-transaction", "hot-function", "lost-write"}
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
            "log", revision, f"--since={self.since}", "--no-merges", "-M100%", "--relative", "--name-status", "-z",
            "--format=%x01%H%x09%ct%x09%s", "--", "*.py",
        )  # fmt: skip
        self.former: dict[str, set[str]] = defaultdict(set)
        """The names that a file of today had before it was moved unchanged."""
        self.commits = self._commits(listed)
        self.is_shallow = self._git("rev-parse", "--is-shallow-repository").strip() == "true"
        self._counts: Counter[str] = Counter()
        for commit in self.commits:
            if len(commit.files) <= MOST_FILES:
                self._counts.update(commit.files)

    def _commits(self, listed: str) -> list[Commit]:
        """The commits, newest first, each with its files under the names of today."""
        today: dict[str, str] = {}
        found = []
        for part in listed.split("\1")[1:]:
            head, *fields = part.split("\0")
            commit_id, at, subject = head.split("\t", 2)
            commit = Commit(commit_id, int(at), subject)
            fields = [field.lstrip("\n") for field in fields]
            while fields and fields[0]:
                status, path, *fields = fields
                if status.startswith("R"):
                    new, *fields = fields
                    now = today.get(new, new)
                    today[path] = now
                    self.former[now].add(path)
                else:
                    commit.files.append(today.get(path, path))
            found.append(commit)
        return found

    def commits_of(self, path: str) -> int:
        """The number of commits that touched a file, without sweeps."""
        return self._counts[path]

    @property
    def years(self) -> float:
        """The years that the commits reach back."""
        if not self.commits:
            return 0.0
        return (max(commit.at for commit in self.commits) - min(commit.at for commit in self.commits)) / YEAR

    def typical_size(self) -> float:
        """The median of application files in a commit."""
        sizes = [len(commit.code_files) for commit in self.commits if commit.code_files]
        return statistics.median(sizes) if sizes else 0

    def price(self, finding: Finding) -> list[str]:
        """The cost of a finding in this project, one sentence a line; empty if the history shows none."""
        if finding.sign in SETS:
            return self._price_of_members(finding)
        if finding.sign in FUNCTIONS:
            return self._price_of_function(finding)
        paths = set(finding.paths)
        together = [
            commit for commit in self.commits if len(paths & set(commit.files)) >= 2 and len(commit.files) <= MOST_FILES
        ]
        if not together:
            return []
        files = statistics.median(len(paths & set(one.files)) for one in together)
        commits = plural(len(together), "commit")
        return [f"{commits} in three years had to touch two or more of these files (median {files:g})"]

    def _price_of_function(self, finding: Finding) -> list[str]:
        path = finding.where.path
        count = self._counts[path]
        if not count:
            return ["the file has not changed in three years"]
        ranked = sorted(self._counts.values(), reverse=True)
        place = sum(1 for one in ranked if one > count) + 1
        line = f"its file changed {plural(count, 'time')} in three years"
        if place <= max(3, len(ranked) // 10):
            line += f", number {place} of {len(ranked)} files"
        fixes = sum(
            1
            for commit in self.commits
            if path in commit.files and re.search(r"(?i)\b(?:fix|bug|regress)", commit.subject)
        )
        if fixes >= 2:
            line += f"; {fixes} of these commits say that they fix something"
        return [line]

    def _price_of_members(self, finding: Finding) -> list[str]:
        came = self._arrivals(finding)
        finding.newcomers = len(came)
        if not came:
            return ["these files got no new member in three years"]
        last = came[-4:]
        touched = [str(len(commit.code_files)) for _, commit, _ in last]
        if len(last) == 1:
            name, commit, _ = last[0]
            files = plural(len(commit.code_files), "application file")
            lines = [f"the newest member, {name} ({commit.month}), touched {files} at first"]
        else:
            listed = ", ".join(touched[:-1]) + f" and {touched[-1]}"
            median = statistics.median(len(commit.code_files) for _, commit, _ in came)
            lines = [
                f"the last {len(last)} new members touched {listed} application files. Next one: about {median:g}."
            ]
        for name, commit, later in reversed(came):
            if later:
                missed = plural(len(later), "more file")
                lines.append(f"{commit.month} {name}: {missed} in the two weeks after, missed at first")
                break
        return lines

    def _arrivals(self, finding: Finding) -> list[tuple[str, Commit, set[str]]]:
        """The members that came in these years, oldest first, with the commit and the files that followed later."""
        known = {commit.id: commit for commit in self.commits}
        members = {name: re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])") for name in finding.members}
        paths = [name for path in finding.paths[:MOST_PATHS] for name in (path, *sorted(self.former.get(path, ())))]
        text = self._git(
            "log", self.revision, f"--since={self.since}", "--no-merges", "-M100%", "--relative", "--reverse",
            "--unified=0", "--format=%x00%H", "--", *paths,
        )  # fmt: skip
        seen_before = self._known_before(paths, members)
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
                elif _follows(first[name], commit) and path not in first[name].files:
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
        """The members that were in these files before the three years."""
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


def _follows(first: Commit, commit: Commit) -> bool:
    return commit is not first and commit.at - first.at <= FOLLOW_UP


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
