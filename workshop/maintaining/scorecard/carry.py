"""Brings the patches of the requests to changed stages: what each patch did to the old stage is done to the new one.

The old stages are those of the last commit, the new ones those of the files as they are now.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from workshop import ROOT
from workshop.base.git import Git, GitFailed
from workshop.base.problems import CommandFailed
from workshop.base.road import Road, road
from workshop.maintaining.scorecard.cells import Cell, cells, changed
from workshop.walk.requests.catalogue import requests, tree_of

DIFF = ("diff", "--no-ext-diff", "--no-color", "--no-renames")


def carry(root: Path = ROOT) -> Iterator[str]:
    """Writes each patch that its changed stage changes; yields a line for each. A conflict leaves its patch as it is."""
    with tempfile.TemporaryDirectory(prefix="carry-") as made:
        old, new = _last_commit(root, Path(made)), road(root)
        moved = [cell for cell in cells(requests(root)) if _tree(old, cell) != _tree(new, cell)]
        both = replace(new.git, more={"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(old.git.dir / "objects")})
        for cell in moved:
            try:
                tree = _merged(both, _tree(new, cell), _tree(old, cell), changed(old, cell))
            except CommandFailed as failure:
                yield f"conflict: {cell.name}: {failure}"
                continue
            file, carried = cell.request.patch(cell.rung), both.raw(*DIFF, tree_of(cell.rung), tree)
            if _changes(carried) == _changes(file.read_bytes()):
                continue  # only the names of objects would differ
            file.write_bytes(carried)
            yield f"carried: {cell.name}"
        if not moved:
            yield "No stage of a request has changed since the last commit."


def _changes(patch: bytes) -> list[bytes]:
    """The lines of a patch, without the names of git's objects."""
    return [line for line in patch.splitlines() if not line.startswith(b"index ")]


def _last_commit(root: Path, made: Path) -> Road:
    """The road of the last commit."""
    folder = made / "last"
    folder.mkdir()
    out = Git(folder, Git(root).dir, made / "index")
    out("read-tree", "HEAD")
    out("checkout-index", "--all")
    return road(folder)


def _tree(laid: Road, cell: Cell) -> str:
    return laid.git("rev-parse", tree_of(cell.rung))


def _merged(git: Git, new_stage: str, old_stage: str, old_result: str) -> str:
    """The new stage with what the patch did to the old one. Raises CommandFailed with the files in conflict."""
    start = git("commit-tree", old_stage, "-m", "old stage")
    ours = git("commit-tree", new_stage, "-p", start, "-m", "new stage")
    theirs = git("commit-tree", old_result, "-p", start, "-m", "patch")
    try:
        return git("merge-tree", "--write-tree", "--name-only", ours, theirs).splitlines()[0]
    except GitFailed as failure:
        names = [line for line in failure.said.splitlines()[1:] if line and " " not in line]
        raise CommandFailed(f"{', '.join(dict.fromkeys(names))}") from failure
