import io

import pytest
from rich.console import Console

from workshop import testing
from workshop.testing import Outcome, Run, Skipped


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
