"""Fills offline/ for a room without network, small enough for a USB stick. `./ws offline`.

    offline/begin.sh           the one command of a learner: a copy of the repository, set up without network
    offline/README.md          the instructions
    offline/workshop.bundle    the repository with its history
    offline/workshop.tar.gz    the repository without history, for a machine without git
    offline/wheels/            the packages, and contents.json, which lists their Pythons and systems
    offline/site/              the pages and the code for a browser; begin.sh copies it
    offline/talk/              the slides of a talk without the speaker's notes, if `make talk` made one

Set-up finds offline/wheels by itself, or the folder that WHEELS names, and checks the hashes as always.
"""

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement

from workshop import ROOT
from workshop.base import doctor, environment, setup, site, talk
from workshop.base.calls import call, output_of
from workshop.base.git import Git
from workshop.base.problems import CommandFailed

FOLDER = ROOT / "offline"
GROUPS = (setup.BASE, "exercises", "lint")
PYTHONS = doctor.PYTHONS
# glibc 2.28 is from Debian 10, macOS 13 from 2022: newer systems take these wheels, too.
OLDER = ("manylinux2014", "manylinux2010", "manylinux1", "linux")
LINUX = [*(f"manylinux_2_{minor}" for minor in range(28, 4, -1)), *OLDER]
SYSTEMS = {
    "linux-x86_64": [f"{tag}_x86_64" for tag in LINUX],
    "linux-aarch64": [f"{tag}_aarch64" for tag in LINUX],
    "macos-arm64": ["macosx_13_0_arm64"],
    "macos-x86_64": ["macosx_13_0_x86_64"],
}
PINNED = re.compile(
    r"^(?P<what>[A-Za-z0-9][^\\\n]*?)\s*\\?\n(?P<hashes>(?:[ \t]+--hash=\S+[ \t]*\\?\n)+)", re.MULTILINE
)
BEGIN = """\
#!/bin/sh
# Puts the workshop into a folder and sets it up, without network:  sh begin.sh [FOLDER]
set -eu
stick=$(cd "$(dirname "$0")" && pwd)
target=${1:-$HOME/django-refactoring-workshop}
if [ -e "$target" ]; then
    echo "$target already exists. Name another folder: sh begin.sh FOLDER" >&2
    exit 1
fi
if [ -e "$stick/workshop.bundle" ] && command -v git >/dev/null; then
    git clone --quiet --origin stick "$stick/workshop.bundle" "$target"
else
    mkdir -p "$target"
    tar -xzf "$stick/workshop.tar.gz" -C "$target"
fi
mkdir -p "$target/offline"
cp -R "$stick/wheels" "$target/offline/wheels"
cp -R "$stick/site" "$target/offline/site"
cd "$target"
python=$(sh workshop/find-python)
"$python" -E -m workshop.base.setup exercises
echo "Ready, without network. Now: cd \\"$target\\" && ./ws"
"""
README = """\
# The workshop, without network

    sh begin.sh

It copies the workshop into `django-refactoring-workshop` in your home folder (or into a folder that you name), and sets it up
from the packages here; their hashes are checked. You need Python and, better, git. Then `cd` there, and `./ws`.

The packages are for {covered}. If you have another Python, `begin.sh` stops with a message.

Double-click `site/index.html` to read the pages and the code of every stage in a browser, before you set anything up.

{slides}If you already have the repository, run `WHEELS=/path/to/wheels make setup` there, with the path of this folder's `wheels`.

Commit {commit}.
"""
SLIDES = """\
The slides of the talk are in `talk/index.html`.

"""


@dataclass(frozen=True)
class Target:
    """A Python on a system, such as 3.12 on linux-x86_64, that wheels are taken for."""

    python: str
    system: str

    def __str__(self) -> str:
        return f"Python {self.python} on {self.system}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment for the markers of a lock file (PEP 508): a CPython on a POSIX system, as here."""
        kind, _, machine = self.system.partition("-")
        newest = f"{self.python}.99"  # back-ports for the first two releases of a Python are left out
        return {name: str(value) for name, value in default_environment().items()} | {
            "platform_machine": machine,
            "platform_system": {"linux": "Linux", "macos": "Darwin"}[kind],
            "sys_platform": {"linux": "linux", "macos": "darwin"}[kind],
            "python_version": self.python,
            "python_full_version": newest,
            "implementation_version": newest,
        }

    @property
    def options(self) -> list[str]:
        """pip's options for another interpreter than its own."""
        abis = [f"--abi={abi}" for abi in (f"cp{self.python.replace('.', '')}", "abi3", "none")]
        platforms = [f"--platform={tag}" for tag in SYSTEMS[self.system]]
        return [f"--python-version={self.python}", "--implementation=cp", *abis, *platforms]


def targets(pythons: Sequence[str], systems: Sequence[str]) -> list[Target]:
    """Each Python on each system. Raises CommandFailed for a Python or system without locked packages."""
    for given, known in ((pythons, PYTHONS), (systems, tuple(SYSTEMS))):
        for name in given:
            if name not in known:
                raise CommandFailed(f"{name} is not one of {', '.join(known)}.")
    return [Target(python, system) for system in systems for python in pythons]


def pythons_here(root: Path = ROOT) -> list[str]:
    """The Pythons on this machine that the workshop runs on."""
    script = ["sh", str(root / "workshop" / "find-python")]
    return [version for version in PYTHONS if call([*script, version]).returncode == 0]


def fill(folder: Path, wanted: Sequence[Target], root: Path = ROOT) -> Iterator[str]:
    """Makes the folder again, and yields lines on its progress. The old folder stays until the new one is complete.

    The site must have been built. The slides are on the stick if `make talk` made them.
    """
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as scratch:
        made = Path(scratch)
        for target in wanted:
            yield f"Wheels for {target}"
            download(made / "wheels", target, root)
        contents = {
            "for": [{"python": target.python, "system": target.system} for target in wanted],
            "locks": {group: doctor.digest(root, group) for group in GROUPS},
            "groups": list(GROUPS),
        }
        (made / "wheels" / setup.CONTENTS).write_text(json.dumps(contents, indent=1) + "\n", encoding="utf-8")
        yield from _repository(made, root)
        shutil.copytree(root / site.FOLDER, made / "site")
        if (slides := root / talk.FOLDER).exists():
            talk.publish(slides, made / "talk")
        readme = README.format(
            covered=", ".join(map(str, wanted)),
            slides=SLIDES if slides.exists() else "",
            commit=Git(root)("log", "-1", "--format=%h, %s"),
        )
        (made / "README.md").write_text(readme, encoding="utf-8")
        (made / "begin.sh").write_text(BEGIN, encoding="utf-8")
        for path in sorted(folder.iterdir()):
            if path != made:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for path in sorted(made.iterdir()):
            os.replace(path, folder / path.name)


def download(wheels: Path, target: Target, root: Path) -> None:
    """The wheels of every group for one Python, with their hashes checked."""
    wheels.mkdir(parents=True, exist_ok=True)
    text = "".join(pinned(setup.lock_file(group, root).read_text(encoding="utf-8"), target) for group in GROUPS)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write(text)
        requirements.flush()
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
        command += ["--no-deps", "--require-hashes", "--only-binary=:all:", f"--dest={wheels}"]
        command += [f"--find-links={wheels}", *target.options, "-r", requirements.name]
        packages = environment.for_packages(sys.executable)
        output_of(command, f"Not all wheels for {target} could be had", env=packages)


def pinned(lock: str, target: Target) -> str:
    """The lines of a lock file for a target, without markers: pip would evaluate these for its own Python."""
    hashes: dict[str, str] = {}
    for entry in PINNED.finditer(lock):
        requirement = Requirement(entry["what"])
        if requirement.marker is None or requirement.marker.evaluate(dict(target.environment)):
            requirement.marker = None
            hashes.setdefault(str(requirement), entry["hashes"].rstrip(" \\\n"))
    return "".join(f"{requirement} \\\n{listed}\n" for requirement, listed in hashes.items())


def _repository(made: Path, root: Path) -> Iterator[str]:
    git = Git(root)
    if git("status", "--porcelain"):
        yield "The folder gets the last commit of the repository; uncommitted changes are left out."
    git("archive", "--format=tar.gz", f"--output={made / 'workshop.tar.gz'}", "HEAD")
    if git("rev-parse", "--is-shallow-repository") == "true":
        yield "This clone has no history, so there is no workshop.bundle: begin.sh takes workshop.tar.gz."
        return
    branch = git("branch", "--show-current").split()
    git("bundle", "create", "--quiet", str(made / "workshop.bundle"), "HEAD", *branch)
