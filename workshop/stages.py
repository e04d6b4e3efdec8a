"""The stages of the server, by name. Whatever works on a stage asks here for it, and nowhere else."""

from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT

NAMES = ("before", *(f"step-{number:02}" for number in range(1, 11)), "after")


class UnknownStage(Exception):
    """No stage of that name is here. The message lists those that are."""


@dataclass(frozen=True)
class Stage:
    """One whole server: a Django project that `manage.py` runs from its own folder."""

    name: str
    folder: Path

    @property
    def own_tests(self) -> Path:
        """The tests that belong to this stage alone; the shared suite lives in tests/."""
        return self.folder / "tests"


def stages(root: Path = ROOT) -> list[Stage]:
    """Every stage that is here, oldest first."""
    return [Stage(name, root / name) for name in NAMES if (root / name / "manage.py").exists()]


def stage(name: str, root: Path = ROOT) -> Stage:
    """The stage of that name."""
    here = {stage.name: stage for stage in stages(root)}
    if name not in here:
        raise UnknownStage(f"There is no stage {name!r}. Here are: {', '.join(here) or 'none'}.")
    return here[name]
