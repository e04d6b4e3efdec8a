"""The changes since the last day's work."""

from dataclasses import dataclass
from pathlib import Path

from workshop.base.files import tracked
from workshop.base.git import Git

SECONDS_A_DAY = 24 * 3600


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
    last = git.ask("log", "-1", "--format=%ct", "HEAD")
    if not last:
        return None
    a_day_older = f"--before={int(last) - SECONDS_A_DAY}"
    form = ("--format=%H %cd", "--date=format-local:%Y-%m-%d %H:%M")  # git runs in UTC
    if older := git("log", "-1", "--first-parent", a_day_older, *form, "HEAD"):
        revision, _, moment = older.partition(" ")
        described = f"{revision[:9]} of {moment} UTC, the newest commit a day older than the last one"
        return Change(revision, described, frozenset(git.changed_since(revision)))
    if git("rev-parse", "--is-shallow-repository") == "true":
        return None
    every = frozenset(path.as_posix() for path in tracked(root))
    return Change(None, "nothing: the whole history is younger than a day", every)
