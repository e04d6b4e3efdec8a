"""This workshop's own code is the reference: what each stage and each exercise shows."""

import subprocess
import sys

import pytest

from django_signs.command import examine
from django_signs.options import Options
from django_signs.texts import TEXTS
from workshop import ROOT
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage, all_stages, stage
from workshop.maintaining import measure

EXERCISES = {
    "01-spot-the-signs": ["hidden-work"],
    "06-thin-the-checkout": ["fat-entry"],
}


def signs_of(folder):
    return [finding.sign for finding in examine(folder, Options()).findings]


def test_before_shows_the_format_maze_and_the_signal():
    assert signs_of(ROOT / "before") == ["scattered-set", "hidden-work"]


def test_after_shows_nothing():
    assert signs_of(ROOT / "after") == []


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "exercises").iterdir() if path.is_dir()))
def test_an_exercise_shows_what_it_teaches_and_nothing_else(name):
    assert signs_of(ROOT / "exercises" / name / "start") == EXERCISES.get(name, [])


def test_the_same_input_gives_the_same_bytes():
    call = [sys.executable, "-E", str(ROOT / "signs"), str(ROOT / "before"), "--json"]

    first, second = (subprocess.run(call, capture_output=True, check=True).stdout for _ in range(2))

    assert first == second


def stages_in_the_page():
    page = (
        (ROOT / "docs" / "signs.md").read_text(encoding="utf-8").partition("| stage | signs |")[2].partition("\n\n")[0]
    )
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in page.splitlines()[2:]]
    return {name: [] if signs == "none" else signs.split(", ") for name, signs in rows}


@pytest.mark.parametrize("name, signs", stages_in_the_page().items())
def test_the_page_says_what_each_stage_shows(name, signs):
    assert signs_of(stage(name).folder) == signs
    assert measure.signs(stage(name)) == {"signs": len(signs)}


def test_the_figures_of_the_map_are_those_findings_and_fall_along_the_road():
    kept = [measure.kept()[one.name]["signs"] for one in all_stages()]

    assert kept == [len(signs) for signs in stages_in_the_page().values()]
    assert kept == sorted(kept, reverse=True)
    assert (kept[0], kept[-1]) == (2, 0)


def test_a_stage_that_cannot_be_looked_at_has_no_figure(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.signs]\nsendz = []\n")

    with pytest.raises(CommandFailed, match=r"(?s)fails at step-01:.*sendz"):
        measure.signs(Stage("step-01", tmp_path))


def test_the_page_has_every_stage_and_every_sign():
    page = (ROOT / "docs" / "signs.md").read_text(encoding="utf-8")

    assert list(stages_in_the_page()) == [stage.name for stage in all_stages()]
    assert all(f"`{sign}`" in page for sign in TEXTS)
