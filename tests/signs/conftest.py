"""Small projects, written file by file."""

from pathlib import Path
from textwrap import dedent

import pytest

from django_signs.analysis import Report, analyse
from django_signs.options import Options
from django_signs.project import load
from django_signs.sources import Folder

ROOT = Path(__file__).parents[2]


class Small:
    """A project in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        for parent in file.relative_to(self.folder).parents:
            if str(parent) != ".":
                (self.folder / parent / "__init__.py").touch()
        file.write_text(dedent(text), encoding="utf-8")

    def report(self, **options: tuple[str, ...]) -> Report:
        return analyse(load("small", Folder(self.folder), Options(**options)))

    def signs(self, **options: tuple[str, ...]) -> list[str]:
        return [finding.sign for finding in self.report(**options).findings]

    def only(self, sign: str, **options: tuple[str, ...]):
        found = [finding for finding in self.report(**options).findings if finding.sign == sign]
        assert len(found) == 1, [finding.title for finding in found]
        return found[0]


@pytest.fixture
def small(tmp_path):
    return Small(tmp_path / "small")
