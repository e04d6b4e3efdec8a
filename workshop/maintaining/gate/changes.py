"""What has changed since the last day's work."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workshop.base.git import Git

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Change:
    """The paths that differ from `revision`, and in words what that is. `revision` is None where all is new."""

    revision: str | None
    described: str
    paths: frozenset[str]


def of_the_last_day(root: Path) -> Change | None:
    """All that differs from the newest commit that is a day older than the last one, what is not committed included.

    The day ends with the last commit, not now: work of Friday that the gate sees on Monday is still touched. The commits
    are those of the main line; a merge counts with the day of the merge. None where the history does not reach back so
    far, as in a shallow clone, or where there is none.
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
