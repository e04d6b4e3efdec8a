"""The Python files of a project, from a folder or from a commit, in one fixed order."""

import os
import re
import subprocess
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Protocol

SKIPPED_FOLDERS = {
    "node_modules", "site-packages", "__pycache__", "build", "dist", "venv", "env", "virtualenv",
    "bower_components", "htmlcov", "wheels",
}  # fmt: skip
MOST_BYTES = 500_000  # the syntax tree of a dense file takes some 400 times as much
TOO_LARGE = "over 500 kB"
GENERATED = re.compile(r"_pb2(?:_grpc)?\.py$")


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its path with `/`, from the folder that is looked at, and its text."""

    path: str
    text: str


@dataclass(slots=True)
class Unread:
    """The files that could not be read, with the reason."""

    reasons: dict[str, str] = field(default_factory=dict)


class Sources(Protocol):
    """The source of the files."""

    def paths(self) -> list[str]:
        """The paths of all Python files, sorted."""
        ...

    def read(self, wanted: list[str], unread: Unread) -> Iterator[Source]:
        """The files of these paths. Unreadable files go to `unread`."""
        ...


class Folder:
    """The files below a folder, as they are now. Links to folders are not followed, so that no circle can hold us."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def paths(self) -> list[str]:
        """All Python files except those of environments, builds and vendored packages."""
        found = []
        for folder, names, files in os.walk(self.root):
            here = Path(folder)
            names[:] = sorted(name for name in names if not self._is_skipped(here, name))
            for name in files:
                if name.endswith(".py") and not GENERATED.search(name):
                    found.append((here / name).relative_to(self.root).as_posix())
        return sorted(found)

    def read(self, wanted: list[str], unread: Unread) -> Iterator[Source]:
        """The text of each file, in any encoding."""
        for path in wanted:
            file = self.root / path
            try:
                if not file.is_file():
                    unread.reasons[path] = "no ordinary file"
                    continue
                if file.stat().st_size > MOST_BYTES:
                    unread.reasons[path] = TOO_LARGE
                    continue
                data = file.read_bytes()
            except OSError as error:
                unread.reasons[path] = error.strerror or "not readable"
                continue
            yield Source(path, decoded(data))

    @staticmethod
    def _is_skipped(folder: Path, name: str) -> bool:
        if name.startswith(".") or name in SKIPPED_FOLDERS or name.endswith(".egg-info"):
            return True
        return (folder / name / "pyvenv.cfg").exists()


class Commit:
    """The files of a folder at a commit, read through git without a checkout."""

    def __init__(self, root: Path, revision: str) -> None:
        self.root = root
        self.revision = revision

    def paths(self) -> list[str]:
        """As in a folder; an environment in version control is known by its name only."""
        listed = self._git("ls-tree", "-r", "-z", "--name-only", self.revision, ".").decode(errors="replace")
        return sorted(
            path
            for path in listed.split("\0")
            if path.endswith(".py") and not GENERATED.search(path) and not _in_skipped_folder(path)
        )

    def read(self, wanted: list[str], unread: Unread) -> Iterator[Source]:
        """The blobs, asked from one process."""
        prefix = self._git("rev-parse", "--show-prefix").decode().strip()
        asked = "".join(f"{self.revision}:{prefix}{path}\n" for path in wanted).encode()
        answer = BytesIO(self._git("cat-file", "--batch", stdin=asked))
        for path in wanted:
            head = answer.readline().split()
            if len(head) < 3 or head[-2] != b"blob":
                unread.reasons[path] = "not in the repository"
                continue
            data = answer.read(int(head[-1]))
            answer.read(1)
            if len(data) > MOST_BYTES:
                unread.reasons[path] = TOO_LARGE
                continue
            yield Source(path, decoded(data))

    def _git(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        return subprocess.run(
            ["git", "-C", str(self.root), *arguments], input=stdin, check=True, stdout=subprocess.PIPE
        ).stdout


def decoded(data: bytes) -> str:
    """The text of a source file: by its coding line or UTF-8, or by Latin-1 if that fails."""
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, LookupError, UnicodeDecodeError):
        text = data.decode("latin-1")
    # The text is already decoded, and the parser refuses some declared encodings in it. Line ends are unified.
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def _in_skipped_folder(path: str) -> bool:
    return any(
        part.startswith(".") or part in SKIPPED_FOLDERS or part.endswith(".egg-info")
        for part in PurePosixPath(path).parts[:-1]
    )
