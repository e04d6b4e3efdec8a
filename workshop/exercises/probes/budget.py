"""How much was changed: for work that needs little, and for requests whose best answer is a few lines."""

from collections.abc import Iterator

from workshop.exercises import trees
from workshop.exercises.findings import Finding, Project

SHORTEST_REASON = 80  # characters; "because" is no reason


def beyond(
    project: Project, *, lines: int, files: int | None = None, new_files: int | None = None, reason: str | None = None
) -> Iterator[Finding]:
    """What exceeds a budget. A written reason, in the file that `reason` names, overrides it.

    Lines are those added or rewritten, blank ones left out. Tests and the reason itself cost nothing.
    """
    if reason and _is_written(project, reason):
        return
    free = {reason} | {name for name in trees.files(project.folder) if "tests" in name.split("/")}
    now = {name: data for name, data in trees.contents(project.folder).items() if name not in free}
    then = {name: data for name, data in trees.contents(project.start).items() if name not in free}
    change = trees.change(then, {name: data for name, data in now.items() if name != "README.md" or name in then})
    place = change.files[0] if change.files else "."
    if new_files is not None and len(change.new) > new_files:
        listed = ", ".join(change.new)
        yield Finding(change.new[0], 0, f"{len(change.new)} new files ({listed}) where {new_files} do")
    if files is not None and len(change.files) > files:
        listed = ", ".join(change.files)
        yield Finding(place, 0, f"{len(change.files)} files changed ({listed}) where {files} do")
    if change.lines > lines:
        yield Finding(place, 0, f"{change.lines} lines written where {lines} do")


def _is_written(project: Project, reason: str) -> bool:
    file = project.folder / reason
    if not file.exists():
        return False
    text = file.read_text(encoding="utf-8", errors="replace")
    started = project.start / reason
    unchanged = started.exists() and started.read_text(encoding="utf-8") == text
    return not unchanged and len(" ".join(text.split())) >= SHORTEST_REASON
