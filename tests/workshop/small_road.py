"""A road of three small steps in a repository of its own, made as maintainers make theirs: commits, tags, export."""

import os
import subprocess
from pathlib import Path

from workshop.base.git import Git, begin
from workshop.maintaining.road.export import export

BEFORE = {
    "manage.py": "print('manage')\n",
    "plumbing/keys.py": "KEY = 1\n",
    "webhooks/models.py": "".join(f"line_{number} = {number}\n" for number in range(1, 31)),
    "webhooks/views.py": "def retry():\n    return 409\n",
    "tests/test_views.py": "def test_retry():\n    assert True\n",
}
STEPS = {
    1: [
        ("Name the money\n\nAmounts become values.", {"webhooks/money.py": "class Money:\n    pass\n"}),
        (
            "Use the money",
            {"webhooks/views.py": "from webhooks.money import Money\n\n\ndef retry():\n    return 409\n"},
        ),
    ],
    2: [
        ("Move one format out", {"webhooks/formats/csv.py": "NAME = 'csv'\n"}),
        (
            "Call rows — für alle — rows",
            {
                "webhooks/models.py": None,
                "webhooks/rows.py": BEFORE["webhooks/models.py"].replace("line_7 = 7", "line_7 = 8"),
            },
        ),
    ],
    3: [("Close the walls", {"webhooks/views.py": None, "webhooks/walls.py": "CLOSED = True\n"})],
}


def files_after(steps: int) -> dict[str, str]:
    """The tree that so many steps lead to."""
    files = dict(BEFORE)
    for number in range(1, steps + 1):
        for _, changes in STEPS[number]:
            files |= {name: text for name, text in changes.items() if text is not None}
            files = {name: text for name, text in files.items() if changes.get(name, "") is not None}
    return files


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def make_repository(folder: Path) -> Git:
    """The maintainers' own repository: before, then the commits of the steps, a tag after each."""
    git = begin(folder, "main")
    write(folder, BEFORE)
    commit(git, "Start")
    git("tag", "before")
    for number, commits in STEPS.items():
        for message, changes in commits:
            write(folder, {name: text for name, text in changes.items() if text is not None})
            for name, text in changes.items():
                if text is None:
                    (folder / name).unlink()
            commit(git, message)
        git("tag", f"step-{number:02}")
    return git


def make_workshop(root: Path) -> Path:
    """A folder like this repository's: before/, after/ and steps/."""
    write(root / "before", BEFORE)
    write(root / "after", files_after(3))
    export(make_repository(root.parent / f"{root.name}-maintainers"), root)
    return root


def commit(git: Git, message: str) -> str:
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "-m", message)
    return git("rev-parse", "HEAD")


def read(folder: Path) -> dict[str, str]:
    """The files below a folder, without .git."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def learners_git(folder: Path, *arguments: str, **more: str) -> str:
    """Git as a learner calls it, with an identity and nothing else of their own."""
    who = {f"GIT_{role}_{what}": "mila@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    alone = {"GIT_CONFIG_NOSYSTEM": "1", "HOME": os.devnull, "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=os.environ | alone | who | more, capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.strip()
