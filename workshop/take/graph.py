"""A program of its own: what the modules of packages import, and whether contracts hold. It reads them and imports none.

`python -I graph.py FOLDER PACKAGE…` prints the imports as JSON. `python -I graph.py FOLDER --check FILE` ends with the
exit status of import-linter. FOLDER holds nothing but the packages, and comes first on the path only after all libraries
are loaded: a project may have a package of any name.
"""

import json
import os
import sys
from importlib.machinery import PathFinder

import grimp
from importlinter import cli


def imports_of(packages: list[str]) -> dict[str, list[str]]:
    """For each module the modules of these packages that it imports."""
    graph = grimp.build_graph(*packages, cache_dir=None)
    return {module: sorted(graph.find_modules_directly_imported_by(module)) for module in sorted(graph.modules)}


def main(folder: str, *rest: str) -> int:
    """Runs one of the two."""
    sys.path.insert(0, folder)
    for package in {*os.listdir(folder)} & {*sys.modules}:  # the project's grimp, not the library of that name
        sys.modules[package].__spec__ = PathFinder.find_spec(package, [folder])
    if rest[0] == "--check":
        return int(cli.lint_imports(config_filename=rest[1], no_cache=True, no_logo=True))
    print(json.dumps(imports_of(list(rest))))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
