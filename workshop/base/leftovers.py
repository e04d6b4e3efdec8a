"""Leftovers: files that editors, systems and tools leave in a folder. The one list for exercises, walk/ and checks.

Standard library only.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

# Patterns of names, of files and folders. Python, its tools and its environments:
OF_TOOLS = (
    *("__pycache__", "*.pyc", "*.pyo", "*.sqlite3", "*.sqlite3-*", "*.egg-info", ".coverage", ".coverage.*", "htmlcov"),
    *(".pytest_cache", ".ruff_cache", ".mypy_cache", ".hypothesis", ".import_linter_cache", ".grimp_cache", ".tox"),
    *(".nox", ".env", ".venv", "venv", "node_modules", "nohup.out", ".ipynb_checkpoints", ".ropeproject"),
)
# vim's swap files and its test file 4913; copies, locks and automatic saves of Emacs, nano and others; files of patch.
OF_EDITORS = (
    *("*~", ".*.sw?", "*.swp", "*.swo", "4913", "#*#", ".#*", "*.bak", "*.orig", "*.rej", "*.save", "*.tmp"),
    *(".idea", ".vscode", ".fleet", ".zed", "*.sublime-project", "*.sublime-workspace", ".*.kate-swp", ".*.un~"),
    *("*___jb_tmp___", "*___jb_old___", "*_flymake.py", "flycheck_*.py"),
)
# macOS, Windows and WSL, desktops, network disks.
OF_SYSTEMS = (
    *(".DS_Store", "._*", ".AppleDouble", ".Spotlight-V100", ".Trashes", "Icon\r", "Thumbs.db", "desktop.ini"),
    *("*:Zone.Identifier", "*.Zone.Identifier", "*.Identifier:$DATA", ".directory", ".Trash-*"),
    *(".nfs*", ".fuse_hidden*", ".goutputstream-*"),
)
LEFTOVERS = (*OF_TOOLS, *OF_EDITORS, *OF_SYSTEMS)
OF_AN_ENVIRONMENT = "pyvenv.cfg"  # a folder with this file is a virtual environment, under any name


@cache
def is_leftover(name: str) -> bool:
    """Whether a file or folder of that name is a leftover."""
    return any(fnmatchcase(name, pattern) for pattern in LEFTOVERS)


def is_environment(folder: Path) -> bool:
    """Whether a folder is a virtual environment."""
    return (folder / OF_AN_ENVIRONMENT).is_file()


def is_nobodys(path: Path) -> bool:
    """Whether an existing file or folder is a leftover."""
    return is_leftover(path.name) or is_environment(path)


def is_within_leftovers(relative: str, folder: Path) -> bool:
    """Whether a path below a folder is a leftover, or is inside one."""
    parts = Path(relative).parts
    return any(is_nobodys(folder.joinpath(*parts[: count + 1])) for count in range(len(parts)))


def files(folder: Path, *, hidden: bool) -> Iterator[str]:
    """The files below a folder that are no leftovers, as relative posix paths; hidden files only with `hidden`."""
    yield from _files(folder, "", hidden)


def _files(folder: Path, prefix: str, hidden: bool) -> Iterator[str]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if (path.name.startswith(".") and not hidden) or is_nobodys(path):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _files(path, f"{prefix}{path.name}/", hidden)
        elif path.is_file():
            yield prefix + path.name


def python_files(folder: Path) -> list[Path]:
    """The Python files below a folder that are no leftovers."""
    return [folder / name for name in files(folder, hidden=False) if name.endswith(".py")]


def as_gitignore(folder: Path) -> str:
    """The list in git's syntax, with the virtual environments in a folder."""
    named = [pattern for pattern in LEFTOVERS if "\r" not in pattern]
    patterns = [f"\\{pattern}" if pattern.startswith("#") else pattern for pattern in named]
    environments = [f"/{path.parent.name}/" for path in sorted(folder.glob(f"*/{OF_AN_ENVIRONMENT}"))]
    return "\n".join([*patterns, *environments]) + "\n"
