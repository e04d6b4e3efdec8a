"""Folders of text files: listing, laying one over another, comparing. A learner's folder is never followed outside."""

import difflib
import hashlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

REMOVED = "REMOVED"  # in an overlay: the files of start/ that it does without, one a line
LEFT_BY_TOOLS = ("__pycache__", "*.pyc", "*.sqlite3*", ".pytest_cache", ".ruff_cache", ".mypy_cache", ".DS_Store")


def files(folder: Path) -> list[str]:
    """The files below a folder as relative posix paths, without hidden ones and without what tools leave behind."""
    return sorted(_files(folder, ""))


def _files(folder: Path, prefix: str) -> Iterator[str]:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name.startswith(".") or is_left_by_tools(path.name):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _files(path, f"{prefix}{path.name}/")
        elif path.is_file():
            yield prefix + path.name


def is_left_by_tools(name: str) -> bool:
    """Whether a file of that name comes from a tool and means nothing to an exercise."""
    return any(fnmatch(name, pattern) for pattern in LEFT_BY_TOOLS)


def overlay_files(overlay: Path) -> list[str]:
    """What an overlay lays over start/: its files but for the list of removed ones and a solution's alternatives."""
    return [name for name in files(overlay) if name != REMOVED and not name.startswith("alternatives/")]


def removed(overlay: Path) -> list[str]:
    """The files of start/ that an overlay does without."""
    listed = overlay / REMOVED
    return listed.read_text(encoding="utf-8").split() if listed.exists() else []


def lay(target: Path, start: Path, overlay: Path | None = None) -> None:
    """Makes `target` from start/, with an overlay's files on top."""
    for name in files(start):
        copy(start / name, target / name)
    if overlay is None:
        return
    for name in removed(overlay):
        (target / name).unlink()
    for name in overlay_files(overlay):
        copy(overlay / name, target / name)


def copy(source: Path, target: Path) -> None:
    """Copies one file's bytes and mode, and makes the folders that it needs."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file's bytes by its relative path."""
    return {name: (folder / name).read_bytes() for name in files(folder)}


def digests(folder: Path) -> dict[str, str]:
    """A short digest for every file, to notice later that one has changed."""
    return {name: hashlib.sha256(data).hexdigest()[:16] for name, data in contents(folder).items()}


def text(data: bytes) -> list[str]:
    """The lines of a file; one that is no text is one line that says so."""
    try:
        return data.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return [f"({len(data)} bytes that are no text)"]


@dataclass(frozen=True)
class Change:
    """How far one folder is from another: the files that differ, those of them that are new, the lines written."""

    files: tuple[str, ...]
    new: tuple[str, ...]
    lines: int


def change(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Change:
    """The change from one folder's contents to another's. Lines are those added or rewritten, blank ones left out."""
    differing = tuple(sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)))
    written = 0
    for name in differing:
        before, after = text(old.get(name, b"")), text(new.get(name, b""))
        for tag, _, _, first, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            written += sum(1 for line in after[first:end] if line.strip()) if tag != "equal" else 0
    return Change(differing, tuple(name for name in differing if name not in old), written)


def diff(old: Mapping[str, bytes], new: Mapping[str, bytes], old_label: str, new_label: str) -> Iterator[str]:
    """A unified diff of two folders' contents, line by line."""
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) == new.get(name):
            continue
        before, after = text(old.get(name, b"")), text(new.get(name, b""))
        labels = (f"{old_label}/{name}", f"{new_label}/{name}")
        yield from difflib.unified_diff(before, after, *labels, lineterm="", n=2)
