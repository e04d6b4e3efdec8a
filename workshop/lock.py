"""Locks every group of pyproject.toml with hashes, for all Pythons and systems at once."""

import subprocess
import tomllib
from collections.abc import Sequence

from workshop import ROOT, setup

VENV = ROOT / ".venv-lock"
OPTIONS = (
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--quiet",
)


def groups() -> list[str]:
    """The groups that pyproject.toml names, the base first."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        named = tomllib.load(file)["dependency-groups"]
    return [setup.BASE, *(group for group in named if group != setup.BASE)]


def command(group: str, *, upgrade: bool = False) -> list[str]:
    """The uv call that locks one group. Further groups keep the base's versions."""
    target = str(setup.lock_file(group).relative_to(ROOT))
    sources = ["pyproject.toml"] if group == setup.BASE else ["--constraint=requirements.txt"]
    more = ["--upgrade"] if upgrade else []
    return ["uv", "pip", "compile", *sources, f"--group={group}", *OPTIONS, *more, f"-o={target}"]


def lock(chosen: Sequence[str], *, upgrade: bool = False) -> list[str]:
    """Locks the chosen groups and returns the lock files' names."""
    setup.make(VENV, ["lock"])
    written = []
    for group in chosen:
        call = command(group, upgrade=upgrade)
        call[0] = str(VENV / "bin" / "uv")
        setup.lock_file(group).parent.mkdir(exist_ok=True)
        subprocess.run(call, cwd=ROOT, check=True)
        written.append(str(setup.lock_file(group).relative_to(ROOT)))
    return written
