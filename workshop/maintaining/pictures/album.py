"""The folder of README's pictures: writing all of them, and the checks of `make lint`.

The pictures are not compared with new ones: a browser of another version draws other bytes.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from workshop import ROOT
from workshop.base import files
from workshop.base.problems import Problem
from workshop.maintaining.pictures import screens, terminal

FOLDER = Path("docs") / "pictures"
README = Path("README.md")
TERMINAL = "terminal.svg"
NAMES = (TERMINAL, *screens.SHOTS)
LARGEST, LARGEST_TOGETHER = 150_000, 400_000  # bytes
SHORTEST_TEXT = 40  # characters that say what a picture shows
SHOWN = re.compile(r"!\[(?P<text>[^\]]*)\]\((?P<path>[^)\s]+)\)")
FROM_OUTSIDE = re.compile(r"""@import|@font-face|<script|<image|url\((?!["']?#)|href\s*=\s*["'](?!#)""", re.IGNORECASE)


def write(site: Callable[[], Path], folder: Path = ROOT / FOLDER) -> Iterator[str]:
    """Makes every picture and reports each. `site` builds the site, which shows the terminal. Raises CommandFailed."""
    yield _put(folder / TERMINAL, terminal.draw().encode())
    for name, data in screens.shoot(site()):
        yield _put(folder / name, data)


def pictures_are_right(root: Path = ROOT) -> Iterator[Problem]:
    """A problem for each picture that is missing, unused, too large, has no text or would load something."""
    if not (root / FOLDER).is_dir():
        return
    texts = dict(_shown(root))
    for name in NAMES:
        path = FOLDER / name
        if not (root / path).is_file():
            yield Problem(path, 1, "is missing; ./ws dev pictures makes it")
        elif path not in texts:
            yield Problem(README, 1, f"does not show {path.as_posix()}")
    there = [path for path in files.tracked(root) if FOLDER in path.parents]
    for path in there:
        size = (root / path).stat().st_size
        if path.name not in NAMES:
            yield Problem(path, 1, "is no picture that ./ws dev pictures makes")
        if size > LARGEST:
            yield Problem(path, 1, f"has {size:,} bytes; at most {LARGEST:,} are quick to load")
        if path.suffix == ".svg" and (found := FROM_OUTSIDE.search((root / path).read_text(encoding="utf-8"))):
            yield Problem(path, 1, f"would load something from outside: {found[0]}")
    if (size := sum((root / path).stat().st_size for path in there)) > LARGEST_TOGETHER:
        yield Problem(FOLDER, 1, f"has {size:,} bytes in all; at most {LARGEST_TOGETHER:,}")
    for path, text in texts.items():
        if len(text) < SHORTEST_TEXT:
            yield Problem(README, 1, f"the text of {path.as_posix()} does not say what it shows: {text!r}")


def _put(file: Path, data: bytes) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return f"{file.name}: {len(data):,} bytes"


def _shown(root: Path) -> Iterator[tuple[Path, str]]:
    """The pictures that README shows, with their alternative texts."""
    for found in SHOWN.finditer((root / README).read_text(encoding="utf-8")):
        yield Path(found["path"]), found["text"].strip()


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {"README's pictures are small and described": pictures_are_right}
