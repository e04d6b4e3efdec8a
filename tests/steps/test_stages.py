"""Every stage between before/ and after/: what `make lint` asks of the ends."""

import pytest

from workshop.base.stages import Stage, all_stages, steps_between
from workshop.maintaining.road.proofs import PROOFS


@pytest.mark.parametrize("proof", PROOFS)
@pytest.mark.parametrize("stage", steps_between(), ids=lambda stage: stage.name)
def test_a_stage_is_whole(stage: Stage, proof: str) -> None:
    assert [str(problem) for problem in PROOFS[proof](stage)] == []


def test_there_are_twelve_stages() -> None:
    assert [stage.name for stage in all_stages()] == ["before", *(f"step-{n:02}" for n in range(1, 11)), "after"]
