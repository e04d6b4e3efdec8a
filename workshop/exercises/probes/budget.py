"""The size of a change: for small tasks, and for requests whose best answer is a few lines."""

import re
from collections.abc import Iterator

from workshop.base.counting import counted
from workshop.exercises import trees
from workshop.exercises.findings import Finding, Project

REASON = "REASON.md"  # the file in which a learner explains why a request needed more
FEWEST_WORDS = 12  # different words that a reason needs; "because" does not count
A_SENTENCE = re.compile(r"[.!?](?=\s|$)")


def beyond(
    project: Project, *, lines: int, files: int | None = None, new_files: int | None = None, reason: str | None = None
) -> Iterator[Finding]:
    """The findings if a change exceeds its budget. A written reason, in the file that `reason` names, overrides it.

    Added and rewritten lines count, blank lines do not. Tests and the reason itself do not count. A reason that is no
    sentence, or was already in start/, does not count, and the finding says so.
    """
    if reason and _is_written(project, reason):
        return
    excuse = f"; {reason} gives no reason yet" if reason and (project.folder / reason).exists() else ""
    free = {reason} | {name for name in trees.files(project.folder) if "tests" in name.split("/")}
    now = {name: data for name, data in trees.contents(project.folder).items() if name not in free}
    then = {name: data for name, data in trees.contents(project.start).items() if name not in free}
    change = trees.change(then, {name: data for name, data in now.items() if name != "README.md" or name in then})
    for kind, found, most in (("new file", change.new, new_files), ("changed file", change.files, files)):
        if most is not None and len(found) > most:
            listed = f"{counted(len(found), kind)} ({', '.join(found)})"
            yield Finding(found[0], 0, f"{listed}, but {most} are enough{excuse}")
    if change.lines > lines:
        yield Finding(change.files[0], 0, f"{counted(change.lines, 'line')} written, but {lines} are enough{excuse}")


def _is_written(project: Project, reason: str) -> bool:
    file = project.folder / reason
    if not file.exists():
        return False
    text = file.read_text(encoding="utf-8", errors="replace")
    started = project.start / reason
    unchanged = started.exists() and started.read_text(encoding="utf-8") == text
    words = {word.casefold() for word in re.findall(r"\w+", text)}
    return not unchanged and len(words) >= FEWEST_WORDS and bool(A_SENTENCE.search(text))
