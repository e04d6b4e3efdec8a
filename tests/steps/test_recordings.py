"""Every recording in steps/recordings/, made again: a call more, a call less or another statement is red."""

import pytest

from workshop.base.stages import Stage, all_stages
from workshop.maintaining.twins import recordings


@pytest.mark.parametrize("stage", all_stages(), ids=lambda stage: stage.name)
def test_the_recording_of_a_stage_is_the_one_kept(stage: Stage) -> None:
    assert recordings.differences(stage) == []
