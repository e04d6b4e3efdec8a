"""Makes the site: a folder that a browser opens without a server and without network.

What is there is replaced when all is complete: a build that fails leaves the site of before.
"""

import importlib
import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from workshop import ROOT
from workshop.base import environment, setup
from workshop.base.calls import last_words
from workshop.base.problems import CommandFailed
from workshop.base.site import FOLDER
from workshop.maintaining.site import links, pages, road

TWINS = "workshop.maintaining.twins"
LARGEST = 10_000_000  # bytes: it goes onto a stick, and through a room's network
UNUSED = ("*.map", ".buildinfo", "objects.inv", "webpack-macros.html")


def build(target: Path = ROOT / FOLDER, root: Path = ROOT) -> Iterator[str]:
    """Builds the whole site, and says what it does. Raises CommandFailed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=target.parent) as made:
        source, site = Path(made) / "source", Path(made) / "site"
        source.mkdir()
        pages.stage(source, root)
        yield f"The book: {len(pages.pages(root))} pages"
        with _sphinx(source, site) as reading:
            try:
                yield "The Road: every stage, and every two of them"
                road.write(site / "road", root, with_twins=has_twins())
                if has_twins():
                    yield "The Twins"
                    importlib.import_module(TWINS).pages(site)
            except BaseException:
                reading.kill()
                raise
            said = reading.communicate()[0]
        if reading.returncode:
            raise CommandFailed(f"Sphinx has not built the book:\n{last_words(said.replace(f'{source}/', ''), 40)}")
        _tidy(site)
        if problems := list(links.problems(site)):
            raise CommandFailed("The site has links that lead nowhere:\n" + "\n".join(map(str, problems[:40])))
        size = sum(file.stat().st_size for file in site.rglob("*") if file.is_file())
        if size > LARGEST:
            raise CommandFailed(f"The site has {size:,} bytes. At most {LARGEST:,} fit its purpose.")
        _put(site, target)
    yield f"{target / 'index.html'}: {size / 1e6:.1f} MB, no link to nowhere. ./ws open opens it."


def has_twins() -> bool:
    """Whether the module that makes the Twins is here."""
    return importlib.util.find_spec(TWINS) is not None


def _sphinx(source: Path, site: Path) -> "subprocess.Popen[str]":
    """Sphinx at work, in a process of its own: it and the Road take one core each."""
    command = [str(setup.interpreter()), "-m", "sphinx", "--builder=html", "--fail-on-warning", "--quiet"]
    command += [f"--define=has_twins={int(has_twins())}", f"--doctree-dir={source.parent / 'doctrees'}"]
    alone = environment.made() | {"PYTHONPATH": str(ROOT)}  # for the extension, whose settings are in another folder
    return subprocess.Popen(
        [*command, str(source), str(site)],
        env=alone,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _tidy(site: Path) -> None:
    """Removes what only a debugger or another Sphinx project reads."""
    for pattern in UNUSED:
        for file in site.rglob(pattern):
            file.unlink()


def _put(made: Path, target: Path) -> None:
    old = made.parent / "old"
    if target.exists():
        target.rename(old)
    made.rename(target)
    shutil.rmtree(old, ignore_errors=True)
