"""The judge: whatever a learner's code does, there is an answer, it is about their code, and nothing stays behind."""

import os
import shutil
import time

import pytest

from workshop.exercises import catalogue, trees
from workshop.exercises.judge import Judge, patient
from workshop.harness import processes
from workshop.maintaining.exercises import new

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


@pytest.fixture(scope="module")
def prices(tmp_path_factory):
    """The exercise of the template, whose checks take a quarter of a second: for what is so with every exercise."""
    root = tmp_path_factory.mktemp("root")
    return catalogue.read(root / "exercises" / new.begin("01-prices", root))


@pytest.fixture
def priced(tmp_path, prices):
    folder = tmp_path / "priced"
    trees.lay(folder, prices.start, prices.solution)
    return folder


def test_good_work_is_green_and_the_folder_is_as_it_was(judge, prices, priced):
    before = sorted(path.relative_to(priced) for path in priced.rglob("*"))

    verdict = judge.judge(prices, priced)

    assert verdict.is_green
    assert sorted(path.relative_to(priced) for path in priced.rglob("*")) == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import os; os._exit(0)", "your code ended the process that checks it"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "This check could not run"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_code_that_ends_its_process_is_red_and_says_so(judge, prices, priced, line, said):
    (priced / "shop" / "prices.py").write_text(line)

    first = judge.judge(prices, priced).red[0]

    assert said in first.message()


def test_an_error_in_the_middle_of_a_test_is_called_a_crash_and_not_a_broken_rule(judge, money, project):
    invoice = project / "shop" / "invoice.py"
    text = invoice.read_text(encoding="utf-8")
    invoice.write_text(text.replace("    due = subtotal - voucher\n", "    due = subtotal - nothing_of_that_name\n"))
    line = text[: text.index("    due = subtotal - voucher")].count("\n") + 1

    first = judge.judge(money, project).red[0].message()

    assert first.startswith(f"Your code crashes at shop/invoice.py:{line} with NameError: name 'nothing_of_that_name'")
    assert "amounts on the invoice are wrong" not in first


def test_a_crash_outside_of_the_learner_s_lines_says_what_was_asked(judge, tmp_path):
    rename = catalogue.find("rename-without-fear")
    trees.lay(tmp_path / "work", rename.start, rename.folder / "wrong" / "a-number-without-an-end")

    first = judge.judge(rename, tmp_path / "work").red[0].message()

    assert first.startswith("Your code crashes with OverflowError")
    assert "asked POST /products with" in first


def test_a_byte_of_zero_is_found_in_its_file_and_not_where_that_is_imported(judge, money, project):
    (project / "shop" / "money.py").write_bytes(b"class Money:\n    cents = 0\0\n")

    for result in judge.judge(money, project).red:
        assert result.findings[0].place == "shop/money.py:2", result.message()


def test_code_that_no_file_holds_is_no_place_in_the_project(judge, money, project):
    file = project / "shop" / "money.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("frozen=True", "eq=False").replace("    def __str__", "    __hash__ = None\n\n    def __str__")
    )

    found = {result.check.id: result.findings[0].place for result in judge.judge(money, project).red}

    assert found["money-is-a-value"].startswith("shop/money.py:")


def test_a_start_that_cannot_be_asked_is_said_and_spoils_no_rule(judge, money, project, monkeypatch, tmp_path):
    broken = tmp_path / "root" / "exercises" / money.name
    shutil.copytree(money.folder, broken)
    (broken / "start" / "shop" / "invoice.py").write_text("def invoice(order):\n    raise OSError\n")

    told = judge.judge(catalogue.read(broken), project).red

    assert {result.message() for result in told} == {
        "This check could not run: start/ gave no answers; ./ws dev check shows the reason."
    }
    assert all(result.broken for result in told)


def test_code_without_an_end_is_ended_and_the_next_answer_is_about_the_next_code(judge, prices, priced, monkeypatch):
    monkeypatch.setattr(os, "getloadavg", lambda: (0.0, 0.0, 0.0))
    monkeypatch.setattr(judge, "seconds_a_job", 1)
    (priced / "shop" / "prices.py").write_text("while True:\n    pass\n")
    verdict = judge.judge(prices, priced)
    shutil.copy(prices.solution / "shop" / "prices.py", priced / "shop" / "prices.py")
    judge.seconds_a_job = SECONDS
    after = judge.judge(prices, priced)

    assert "gave no answer in 1 s. Is there an endless loop" in verdict.red[0].message()
    assert after.is_green


@pytest.mark.parametrize(
    ("load_a_processor", "seconds"),
    [(0.0, 10), (0.9, 10), (4.0, 40), (50.0, 60)],
    ids=["idle", "busy", "full", "jammed"],
)
def test_a_busy_machine_gets_more_time_before_code_is_called_endless(monkeypatch, load_a_processor, seconds):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(os, "getloadavg", lambda: (2 * load_a_processor, 0.0, 0.0))

    assert patient(10) == seconds


def test_a_machine_that_does_not_know_its_load_waits_as_long_as_was_said(monkeypatch):
    def unknown():
        raise OSError("Load averages are unobtainable")

    monkeypatch.setattr(os, "getloadavg", unknown)

    assert patient(10) == 10


def test_code_that_prints_without_an_end_is_red(judge, prices, priced):
    (priced / "shop" / "prices.py").write_text("while True:\n    print('x' * 1000)\n")

    assert judge.judge(prices, priced).red[0].findings[0].place == "shop/prices.py:2"


def test_a_finding_without_a_line_is_told_without_one(judge, money, project):
    (project / "shop" / "money.py").unlink()
    shutil.copy(money.start / "shop" / "invoice.py", project / "shop" / "invoice.py")

    told = {result.check.id: result.message() for result in judge.judge(money, project).red}

    assert told["money-stands-alone"].startswith("shop/money.py: there is no file shop/money.py.")


def test_tests_of_the_learner_decide_nothing(judge, prices, priced):
    for name in ("conftest.py", "pytest.ini", "test_prices.py"):
        (priced / name).write_text("raise RuntimeError('not to be run')\n")

    assert judge.judge(prices, priced).is_green


def test_one_answer_does_not_depend_on_the_one_before(judge, prices, priced, tmp_path):
    bare = tmp_path / "bare"
    trees.lay(bare, prices.start)

    answers = [[result.check.id for result in judge.judge(prices, folder).red] for folder in (bare, priced, bare)]

    assert answers[0] == answers[2] != answers[1] == []


def test_a_closed_judge_leaves_no_process_behind(prices, priced):
    (priced / "shop" / "prices.py").write_text("import time\ntime.sleep(30)\n")
    with Judge(seconds_a_job=0.2) as judge:
        pid = judge._process.pid
        judge.judge(prices, priced)

    deadline = time.monotonic() + SECONDS
    while (left := _of_group(pid)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == []


def _of_group(session):
    running = [process.pid for process in processes.listed() if not process.has_ended]
    return [pid for pid in running if _session(pid) == session]


def _session(pid):
    try:
        return os.getsid(pid)
    except ProcessLookupError:  # it has ended meanwhile
        return None


def test_a_fresh_environment_does_not_leak_in(prices, priced, monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "elsewhere.settings")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")

    with Judge(seconds_a_job=SECONDS) as judge:
        assert judge.judge(prices, priced).is_green

    assert os.environ["DJANGO_SETTINGS_MODULE"] == "elsewhere.settings"


CRASH_FOR_ONE = """

_kept = fee_lines


def fee_lines(payment):
    if payment.provider == "cardly":
        return {}["no such fee"]
    return _kept(payment)
"""


def test_a_crash_that_a_view_catches_is_called_a_crash(judge, tmp_path):
    fees = catalogue.find("untangle-the-fees")
    trees.lay(tmp_path, fees.start, fees.solution)
    file = tmp_path / "payments" / "fees.py"
    file.write_text(file.read_text() + CRASH_FOR_ONE)
    line = file.read_text().splitlines().index('        return {}["no such fee"]') + 1

    told = judge.judge(fees, tmp_path).red[0].message()

    assert told.startswith(f"Your code crashes at payments/fees.py:{line} with KeyError: 'no such fee'.")


def test_an_answer_that_is_wrong_without_a_crash_is_not_called_one(judge, tmp_path):
    fees = catalogue.find("untangle-the-fees")
    trees.lay(tmp_path, fees.start, fees.solution)
    file = tmp_path / "payments" / "fees.py"
    file.write_text(file.read_text() + CRASH_FOR_ONE.replace('{}["no such fee"]', "_kept(payment)[::-1]"))

    told = judge.judge(fees, tmp_path).red[0].message()

    assert told.startswith("The fees or their order have changed")
