"""Puts new files into a project: all of them or none. Shows them before that, and says how to remove them after it."""

import difflib
import os
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from workshop.base.problems import CommandFailed
from workshop.take.project import Project


def diff_of(project: Project, files: Mapping[Path, str]) -> Iterator[str]:
    """What the files add, as a unified diff from the top of the repository."""
    for file, text in sorted(files.items()):
        name = file.relative_to(project.top).as_posix()
        lines = list(difflib.unified_diff([], text.splitlines(), "/dev/null", f"b/{name}", lineterm=""))
        yield from lines or ["--- /dev/null", f"+++ b/{name}", "(an empty file)"]


def refuse_clashes(files: Mapping[Path, str]) -> None:
    """Raises CommandFailed if a file is there, or if Python would find something else under its name."""
    for file in files:
        module = file.with_suffix("")
        twins = (file, module, module / "__init__.py") if file.suffix == ".py" and file.stem != "__init__" else (file,)
        if taken := next((one for one in twins if os.path.lexists(one)), None):
            raise CommandFailed(f"{taken} is there already, and stays as it is. --name or --app avoids the clash.")
    for folder in {file.parent for file in files}:
        shadowing = folder.with_name(f"{folder.name}.py")
        if not folder.exists() and shadowing.exists():
            raise CommandFailed(f"{folder} would hide {shadowing}. --name or --app avoids the clash.")
        there = next(one for one in (folder, *folder.parents) if os.path.lexists(one))
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            raise CommandFailed(
                f"No file can be made in {there}. Allow it with chmod u+w, or name a copy of the project."
            )


def place(project: Project, files: Mapping[Path, str]) -> str:
    """Writes the files; returns the command that removes them and the new folders, and nothing else.

    Raises CommandFailed if a file cannot be written, and removes those that it wrote before.
    """
    written: list[Path] = []
    made: list[Path] = []
    try:
        for file, text in sorted(files.items()):
            for folder in reversed([one for one in file.parents if not one.exists()]):
                folder.mkdir()
                made.append(folder)
            with file.open("x", encoding="utf-8", newline="\n") as opened:
                written.append(file)
                opened.write(text)
    except OSError as error:
        for file in written:
            file.unlink(missing_ok=True)
        for folder in reversed(made):
            folder.rmdir()
        what = f"{error.filename or project.folder} cannot be written: {error.strerror}."
        raise CommandFailed(f"{what} Nothing was changed in {project.folder}.") from error
    compiled = _listed(project, (folder / "__pycache__" for folder in reversed(made)))
    folders = f" && rm -rf {compiled} && rmdir {_listed(project, reversed(made))}" if made else ""
    return f"cd {shlex.quote(str(project.top))} && rm {_listed(project, written)}{folders}"


def _listed(project: Project, paths: Iterable[Path]) -> str:
    return shlex.join(str(path.relative_to(project.top)) for path in paths)
