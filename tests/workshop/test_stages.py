import pytest

from workshop.stages import UnknownStage, stage, stages


def test_a_stage_is_here_as_soon_as_its_folder_holds_a_django_project(tmp_path):
    (tmp_path / "before").mkdir()
    (tmp_path / "step-01").mkdir()
    (tmp_path / "before" / "manage.py").touch()

    found = stages(tmp_path)

    assert [(each.name, each.folder) for each in found] == [("before", tmp_path / "before")]


def test_stages_come_in_the_order_of_the_migration(tmp_path):
    for name in ("after", "step-10", "before", "step-02"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manage.py").touch()

    names = [each.name for each in stages(tmp_path)]

    assert names == ["before", "step-02", "step-10", "after"]


def test_an_unknown_stage_is_refused_with_the_names_of_those_that_are_here(tmp_path):
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "manage.py").touch()

    with pytest.raises(UnknownStage, match=r"no stage 'befor'. Here are: before\."):
        stage("befor", tmp_path)


def test_this_repository_has_the_stage_before():
    assert stage("before").own_tests.is_dir()
