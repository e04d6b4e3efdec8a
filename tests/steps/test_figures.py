"""Every figure in steps/figures.json, measured again. Measuring a stage's own tests runs them: a red one fails here."""

import pytest

from workshop.base.road import road
from workshop.base.stages import Stage, all_stages
from workshop.maintaining import measure


@pytest.mark.parametrize("group", measure.GROUPS)
@pytest.mark.parametrize("stage", all_stages(), ids=lambda stage: stage.name)
def test_the_figures_of_a_stage_are_those_kept(stage: Stage, group: str) -> None:
    assert measure.differences(stage.name, measure.GROUPS[group](stage)) == []


@pytest.mark.parametrize("stage", all_stages(), ids=lambda stage: stage.name)
def test_the_size_of_a_step_is_the_one_kept(stage: Stage) -> None:
    assert measure.differences(stage.name, measure.walked(road(), stage.name)) == []
