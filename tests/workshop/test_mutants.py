"""The mutant runner on a toy stage of one module, with a suite of two tests."""

import difflib
import sys

import pytest

from workshop import ROOT
from workshop.base import stages
from workshop.base.stages import Stage
from workshop.maintaining import mutants
from workshop.maintaining.mutants import Fate, Suite

PRICE = "def total(price, quantity):\n    return price * quantity\n\n\ndef label():\n    return 'EUR'\n"
CONFTEST = """
import sys

def pytest_addoption(parser):
    parser.addoption("--stage-dir")

def pytest_configure(config):
    sys.dont_write_bytecode = True
    sys.path.insert(0, config.getoption("--stage-dir"))
"""
NAMED = "import price\ndef test_three_cost_thrice(): assert price.total(2, 3) == 6\n"
WHOLE = "import price\ndef test_prices_are_in_euro(): assert price.label() == 'EUR'\n"
HEADER = "# breaks: the total\n# noticed by: tests/shared/test_total.py -k thrice\n"


@pytest.fixture
def stage(tmp_path):
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / "price.py").write_text(PRICE)
    return Stage("toy", folder)


@pytest.fixture
def suite(tmp_path):
    shared = tmp_path / "tests" / "shared"
    shared.mkdir(parents=True)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (shared / "conftest.py").write_text(CONFTEST)
    (shared / "test_total.py").write_text(NAMED)
    (shared / "test_label.py").write_text(WHOLE)
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider")
    return Suite(tmp_path, ("tests/shared",), command)


def planted(tmp_path, old, new, header=HEADER):
    """A mutant that changes one line of price.py."""
    lines = PRICE.splitlines(keepends=True)
    changed = PRICE.replace(old, new).splitlines(keepends=True)
    hunks = difflib.unified_diff(lines, changed, "a/toy/price.py", "b/toy/price.py")
    patch = tmp_path / "wrong.patch"
    patch.write_text(header + "".join(hunks))
    return mutants.read(patch)


def verdict(stage, mutant, suite):
    (only,) = mutants.hunt(stage, [mutant], suite)
    return only


def test_a_mutant_is_killed_by_the_test_that_its_header_names(tmp_path, stage, suite):
    mutant = planted(tmp_path, "    return price * quantity", "    return price + quantity")

    found = verdict(stage, mutant, suite)

    assert found.fate is Fate.KILLED
    assert found.detail == "tests/shared/test_total.py::test_three_cost_thrice"


def test_a_mutant_that_the_named_tests_miss_can_be_killed_by_the_whole_suite(tmp_path, stage, suite):
    found = verdict(stage, planted(tmp_path, "    return 'EUR'", "    return 'USD'"), suite)

    assert found.fate is Fate.KILLED
    assert found.detail == "tests/shared/test_label.py::test_prices_are_in_euro"


def test_a_mutant_that_no_test_notices_survives(tmp_path, stage, suite):
    unnoticed = planted(tmp_path, "    return price * quantity", "    return price * abs(quantity)")

    found = verdict(stage, unnoticed, suite)

    assert found.fate is Fate.SURVIVED
    assert found.detail == "the total"


def test_the_stage_itself_is_never_changed(tmp_path, stage, suite):
    verdict(stage, planted(tmp_path, "    return 'EUR'", "    return 'USD'"), suite)

    assert (stage.folder / "price.py").read_text() == PRICE


def test_a_patch_that_no_longer_applies_is_an_error(tmp_path, stage, suite):
    mutant = planted(tmp_path, "    return 'EUR'", "    return 'USD'")
    (stage.folder / "price.py").write_text(PRICE.replace("EUR", "CHF"))

    found = verdict(stage, mutant, suite)

    assert found.fate is Fate.BROKEN
    assert "no longer applies" in found.detail


def test_a_patch_that_leaves_no_valid_python_is_an_error(tmp_path, stage, suite):
    found = verdict(stage, planted(tmp_path, "    return 'EUR'", "    return 'USD"), suite)

    assert found.fate is Fate.BROKEN
    assert "no valid Python: price.py, line 6" in found.detail


def test_a_header_that_names_no_test_is_an_error(tmp_path, stage, suite):
    header = HEADER.replace("thrice", "twice")
    mutant = planted(tmp_path, "    return 'EUR'", "    return 'USD'", header)

    found = verdict(stage, mutant, suite)

    assert found.fate is Fate.BROKEN
    assert "names tests that cannot be run" in found.detail


def test_a_patch_without_its_two_lines_is_an_error(tmp_path):
    with pytest.raises(mutants.BrokenMutant, match=r"wrong\.patch must start with two lines"):
        planted(tmp_path, "    return 'EUR'", "    return 'USD'", header="# breaks: the label\n")


def test_tests_that_do_not_end_prove_nothing(tmp_path, stage, suite, monkeypatch):
    monkeypatch.setattr(mutants, "SECONDS_A_RUN", 3)
    endless = "    return any(0 for _ in iter(int, 1))"

    found = verdict(stage, planted(tmp_path, "    return price * quantity", endless), suite)

    assert found.fate is Fate.BROKEN
    assert "did not end in 3 s" in found.detail


def test_a_stage_whose_tests_are_red_is_not_healthy(tmp_path, stage, suite):
    mutant = planted(tmp_path, "    return 'EUR'", "    return 'USD'")
    assert mutants.healthy(stage, [mutant], suite)

    (stage.folder / "price.py").write_text(PRICE.replace("*", "+"))

    assert not mutants.healthy(stage, [mutant], suite)


def test_a_mutant_is_planted_at_another_stage_with_the_same_code(tmp_path, stage, suite):
    other = Stage("step-05", stage.folder)

    found = verdict(other, planted(tmp_path, "    return price * quantity", "    return price + quantity"), suite)

    assert found.fate is Fate.KILLED


def test_a_mutant_of_code_that_is_elsewhere_at_another_stage_is_no_failure(tmp_path, stage, suite):
    mutant = planted(tmp_path, "    return price * quantity", "    return price + quantity")
    (stage.folder / "price.py").write_text("from domain.price import total, label\n")

    found = {name: verdict(Stage(name, stage.folder), mutant, suite).fate for name in ("toy", "step-05")}

    assert found == {"toy": Fate.BROKEN, "step-05": Fate.NOT_HERE}


def test_mutants_can_be_chosen_by_name(tmp_path):
    for name in ("retry-at-once", "retry-nine-times", "sign-nothing"):
        (tmp_path / f"{name}.patch").write_text(HEADER)

    chosen = mutants.read_all(tmp_path, only="retry")

    assert [mutant.name for mutant in chosen] == ["retry-at-once", "retry-nine-times"]


@pytest.mark.parametrize("mutant", mutants.read_all(ROOT / "tests" / "mutants"), ids=lambda mutant: mutant.name)
def test_every_planted_mistake_still_fits_the_code(tmp_path, mutant):
    mutants.plant(stages.stage("before"), mutant, tmp_path)
