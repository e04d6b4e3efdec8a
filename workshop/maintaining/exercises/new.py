"""A new exercise from the template: one that works, with `WRITE:` where its content goes."""

import shutil
from pathlib import Path

from workshop.base import leftovers
from workshop.base.problems import CommandFailed
from workshop.exercises import catalogue

TEMPLATE = Path(__file__).with_name("template")


def begin(name: str, root: Path) -> str:
    """Makes a working exercise from the template and returns the name of its folders."""
    parts = catalogue.FOLDER_NAME.fullmatch(name)
    if not parts:
        raise CommandFailed(f"{name!r} is not NN-slug, such as 05-rename-without-fear.")
    targets = {"exercise": root / "exercises" / name, "solution": root / "solutions" / name}
    for target in targets.values():
        if target.exists():
            raise CommandFailed(f"{target.relative_to(root)} already exists.")
    title = parts[2].replace("-", " ").capitalize()
    for part, target in targets.items():
        shutil.copytree(TEMPLATE / part, target, ignore=shutil.ignore_patterns(*leftovers.LEFTOVERS))
    for file in ("README.md", "exercise.toml", "questions.toml"):
        path = targets["exercise"] / file
        text = path.read_text(encoding="utf-8").replace("@TITLE@", title).replace("@NAME@", name)
        path.write_text(text, encoding="utf-8")
    return name
