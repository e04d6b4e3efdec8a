"""The changes since the last day's work."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workshop.base.git import Git

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Change:
    """The paths that differ from `revision`, and a description of it. `revision` is None if everything is new."""

    revision: str | None
    described: str
    paths: frozenset[str]


def of_the_last_day(root: Path) -> Change | None:
    """All differences from the newest commit that is a day older than the last one, with uncommitted changes.

    The day ends with the last commit, not now: on Monday, Friday's work still counts. The commits are those of the main
    line; a merge counts with the day of the merge. None if there is no history, or if it does not reach back a day, as
    in a shallow clone.
    """
    git = Git(root)
    if not git.dir.exists():
        return None
    logged = git.ask("log", "--first-parent", "--format=%H %ct", "HEAD")
    if not logged:
        return None
    commits = [line.split() for line in logged.splitlines()]
    edge = int(commits[0][1]) - DAY.total_seconds()
    older = next((commit for commit in commits if int(commit[1]) <= edge), None)
    if older:
        revision, seconds = older
        moment = datetime.fromtimestamp(int(seconds), UTC)
        described = f"{revision[:9]} of {moment:%Y-%m-%d %H:%M} UTC, the newest commit a day older than the last one"
        return Change(revision, described, frozenset(git.changed_since(revision)))
    if git("rev-parse", "--is-shallow-repository") == "true":
        return None
    every = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return Change(None, "nothing: the whole history is younger than a day", frozenset(filter(None, every)))
