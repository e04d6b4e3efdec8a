"""The table at the end of `./ws lock`: which locked packages have a wheel for each Python on each system.

A package without a wheel is built from source at set-up, by a compiler that an attendee may not have. The table needs
the names of the wheels only, which the package index lists: it downloads none of them.
"""

import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename
from rich.table import Table

from workshop import ROOT
from workshop.base import doctor, environment, setup
from workshop.base.calls import output_of
from workshop.maintaining.packages.offline import SYSTEMS, Target

SUPPORTED = ("linux-x86_64", "linux-aarch64", "macos-arm64")
TARGETS = tuple(Target(python, system) for python in doctor.PYTHONS for system in SUPPORTED)
OLDEST_MACOS = (13, 0)  # as `./ws offline` downloads for


@dataclass(frozen=True)
class Package:
    """A locked package, the marker of the systems that install it, and the file names of its wheels."""

    name: str
    version: str
    marker: str
    wheels: tuple[str, ...]

    def is_for(self, target: Target) -> bool:
        """Whether set-up installs the package there."""
        return not self.marker or Marker(self.marker).evaluate(dict(target.environment))

    def has_wheel(self, target: Target) -> bool:
        """Whether an interpreter there accepts one of its wheels."""
        accepted = tags_of(target)
        return any(not accepted.isdisjoint(parse_wheel_filename(wheel)[3]) for wheel in self.wheels)


@cache
def tags_of(target: Target) -> frozenset[Tag]:
    """The wheel tags that an interpreter accepts, on the oldest system that `./ws offline` downloads for."""
    major, minor = map(int, target.python.split("."))
    is_macos = target.system.startswith("macos")
    platforms = list(mac_platforms(OLDEST_MACOS, "arm64")) if is_macos else SYSTEMS[target.system]
    own = cpython_tags((major, minor), platforms=platforms)
    return frozenset([*own, *compatible_tags((major, minor), f"cp{major}{minor}", platforms)])


def packages(group: str, uv: Path, root: Path = ROOT) -> list[Package]:
    """The packages of a group's lock file with the wheels that the index has of them."""
    with tempfile.TemporaryDirectory(prefix="workshop-wheels-") as folder:
        file = Path(folder) / "pylock.toml"  # PEP 751, the form of a lock file that names the wheels
        command = [str(uv), "pip", "compile", str(setup.lock_file(group, root)), "--no-deps", "--universal"]
        command += [f"--python-version={doctor.PYTHONS[0]}", "--format=pylock.toml", "--quiet", f"--output-file={file}"]
        failure = f"uv could not list the wheels of the group {group}"
        output_of(command, failure, root, environment.for_packages(sys.executable))
        return named(tomllib.loads(file.read_text(encoding="utf-8")))


def named(lock: Mapping[str, Any]) -> list[Package]:
    """The packages that a pylock.toml names."""
    found = []
    for package in lock["packages"]:
        files = [wheel.get("name") or wheel["url"].rpartition("/")[2] for wheel in package.get("wheels", [])]
        found.append(Package(package["name"], package["version"], package.get("marker", ""), tuple(files)))
    return found


def gaps(found: Iterable[Package], target: Target) -> list[Package]:
    """The packages that set-up would have to build from source there."""
    return [package for package in found if package.is_for(target) and not package.has_wheel(target)]


def table(found: Mapping[str, Sequence[Package]]) -> Table:
    """Rows of Pythons, columns of systems: the number of packages of all lock files with a wheel."""
    shown = Table(box=None, pad_edge=False, title="Wheels", title_justify="left")
    for heading in ("Python", *SUPPORTED):
        shown.add_column(heading, justify="left" if heading == "Python" else "right")
    everything = {package for packages in found.values() for package in packages}
    for python in doctor.PYTHONS:
        cells = []
        for target in (target for target in TARGETS if target.python == python):
            needed, missing = sum(package.is_for(target) for package in everything), len(gaps(everything, target))
            cells.append(f"{needed - missing} of {needed}" if missing else f"all {needed}")
        shown.add_row(python, *cells)
    return shown


def complaints(found: Mapping[str, Sequence[Package]]) -> list[str]:
    """A sentence for each missing wheel: the package, its lock file, and the Python and system."""
    return [
        f"{package.name} {package.version} of the group {group} has no wheel for {target}."
        for group, packages in found.items()
        for target in TARGETS
        for package in gaps(packages, target)
    ]
