import os
import shutil
import subprocess
import sys
import time

import pytest
from small_road import files_after, read

from workshop import ROOT
from workshop.base.problems import CommandFailed
from workshop.base.stages import all_stages, rungs, stage, stages


def test_a_stage_is_here_as_soon_as_its_folder_holds_a_django_project(tmp_path):
    (tmp_path / "before").mkdir()
    (tmp_path / "step-01").mkdir()
    (tmp_path / "before" / "manage.py").touch()

    found = stages(tmp_path)

    assert [(each.name, each.folder) for each in found] == [("before", tmp_path / "before")]


def test_the_two_ends_come_in_the_order_of_the_migration(tmp_path):
    for name in ("after", "before"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manage.py").touch()

    assert [each.name for each in stages(tmp_path)] == ["before", "after"]


def test_a_stage_in_between_is_laid_out_from_the_patches(workshop):
    found = stage("step-02", workshop)

    assert (found.name, read(found.folder)) == ("step-02", files_after(2))
    assert workshop / "var" / "stages" in found.folder.parents


@pytest.mark.parametrize("name", ["2", "02", "step-2"])
def test_a_stage_in_between_has_a_number_too(workshop, name):
    assert stage(name, workshop).name == "step-02"


def test_all_stages_are_there_in_order_and_stages_alone_are_the_ends(workshop):
    names = [each.name for each in all_stages(workshop)]

    assert names == ["before", "step-01", "step-02", "step-03", "after"]
    assert [each.name for each in rungs(workshop)] == ["step-03"]
    assert [each.name for each in stages(workshop)] == ["before", "after"]


def test_a_stage_follows_its_patches(workshop):
    first = stage("step-02", workshop).folder
    (workshop / "before" / "README.md").write_text("# New\n")

    second = stage("step-02", workshop).folder

    assert read(second) == files_after(2) | {"README.md": "# New\n"}
    assert read(first) == files_after(2)


def test_two_commands_that_ask_at_once_get_the_same_stage(workshop):
    shutil.rmtree(workshop / "var")
    script = "import sys; from pathlib import Path; from workshop.base.stages import stage"
    script += "; print(stage('step-03', Path(sys.argv[1])).folder)"
    call = [sys.executable, "-c", script, str(workshop)]

    asked = [subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]

    assert len({process.communicate()[0] for process in asked}) == 1
    assert [process.returncode for process in asked] == [0, 0, 0]
    assert read(stage("step-03", workshop).folder) == files_after(3)


def test_roads_of_other_patches_are_forgotten_after_a_week(workshop):
    old, recent = (workshop / "var" / "stages" / name for name in ("0000", "1111"))
    for folder, days in ((old, 8), (recent, 6)):
        folder.mkdir()
        os.utime(folder, (time.time() - days * 24 * 3600,) * 2)
    (workshop / "before" / "README.md").write_text("# New\n")

    stage("step-01", workshop)

    assert (old.exists(), recent.exists()) == (False, True)


def test_an_unknown_stage_is_refused_with_the_names_of_all_stages(workshop):
    with pytest.raises(CommandFailed, match=r"The stages are: before, step-01, step-02, step-03, after\."):
        stage("step-04", workshop)


def test_an_unknown_stage_is_refused_with_the_names_of_those_that_are_here(tmp_path):
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "manage.py").touch()

    with pytest.raises(CommandFailed, match=r"no stage 'befor'. The stages are: before\."):
        stage("befor", tmp_path)


def test_this_repository_has_the_stage_before():
    assert stage("before").own_tests.is_dir()
