"""Imports between modules, direct and indirect, and the learner's own contracts about them."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import patch

from workshop.exercises import trees
from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes.running import unloaded


def reaches(project: Project, source: str, forbidden: Sequence[str]) -> Iterator[Finding]:
    """Every import chain from a module (or all modules of a package) to a module that it must not know.

    The place of a chain is its first import, because the learner can cut it there. A module that does not exist
    yields nothing: another check asks for it.
    """
    import grimp

    graph = grimp.build_graph(source.split(".")[0], include_external_packages=True, cache_dir=None)
    if source not in graph.modules:
        return
    for module in sorted(graph.modules & {*forbidden}):
        for chain in sorted(graph.find_shortest_chains(importer=source, imported=module, as_packages=True)):
            found = graph.get_import_details(importer=chain[0], imported=chain[1])
            line = min((each["line_number"] for each in found), default=0)
            path = chain[0].replace(".", "/")
            file = f"{path}/__init__.py" if (project.folder / path).is_dir() else f"{path}.py"
            yield Finding(file, line, " -> ".join(chain))


def unnoticed(project: Project, configuration: str, file: str, line: str) -> Iterator[Finding]:
    """A finding if no contract notices a forbidden import, which is added to a file in a copy of the project.

    Yields nothing if the learner's contracts notice the import.
    """
    with tempfile.TemporaryDirectory(prefix="planted-") as scratch:
        copy = Project(Path(scratch), project.start)
        trees.lay(copy.folder, project.folder)
        with (copy.folder / file).open("a", encoding="utf-8") as opened:
            opened.write(f"\n{line}\n")
        own = {path.stem for path in copy.folder.iterdir() if path.is_dir() or path.suffix == ".py"}
        with unloaded(own), patch.object(sys, "path", [scratch, *sys.path]):
            if not list(broken_contracts(copy, configuration)):
                yield Finding(configuration, 0, f"{line!r} in {file} breaks no contract")


def broken_contracts(project: Project, configuration: str) -> Iterator[Finding]:
    """The broken contracts of the learner's own configuration file, such as .importlinter."""
    from importlinter.application import use_cases
    from importlinter.configuration import configure

    file = project.folder / configuration
    if not file.exists():
        yield Finding(configuration, 0, "there is no such file")
        return
    configure()
    try:
        options = use_cases.read_user_options(str(file))
        use_cases._register_contract_types(options)
        report = use_cases.create_report(options, cache_dir=None)
    except Exception as error:
        yield Finding(configuration, 0, f"import-linter cannot read it: {error}")
        return
    lines = file.read_text(encoding="utf-8").splitlines()
    for contract, check in report.get_contracts_and_checks():
        if not check.kept:
            line = next((number for number, text in enumerate(lines, start=1) if contract.name in text), 0)
            yield Finding(configuration, line, f"the contract {contract.name!r} is broken")
