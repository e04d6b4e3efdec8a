"""Turns the commits of a walk back into steps/: patches and tree.md, the same bytes each time.

The commits may come from walk/ or from any repository with the tags. Author and date are fixed, so the same commits give
the same files for every maintainer on every day. Before anything is written, the patches are applied with `git am`
and must give the same trees and messages.
"""

import io
import re
import shutil
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path, PurePosixPath

from workshop import ROOT
from workshop.base import leftovers, road, series
from workshop.base.counting import counted
from workshop.base.git import EMAIL, NAME, Git
from workshop.base.names import STAGES, STEPS, folder_name
from workshop.base.problems import CommandFailed
from workshop.maintaining.road import tree_page

FIRST_DAY = datetime(2026, 1, 2, 9, tzinfo=UTC)
FORM = (
    *("--quiet", "--zero-commit", "--no-signature", "--full-index", "--binary", "-M", "--stat=100", "--no-numbered"),
    *("--no-color", "--no-ext-diff", "--no-textconv", "--subject-prefix=PATCH", "--suffix=.patch", "--no-thread"),
)
HEADER = re.compile(rb"\AFrom 0{40} [^\n]*\nFrom: [^\n]*(?:\n [^\n]*)*\nDate: [^\n]*\n")


@dataclass(frozen=True)
class Exported:
    """The written and removed files, as paths in the repository, and the files in which after/ differs from the end."""

    written: Sequence[str]
    removed: Sequence[str]
    end: str
    differing: Sequence[str]

    def told(self) -> Iterator[str]:
        """The lines to show to the maintainer."""
        for word, names in (("wrote", self.written), ("removed", self.removed)):
            yield from (f"{word} {name}" for name in names)
        if not (self.written or self.removed):
            yield "steps/ already has these commits."
        if self.differing:
            yield f"after/ is not {self.end}: {counted(len(self.differing), 'file differs', 'files differ')}: {_listed(self.differing)}."
            yield "./ws dev export --after updates after/."


def export(source: Git, root: Path = ROOT, *, before: bool = False, after: bool = False) -> Exported:
    """Writes steps/ from a repository's commits; with `before` or `after` that end too. Raises CommandFailed."""
    names = _stages_of(source)
    first = _files(source, "before")
    if not before and (other := differing(series.tree(root / "before"), first)):
        raise CommandFailed(
            f"The walk does not start from before/: {_listed(other)} differ. If the walk is right,"
            " ./ws dev export --before writes before/."
        )
    patches = {number: _patches(source, number) for number in range(1, len(names))}
    last = _files(source, names[-1])
    with tempfile.TemporaryDirectory(prefix="workshop-export-") as made:
        folder = Path(made)
        for number, files in patches.items():
            _write(folder / "steps" / folder_name(number), files)
        steps = {n: tuple(sorted((folder / "steps" / folder_name(n)).glob("*.patch"))) for n in patches}
        laid = road.lay_out(series.Series(first, last, steps), folder / "repository")
        pages = {number: _proven_page(source, laid, number, patches[number]) for number in patches}
    written, removed = [], []
    for number in range(1, len(STEPS) + 1):
        target = root / "steps" / folder_name(number)
        wanted = patches.get(number, {}) | ({"tree.md": pages[number].encode()} if number in pages else {})
        gone = exported(target).keys() - wanted.keys()
        for name in gone:
            (target / name).unlink()
        removed += sorted(f"steps/{target.name}/{name}" for name in gone)
        written += [f"steps/{target.name}/{name}" for name in _write(target, wanted)]
    for wish, files, name in ((before, first, "before"), (after, last, "after")):
        if wish:
            removed += [f"{name}/{path}" for path in _remove_all_except(files, root / name)]
            written += [f"{name}/{path}" for path in _write(root / name, files)]
    if (before or after) and (root / ".git").exists():
        Git(root)("add", "--intent-to-add", "before", "after")  # a stage has only the files that git knows
    return Exported(written, removed, names[-1], differing(series.tree(root / "after", new_too=True), last))


def differing(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> list[str]:
    """The paths at which two trees are not the same."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def exported(folder: Path) -> dict[str, bytes]:
    """The files of a step's folder that an export writes."""
    return {path.name: path.read_bytes() for path in [*folder.glob("*.patch"), *folder.glob("tree.md")]}


def _remove_all_except(wanted: Mapping[str, bytes], folder: Path) -> list[str]:
    """Removes a stage's other files, and folders in which only leftovers of tools remain; returns the files."""
    gone = [name for name in series.tree(folder, new_too=True) if name not in wanted]
    for name in gone:
        (folder / name).unlink()
        for parent in (folder / name).parents:
            if parent == folder or not parent.is_dir() or any(leftovers.files(parent, hidden=True)):
                break
            shutil.rmtree(parent)
    return gone


def _stages_of(source: Git) -> list[str]:
    found = road.tags(source)
    names = [name for name in STAGES[:-1] if name in found]
    if names != list(STAGES[: len(names)]) or len(names) < 2:
        missing = next(name for name in STAGES if name not in found)
        raise CommandFailed(f"{source.folder} has no tag {missing}; it has: {', '.join(names) or 'none'}.")
    for old, new in pairwise(names):
        if not source.says("merge-base", "--is-ancestor", f"refs/tags/{old}", f"refs/tags/{new}"):
            raise CommandFailed(f"{new} does not come after {old} in {source.folder}.")
        if source("rev-list", "--merges", f"refs/tags/{old}..refs/tags/{new}"):
            raise CommandFailed(f"There is a merge between {old} and {new}; a step is a row of commits.")
        if not road.in_between(source, new):
            raise CommandFailed(f"There is no commit between {old} and {new}.")
    return names


def _files(source: Git, name: str) -> dict[str, bytes]:
    """The files of a stage, from the repository itself."""
    files, written = {}, io.BytesIO(source.raw("archive", "--format=tar", f"refs/tags/{name}"))
    with tarfile.open(fileobj=written) as archive:
        for entry in archive:
            data = archive.extractfile(entry) if entry.isfile() and not entry.mode & 0o100 else None
            if data:
                files[entry.name] = data.read()
            elif not entry.isdir():
                raise CommandFailed(f"{entry.name} at {name} is not a plain file, or it is executable.")
    paths = {part for path in files for part in (path, *map(str, PurePosixPath(path).parents))}
    times = Counter(path.lower() for path in paths)
    if clashes := sorted(path for path in paths if times[path.lower()] > 1):
        raise CommandFailed(f"{' and '.join(clashes[:2])} at {name} differ only in upper and lower case.")
    return files


def _patches(source: Git, number: int) -> dict[str, bytes]:
    """A step's patches by file name."""
    with tempfile.TemporaryDirectory(prefix="workshop-patches-") as made:
        between = f"refs/tags/{STAGES[number - 1]}..refs/tags/{STAGES[number]}"
        source("format-patch", *FORM, f"--output-directory={made}", between)
        files = sorted(Path(made).iterdir())
        return {path.name: _signed(path, number, at) for at, path in enumerate(files)}


def _signed(path: Path, number: int, at: int) -> bytes:
    """The patch under the series' own name and date: a day for each step, a minute for each commit."""
    data = path.read_bytes()
    when = FIRST_DAY + timedelta(days=number - 1, minutes=at)
    start = f"From {'0' * 40} Mon Sep 17 00:00:00 2001\nFrom: {NAME} <{EMAIL}>\nDate: {format_datetime(when)}\n"
    if b"\ndiff --git " not in data:  # for such a commit, a newer git writes the message, an older one writes nothing
        raise CommandFailed(f"{path.name} of step {number} is empty: its commit changes nothing.")
    if b"\r" in data:
        raise CommandFailed(f"{path.name} of step {number} holds a carriage return, which plain git am would drop.")
    signed, count = HEADER.subn(start.encode(), data, count=1)
    if not count:
        raise CommandFailed(f"{path.name} of step {number} does not start as git format-patch writes it.")
    return signed


def _proven_page(source: Git, laid: Git, number: int, patches: Mapping[str, bytes]) -> str:
    """tree.md of a step, after a check that its patches reproduce the commits."""
    theirs, ours = (road.in_between(repository, STAGES[number]) for repository in (source, laid))
    for old, new in zip(theirs, ours, strict=True):
        for what, form in (("message", "%B"), ("tree", "%T")):
            if source("log", "-1", f"--format={form}", old) != laid("log", "-1", f"--format={form}", new):
                subject = source("log", "-1", "--format=%s", old)
                raise CommandFailed(f"git am would give {subject!r} in step {number} another {what}.")
    return tree_page.page(laid, number, ours, sorted(patches))


def _write(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Writes the files that are missing or have other bytes; returns their names."""
    written = []
    for name, data in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            written.append(name)
    return written


def _listed(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
