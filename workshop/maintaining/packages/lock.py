"""Locks every group of pyproject.toml with hashes, for all Pythons and systems at once.

The table of wheels at the end covers every group: attendees install most of them with the command that needs them, and
maintainers need the rest. A package without a wheel on some system gets a marker in pyproject.toml.
"""

import sys
import tomllib
from collections.abc import Sequence

from workshop import ROOT
from workshop.base import doctor, environment, setup
from workshop.base.calls import output_of

VENV = ROOT / ".venv-lock"
UV = VENV / "bin" / "uv"
OPTIONS = (
    *("--universal", f"--python-version={doctor.PYTHONS[0]}", "--generate-hashes", "--no-header", "--quiet"),
    *("--no-emit-index-url", "--no-emit-find-links"),
)


def groups() -> list[str]:
    """The groups that pyproject.toml names, the base first."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        named = tomllib.load(file)["dependency-groups"]
    return [setup.BASE, *(group for group in named if group != setup.BASE)]


def command(group: str, *, upgrade: str = "") -> list[str]:
    """The uv call that locks one group. Further groups keep the base's versions.

    `upgrade` takes newer versions: of every package, "1", or of those that it names.
    """
    target = str(setup.lock_file(group).relative_to(ROOT))
    sources = ["pyproject.toml"] if group == setup.BASE else ["--constraint=requirements.txt"]
    named = upgrade.replace(",", " ").split()
    more = ["--upgrade"] if named == ["1"] else [f"--upgrade-package={package}" for package in named]
    return [str(UV), "pip", "compile", *sources, f"--group={group}", *OPTIONS, *more, f"-o={target}"]


def lock(chosen: Sequence[str], *, upgrade: str = "") -> list[str]:
    """Locks the chosen groups and returns the lock files' names."""
    setup.make(VENV, ["lock"])
    packages = environment.for_packages(sys.executable)
    for group in chosen:
        setup.lock_file(group).parent.mkdir(exist_ok=True)
        output_of(command(group, upgrade=upgrade), f"uv could not lock the group {group}", ROOT, packages)
    return [str(setup.lock_file(group).relative_to(ROOT)) for group in chosen]
