"""The stages of the server, by name. All code that works on a stage gets it here.

`before` and `after` are folders of this repository. A stage between them is made from before/ by the patches in steps/:
it is made in var/stages/ at its first use, never in a learner's walk/.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base.names import RUNGS, STAGES, stage_name
from workshop.base.problems import CommandFailed
from workshop.base.road import road


@dataclass(frozen=True)
class Stage:
    """One whole server: a Django project that `manage.py` runs from its own folder."""

    name: str
    folder: Path

    @property
    def own_tests(self) -> Path:
        """The tests that belong only to this stage; the shared suite is in tests/."""
        return self.folder / "tests"


def stages(root: Path = ROOT) -> list[Stage]:
    """The first and the last stage, if they exist: `make test` and `make lint` have time for these two."""
    return [Stage(name, root / name) for name in ("before", "after") if (root / name / "manage.py").exists()]


def steps_between(root: Path = ROOT) -> list[Stage]:
    """The stages between before/ and after/, which the patches make, in order."""
    if not _has_patches(root):
        return []
    laid = road(root)
    return [Stage(name, laid.stage_folder(name)) for name in laid.stages() if name.startswith("step-")]


def rungs(root: Path = ROOT) -> list[Stage]:
    """The rungs among them: the places to stop."""
    return [stage for stage in steps_between(root) if stage.name in {STAGES[number] for number in RUNGS}]


def all_stages(root: Path = ROOT) -> list[Stage]:
    """Every stage, oldest first."""
    ends = stages(root)
    return [*ends[:1], *steps_between(root), *ends[1:]] if ends and ends[0].name == "before" else ends


def stage(name: str, root: Path = ROOT) -> Stage:
    """The stage of that name."""
    here = {stage.name: stage for stage in stages(root)}
    wanted = ""
    with suppress(CommandFailed):
        wanted = stage_name(name)
    if wanted in here:
        return here[wanted]
    laid = road(root) if _has_patches(root) else None
    between = laid.stages() if laid else []
    if laid and wanted in between:
        return Stage(wanted, laid.stage_folder(wanted))
    listed = sorted({*here, *between}, key=STAGES.index)
    raise CommandFailed(f"There is no stage {name!r}. The stages are: {', '.join(listed) or 'none'}.")


def _has_patches(root: Path) -> bool:
    return any((root / "steps").glob("*/*.patch"))
