"""Folders of text files: listing, laying one over another, comparing. A learner's folder is never followed outside."""

import difflib
import io
import shutil
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from workshop.base import leftovers
from workshop.base.counting import counted

REMOVED = "REMOVED"  # in an overlay: the files of start/ that it removes, one a line


def files(folder: Path) -> list[str]:
    """The files below a folder as relative posix paths, without hidden files and generated files."""
    return sorted(leftovers.files(folder, hidden=False))


def overlay_files(overlay: Path) -> list[str]:
    """The files that an overlay puts over start/: all except the list of removed files and the alternatives."""
    return [name for name in files(overlay) if name != REMOVED and not name.startswith("alternatives/")]


def removed(overlay: Path) -> list[str]:
    """The files of start/ that an overlay removes."""
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


def overlaid(start: Path, overlay: Path) -> dict[str, bytes]:
    """The contents of start/ with an overlay's files on top."""
    gone = removed(overlay)
    kept = {name: data for name, data in contents(start).items() if name not in gone}
    return kept | {name: (overlay / name).read_bytes() for name in overlay_files(overlay)}


def text(data: bytes) -> list[str]:
    """The lines of a file, without details that an editor chooses: byte order mark, line ends, encoding.

    A file that is no text gives one line that says so.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding).splitlines()
    except (LookupError, SyntaxError, UnicodeDecodeError):  # an unknown encoding, or bytes that it does not have
        return [f"({counted(len(data), 'byte that is', 'bytes that are')} no text)"]


def differ(old: bytes | None, new: bytes | None) -> bool:
    """Whether two files differ in content. None stands for a missing file."""
    return old != new and (old is None or new is None or text(old) != text(new))


@dataclass(frozen=True)
class Change:
    """The distance between two folders: the files that differ, the new ones among them, the number of lines written."""

    files: tuple[str, ...]
    new: tuple[str, ...]
    lines: int


def change(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Change:
    """The change between the contents of two folders. Added and rewritten lines count, blank lines do not."""
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
