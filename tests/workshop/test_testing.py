import io

import pytest
from rich.console import Console

from workshop.base.stages import stage, stages
from workshop.harness import testing
from workshop.harness.testing import Outcome, Run, Skipped
from workshop.maintaining import suites
from workshop.maintaining.gate import jobs


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def run_of(folder, source):
    (folder / "test_toy.py").write_text(source)
    return Run("toy", ["-q", "-p", "no:cacheprovider", "test_toy.py"], folder)


def test_a_run_is_counted_by_what_passed_failed_and_was_skipped(folder):
    source = (
        "import pytest\n"
        "def test_one(): pass\n"
        "def test_two(): pass\n"
        "def test_three(): assert False\n"
        "@pytest.fixture\ndef broken(): raise OSError\n"
        "def test_four(broken): pass\n"
        "@pytest.mark.skip\ndef test_five(): pass\n"
    )

    outcome = testing.execute(run_of(folder, source))

    assert (outcome.passed, outcome.failed, outcome.skipped) == (2, 2, 1)
    assert not outcome.is_green


def test_a_run_that_executed_nothing_is_not_green(folder):
    assert not testing.execute(run_of(folder, "")).is_green


def test_a_run_gets_its_environment(folder):
    source = "import os\ndef test_one(): assert os.environ['DB'] == 'postgres'\n"
    run = run_of(folder, source)

    outcome = testing.execute(Run(run.title, run.arguments, folder, environment={"DB": "postgres"}))

    assert outcome.is_green


def summary(outcomes, skipped=()):
    console = Console(file=io.StringIO(), width=80)
    testing.summarise(console, outcomes, skipped)
    return console.file.getvalue()


def test_the_summary_ends_with_a_plain_line_of_sums(capsys):
    outcomes = [Outcome("a", 3, 0, 1, 2.0, 0), Outcome("b", 4, 2, 0, 2.0, 1)]

    table = summary(outcomes)

    assert "RED (exit 1)" in table
    assert capsys.readouterr().out == "7 passed, 2 failed, 1 skipped\n"


def test_a_run_that_could_not_start_counts_as_a_failure(capsys):
    summary([Outcome("a", 3, 0, 0, 2.0, 0), Outcome("b", 0, 0, 0, 2.0, 4)])

    assert capsys.readouterr().out == "3 passed, 1 failed, 0 skipped\n"


def test_what_this_machine_cannot_run_is_named_with_the_reason():
    table = summary([Outcome("a", 3, 0, 0, 2.0, 0)], [Skipped("PostgreSQL", "connection refused")])

    assert "Not run: PostgreSQL: connection refused" in table


def test_an_absent_postgresql_is_explained(monkeypatch):
    monkeypatch.setattr(testing, "POSTGRES", "postgresql://postgres@127.0.0.1:1/postgres")

    assert "refused" in testing.why_no_postgres()


# Fuzzing


@pytest.fixture
def made(monkeypatch):
    """The environments that would have been made."""
    made = []
    monkeypatch.setattr(suites.setup, "make", lambda venv, groups: made.append((venv.name, groups)))
    return made


def test_fuzzing_runs_in_an_environment_of_its_own_with_a_seed_that_its_title_names(made):
    run = suites.fuzz_run(stage("before"), "postgres", seed=7, examples=3, minutes=0.5)

    assert made == [(".venv-fuzz", ["workshop", "fuzz"])]
    assert run.python.parent.parent.name == ".venv-fuzz"
    assert run.title == "before, PostgreSQL: fuzzing, SEED=7"
    assert run.environment == {"DB": "postgres", "SEED": "7", "MAX_EXAMPLES": "3", "MINUTES": "0.5"}


def job_named(name):
    return next(job for job in [*jobs.further_jobs(), *jobs.jobs_by_hand()] if job.name == name)


def test_test_all_fuzzes_each_stage_with_a_seed_that_never_changes(made):
    fuzzing = [run.title for each in stages() for run in job_named(f"{each.name}, fuzzing").runs()]

    assert fuzzing == [f"{each.name}: fuzzing, SEED=1" for each in stages()]


def test_what_needs_postgresql_is_skipped_where_there_is_none(made, monkeypatch):
    monkeypatch.setattr(testing, "why_no_postgres", lambda: "there is none")

    runs, skipped = jobs.runs_of([job_named("before, PostgreSQL"), job_named("before, fuzzing")])

    assert [run.title for run in runs] == ["before: fuzzing, SEED=1"]
    assert [(outcome.title, outcome.reason) for outcome in skipped] == [("before, PostgreSQL", "there is none")]


def test_test_all_plays_some_of_the_histories():
    (run,) = job_named("equivalence").runs()

    assert run.environment["HISTORIES"] == str(suites.FEW_HISTORIES)


def test_a_run_keeps_what_python_compiled_whatever_the_shell_says(folder, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    source = "import sys\ndef test_one(): assert not sys.dont_write_bytecode\n"

    assert testing.execute(run_of(folder, source)).is_green


@pytest.mark.parametrize("reason", [None, "debootstrap is not installed"])
def test_test_all_takes_a_fresh_machine_or_says_why_not(made, monkeypatch, reason):
    monkeypatch.setattr(jobs.fresh_machine, "why_not", lambda: reason)

    runs, skipped = jobs.runs_of([job_named("a fresh machine")])

    assert [run.title for run in runs] == ([] if reason else [suites.fresh_run().title])
    assert skipped == ([Skipped("a fresh machine", reason)] if reason else [])


def test_both_ends_run_on_the_oldest_python_and_on_newer_ones():
    assert suites.PYTHONS == ("3.11", "3.13", "3.14")


def test_comparing_takes_its_seed_and_its_number_of_histories_along():
    run = suites.equivalence_run("postgres", seed=7, histories=20)

    assert run.title == "both ends, PostgreSQL: equivalence, SEED=7"
    assert run.environment == {"DB": "postgres", "SEED": "7", "HISTORIES": "20", "STAGES": ""}
