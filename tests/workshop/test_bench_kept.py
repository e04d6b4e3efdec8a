"""The kept run of the bench: ratios only, and what the site says about them."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from workshop.__main__ import cli
from workshop.base.problems import CommandFailed
from workshop.maintaining.bench import kept
from workshop.maintaining.bench.figures import FIGURES
from workshop.maintaining.bench.report import Report

BEFORE = {"requests_1": [1000.0, 1000.0], "drain_10000": [600.0, 800.0], "arrival": [10.0, 20.0, 30.0]}
AFTER = {"requests_1": [1000.0, 1000.0], "drain_10000": [500.0, 900.0], "arrival": [5.0, 10.0, 15.0]}
DRAINED = "One worker, deliveries per second: instant sink, 10,000 waiting"


@pytest.fixture
def steps(tmp_path):
    (tmp_path / "steps").mkdir()
    return tmp_path


def report(load=0.1, **engines):
    samples = {"sqlite": {"before": BEFORE, "after": AFTER}}
    return Report(["before", "after"], datetime(2026, 11, 30, tzinfo=UTC), 512.3, load, samples)


def test_a_run_is_kept_as_ratios_and_without_a_rate(steps):
    file = kept.keep(report(), 3, 5.0, steps)

    record = json.loads(file.read_text())
    compared = {f"{row['group']}: {row['label']}": row["ratios"]["sqlite"] for row in record["compared"]}
    assert compared[DRAINED] == 1.0
    assert compared["Accept to arrival, 50 events/s: p50"] == 0.5
    assert [row["values"]["sqlite"] for row in record["own"]] == [[0.7, 0.7]]
    assert record["began"] == "2026-11-30" and record["run"] == {"seconds": 512, "rounds": 3, "window": 5.0}
    assert {"python", "sqlite", "django", "requests"} <= record["versions"].keys()
    assert "700" not in file.read_text()


def test_the_page_shows_the_ratios_of_one_run_with_its_machine(steps):
    kept.keep(report(), 3, 5.0, steps)

    shown = kept.filled(f"Speed.\n\n{kept.MARK}\nEnd.\n", steps)

    assert f"| {DRAINED} | 1.00 | higher |" in shown
    assert "| One worker, deliveries per second: of the requests.Session loop | 0.70 × | 0.70 × | ≥ 0.75 × |" in shown
    assert "ratios of one run, of 2026-11-30: 3 rounds with windows of at most 5 s, 512 s in all" in shown
    assert "short one" not in shown and "busy" not in shown


@pytest.mark.parametrize(
    ("load", "rounds", "warning"),
    [(0.1, 1, "The run was a short one"), (99, 3, "Other programs kept the machine busy")],
)
def test_the_page_warns_of_a_run_that_says_little(steps, load, rounds, warning):
    kept.keep(report(load), rounds, 5.0, steps)

    assert warning in kept.filled(kept.MARK, steps)


def test_a_page_without_a_kept_run_names_the_command(steps):
    assert kept.COMMAND in kept.filled(kept.MARK, steps)


def test_a_run_of_one_stage_is_not_kept():
    done = CliRunner().invoke(cli, ["bench", "--keep"])

    assert isinstance(done.exception, CommandFailed)
    assert "compares two stages: ./ws bench --stage before,after --keep" in str(done.exception)


def test_every_ratio_inside_one_stage_has_a_unit_that_says_so():
    assert {figure.unit for figure in FIGURES if "of " in figure.label or "lost" in figure.label} >= {"×", "%"}
