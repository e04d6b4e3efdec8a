"""Check that the environment of this script holds the packages of a lock file, and can import them.

    .venv/bin/python -I workshop/base/installed.py requirements.txt

pip can succeed and leave the environment empty, if a setting sends the packages to another folder. So set-up asks the
environment itself. The output is a sentence for each package that is missing.
"""

import importlib
import importlib.metadata
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement  # packaging itself may be missing

PINNED = re.compile(r"^[A-Za-z0-9][^\\\n]*==[^\\\n]*", re.MULTILINE)


def pinned(lock: str) -> Iterator[Requirement]:
    """The requirements of the lock file for this Python on this system."""
    for line in PINNED.findall(lock):
        requirement = Requirement(line.strip())
        if requirement.marker is None or requirement.marker.evaluate():
            yield requirement


def problem(requirement: Requirement) -> str | None:
    """The reason why a package cannot be used here; None if it can."""
    try:
        distribution = importlib.metadata.distribution(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return f"{requirement.name} is not in the environment"
    if not requirement.specifier.contains(distribution.version, prereleases=True):
        return f"{requirement.name} is {distribution.version} there, not {requirement.specifier}"
    compiled = any(file.suffix == ".so" for file in distribution.files or ())
    for module in sorted(set(modules(distribution))):
        if importlib.util.find_spec(module) is None:
            return f"{requirement.name} cannot be imported: there is no {module}"
        # Compiled code may not fit this system; only loading it shows that. Loading all Python code takes seconds.
        if compiled and (error := _error_on_import(module)):
            return f"{requirement.name} cannot be imported: {error}"
    return None


def _error_on_import(module: str) -> ImportError | None:
    try:
        importlib.import_module(module)
    except ImportError as error:
        # Python names the module that it could not load. psycopg_binary names none: it must only be loaded second.
        return error if error.name else None
    except Exception:
        return None  # the package is there, and needs settings before its import
    return None


def modules(distribution: importlib.metadata.Distribution) -> Iterator[str]:
    """The modules and packages at the top of a distribution."""
    for file in distribution.files or ():
        if len(file.parts) == 2 and file.name == "__init__.py":
            yield file.parts[0]
        elif len(file.parts) == 1 and (name := inspect.getmodulename(file.name)):
            yield name


def main(lock: Path) -> None:
    for requirement in pinned(lock.read_text(encoding="utf-8")):
        if said := problem(requirement):
            print(said)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
