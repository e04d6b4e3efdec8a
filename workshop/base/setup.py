"""Makes a virtual environment from lock files. Standard library only: no package is installed when it runs.

A *group* is a lock file: `workshop` is requirements.txt, every other group of pyproject.toml has
requirements/<group>.txt and is installed when a command first needs it.

Packages come from the network, or from a folder of wheels: the one that WHEELS names, else offline/wheels if
`./ws offline` has filled it. Hashes are checked in both cases. Only pip's settings for the source of packages count. A
group counts as installed only if the environment can import it, even if pip reports success.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workshop import ROOT
from workshop.base import doctor, environment
from workshop.base.calls import Done, call, last_words
from workshop.base.locks import locked
from workshop.base.problems import CommandFailed

BASE = "workshop"
VENV = ROOT / ".venv"
CONTENTS = "contents.json"  # the contents of a folder of wheels, written by workshop.maintaining.packages.offline
MISSING = re.compile(r"No matching distribution found for (\S+)")


def lock_file(group: str, root: Path = ROOT) -> Path:
    """The file with the group's pinned and hashed requirements."""
    return doctor.lock_file(root, group)


def make(venv: Path = VENV, groups: Sequence[str] = (BASE,), python: str = sys.executable) -> None:
    """Brings `venv` up to date with the lock files next to it; does nothing if it is up to date.

    A group's stamp is written last: its lock file, and pip's records of the packages then installed. An environment without any stamp is half
    made, so it is made again. So is an environment for another Python than the one that its link points to. If a lock
    file has changed, or a package is missing, the environment is updated in place.
    """
    with locked(venv.parent):  # two set-ups at the same time wait for each other
        due = [group for group in groups if not _is_installed(venv, group)]
        if due and not _is_usable(venv):
            _say(f"Setting up {venv.name} with {_version(python)}. Once; it takes up to a minute.")
            _create(venv, python)
        for group in due:
            started = time.monotonic()
            _stamp(venv, group).unlink(missing_ok=True)
            _install(venv, group)
            _require(venv, group)
            records = [path.name for path in _packages_folder(venv).glob("*.dist-info")]
            _stamp(venv, group).write_text("\n".join([_digest(venv, group), *records]) + "\n")
            _say(f"{venv.name} has the {group} packages ({time.monotonic() - started:.0f} s).")


def interpreter(venv: Path = VENV) -> Path:
    """The environment's own Python."""
    return venv / "bin" / "python"


def _require(venv: Path, group: str) -> None:
    """Raises CommandFailed if the environment lacks a package of the group, or cannot import one."""
    script = Path(__file__).with_name("installed.py")
    asked = _call([str(interpreter(venv)), "-I", str(script), str(lock_file(group, venv.parent))])
    if asked.returncode:
        raise CommandFailed(f"{venv.name} cannot be used:\n{asked.stderr.strip()}")
    if wrong := asked.stdout.splitlines():
        first = "\n".join(wrong[:5])
        raise CommandFailed(
            f"pip reported success, but {venv.name} does not hold the {group} packages:\n{first}\n\n"
            f"Remove it and run this again: rm -r {shlex.quote(str(venv))}"
        )


def _create(venv: Path, python: str) -> None:
    _run([python, "-m", "venv", "--clear", str(venv)], f"{python} could not make {venv.name}")


def _install(venv: Path, group: str) -> None:
    lock = lock_file(group, venv.parent)
    if not lock.exists():
        raise CommandFailed(f"There is no group {group!r}: {lock} does not exist.")
    command = [str(interpreter(venv)), "-m", "pip", "install", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--no-deps", "--require-hashes", "-r", str(lock)]
    folder = wheels(venv.parent)
    if folder and group in contents_of(folder).get("groups", [group]):
        # Isolated, so that no setting turns the network on again.
        command += ["--isolated", "--no-index", f"--find-links={folder}"]
        done = _call(command)
        if done.returncode:
            raise CommandFailed(_not_in(folder, venv, group, done.stdout + done.stderr))
        return
    if folder:
        _say(f"{folder} has no {group} packages; they come from the network.")
    _run(command, f"The {group} packages could not be installed")


def wheels(root: Path = ROOT) -> Path | None:
    """The folder with the packages; None if they come from the network, which WHEELS= (empty) forces."""
    named = os.environ.get("WHEELS")
    folder = root / "offline" / "wheels" if named is None else Path(named).expanduser()
    if named == "" or (named is None and not folder.is_dir()):
        return None
    if not folder.is_dir():
        raise CommandFailed(f"WHEELS={named} is no folder. Is the USB stick plugged in and mounted there?")
    inner = folder / "wheels"  # WHEELS names the stick instead of its wheels folder
    return inner if inner.is_dir() and not any(folder.glob("*.whl")) else folder


def contents_of(folder: Path) -> dict[str, Any]:
    """The list of contents of a folder of wheels; empty if the folder has no list."""
    try:
        contents = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return contents if isinstance(contents, dict) else {}


def _not_in(folder: Path, venv: Path, group: str, output: str) -> str:
    """The reason why a folder of wheels was not enough, and what to do."""
    contents, missing = contents_of(folder), MISSING.search(output)
    covered = [f"Python {target['python']} on {target['system']}" for target in contents.get("for", [])]
    here = f"{_version(str(interpreter(venv)))} on {doctor.system_name()}"
    if not missing:
        return f"The {group} packages could not be installed from {folder}:\n{last_words(output)}"
    lines = [f"{folder} has no wheel of {missing[1]} for {here}."]
    if contents and contents.get("locks", {}).get(group) != _digest(venv, group):
        lines.append(f"It has other versions than {lock_file(group).name} needs: fill it again with ./ws offline.")
    elif covered:
        lines.append(f"It was filled for {', '.join(covered)}. Use one of these: make setup PYTHON=/path/to/python3")
    lines.append("With a network, make setup WHEELS= installs without the folder.")
    return "\n".join(lines)


def _run(command: Sequence[str], failure: str) -> None:
    done = _call(command)
    if done.returncode:
        raise CommandFailed(
            f"{failure}:\n{last_words(done.stdout + done.stderr)}\n\nSet-up needs the network once, or a folder of wheels (./ws offline, WHEELS=)."
            " Fix this and run it again, or try another Python: make setup PYTHON=/path/to/python3"
        )


def _call(command: Sequence[str]) -> Done:
    packages = environment.for_packages(command[0]) if command[1:3] == ["-m", "pip"] else environment.made()
    return call(command, env=packages)


def _is_usable(venv: Path) -> bool:
    """Whether the environment was finished and its Python is unchanged: a system upgrade may remove or replace it."""
    return interpreter(venv).exists() and any(venv.glob(".workshop-*")) and _packages_folder(venv).is_dir()


def _is_installed(venv: Path, group: str) -> bool:
    """Whether the stamp belongs to the lock file, and everything that it names still exists."""
    if not interpreter(venv).exists():
        return False
    try:
        digest, *records = _stamp(venv, group).read_text().splitlines()
    except (OSError, ValueError):
        return False
    folder = _packages_folder(venv)
    return digest == _digest(venv, group) and folder.is_dir() and {*records} <= {*os.listdir(folder)}


def _packages_folder(venv: Path) -> Path:
    """The folder in which the environment's Python looks for packages."""
    asked = [str(interpreter(venv)), "-I", "-S", "-c", "import sys; print('python%d.%d' % sys.version_info[:2])"]
    return venv / "lib" / _call(asked).stdout.strip() / "site-packages"


def _stamp(venv: Path, group: str) -> Path:
    return venv / f".workshop-{group}"


def _digest(venv: Path, group: str) -> str:
    return doctor.digest(venv.parent, group)


def _version(python: str) -> str:
    asked = [python, "-c", "import platform; print(platform.python_version())"]
    return "Python " + call(asked).stdout.strip()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _another_python_was_named(venv: Path) -> bool:
    """`make setup PYTHON=...` after an environment was made with another version."""
    if not os.environ.get("PYTHON") or not _is_usable(venv):
        return False
    return _version(str(interpreter(venv))) != _version(sys.executable)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make setup", description=__doc__)
    parser.add_argument("groups", nargs="*", default=[BASE], help="groups to install")
    groups: list[str] = parser.parse_args(arguments).groups
    environment.enter()
    try:
        if _another_python_was_named(VENV):
            shutil.rmtree(VENV)
        make(VENV, [BASE, *(group for group in groups if group != BASE)])
    except CommandFailed as failure:
        _say(str(failure))
        return 1
    except KeyboardInterrupt:
        _say("Set-up was interrupted. Run it again; it starts from the beginning.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
