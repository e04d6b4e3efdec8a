"""The judge: whatever a learner's code does, there is an answer, it is about their code, and nothing stays behind."""

import os
import shutil
import time

import pytest

from workshop import processes
from workshop.exercises import catalogue, trees
from workshop.exercises.judge import Judge

SECONDS = 60


@pytest.fixture(scope="module")
def money():
    return catalogue.find("money-is-not-a-float")


@pytest.fixture(scope="module")
def judge():
    with Judge(seconds_a_job=SECONDS) as made:
        yield made


@pytest.fixture
def project(tmp_path, money):
    folder = tmp_path / "work"
    trees.lay(folder, money.start, money.solution)
    return folder


def test_good_work_is_green_and_the_folder_is_as_it_was(judge, money, project):
    before = sorted(path.relative_to(project) for path in project.rglob("*"))

    verdict = judge.judge(money, project)

    assert verdict.is_green
    assert sorted(path.relative_to(project) for path in project.rglob("*")) == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import os; os._exit(0)", "your code ended the process that checks it"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "This check could not be made"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_code_that_ends_its_process_is_red_and_says_so(judge, money, project, line, said):
    (project / "shop" / "invoice.py").write_text(line)

    first = judge.judge(money, project).red[0]

    assert said in first.message()


def test_code_without_an_end_is_ended_and_the_next_answer_is_about_the_next_code(money, project):
    invoice = project / "shop" / "invoice.py"
    invoice.write_text("while True:\n    pass\n")
    with Judge(seconds_a_job=1) as judge:
        verdict = judge.judge(money, project)
        shutil.copy(money.solution / "shop" / "invoice.py", invoice)
        judge.seconds_a_job = SECONDS
        after = judge.judge(money, project)

    assert "gave no answer in 1 s. Is there a loop without an end" in verdict.red[0].message()
    assert after.is_green


def test_code_that_prints_without_an_end_is_red(judge, money, project):
    (project / "shop" / "invoice.py").write_text("while True:\n    print('x' * 1000)\n")

    assert judge.judge(money, project).red[0].findings[0].place == "shop/invoice.py:2"


def test_a_finding_without_a_line_is_told_without_one(judge, money, project):
    (project / "shop" / "money.py").unlink()
    shutil.copy(money.start / "shop" / "invoice.py", project / "shop" / "invoice.py")

    told = {result.check.id: result.message() for result in judge.judge(money, project).red}

    assert told["money-stands-alone"].startswith("shop/money.py: there is no file shop/money.py.")


def test_tests_of_the_learner_decide_nothing(judge, money, project):
    for name in ("conftest.py", "pytest.ini", "test_invoice.py"):
        (project / name).write_text("raise RuntimeError('not to be run')\n")

    assert judge.judge(money, project).is_green


def test_one_answer_does_not_depend_on_the_one_before(judge, money, project, tmp_path):
    bare = tmp_path / "bare"
    trees.lay(bare, money.start)

    answers = [[result.check.id for result in judge.judge(money, one).red] for one in (bare, project, bare)]

    assert answers[0] == answers[2] != answers[1] == []


def test_a_closed_judge_leaves_no_process_behind(money, project):
    (project / "shop" / "invoice.py").write_text("import time\ntime.sleep(30)\n")
    with Judge(seconds_a_job=0.2) as judge:
        pid = judge._process.pid
        judge.judge(money, project)

    deadline = time.monotonic() + SECONDS
    while (left := _of_group(pid)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == []


def _of_group(session):
    return [process.pid for process in processes.listed() if process.session == session and not process.has_ended]


def test_a_fresh_environment_does_not_leak_in(money, project, monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "elsewhere.settings")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")

    with Judge(seconds_a_job=SECONDS) as judge:
        assert judge.judge(money, project).is_green

    assert os.environ["DJANGO_SETTINGS_MODULE"] == "elsewhere.settings"
