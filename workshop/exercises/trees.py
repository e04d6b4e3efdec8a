"""Folders of text files: listing, laying one over another, comparing. A learner's folder is never followed outside."""

import difflib
import hashlib
import io
import shutil
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from workshop.base import leftovers

REMOVED = "REMOVED"  # in an overlay: the files of start/ that it does without, one a line


def files(folder: Path) -> list[str]:
    """The files below a folder as relative posix paths, without hidden ones and without what is nobody's work."""
    return sorted(leftovers.files(folder, hidden=False))


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
    """The lines of a file, without what editors decide: a byte order mark, the ends of lines, a `coding:` line's bytes.

    One that is no text is one line that says so.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding).splitlines()
    except (LookupError, SyntaxError, UnicodeDecodeError):  # an unknown encoding, or bytes that it does not have
        return [f"({len(data)} bytes that are no text)"]


def differ(old: bytes | None, new: bytes | None) -> bool:
    """Whether two files differ in what they say. A file that is not there is None."""
    return old != new and (old is None or new is None or text(old) != text(new))


@dataclass(frozen=True)
class Change:
    """How far one folder is from another: the files that differ, those of them that are new, the lines written."""

    files: tuple[str, ...]
    new: tuple[str, ...]
    lines: int


def change(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Change:
    """The change from one folder's contents to another's. Lines are those added or rewritten, blank ones left out."""
    differing = tuple(sorted(name for name in old.keys() | new.keys() if differ(old.get(name), new.get(name))))
    written = 0
    for name in differing:
        before, after = text(old.get(name, b"")), text(new.get(name, b""))
        for tag, _, _, first, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            written += sum(1 for line in after[first:end] if line.strip()) if tag != "equal" else 0
    return Change(differing, tuple(name for name in differing if name not in old), written)


def diff(old: Mapping[str, bytes], new: Mapping[str, bytes], old_label: str, new_label: str) -> Iterator[str]:
    """A unified diff of two folders' contents, line by line."""
    for name in sorted(old.keys() | new.keys()):
        if not differ(old.get(name), new.get(name)):
            continue
        before, after = text(old.get(name, b"")), text(new.get(name, b""))
        labels = (f"{old_label}/{name}", f"{new_label}/{name}")
        yield from difflib.unified_diff(before, after, *labels, lineterm="", n=2)
