"""Many mistakes, made one after another in the process in which the learner's tests have just run."""

import pytest

from workshop.exercises.findings import Project
from workshop.exercises.jobs import TOGETHER
from workshop.exercises.probes import mutation

CODE = "DAYS = {'nordpay': 180, 'cardly': 120}\n\n\ndef days(name):\n    return DAYS[name]\n"
MISTAKES = {
    "nordpay": CODE.replace("180", "181"),
    "cardly": CODE.replace("120", "121"),
    "endless": CODE.replace("    return", "    while name == 'cardly':\n        pass\n    return"),
}
NORDPAY = "from fee_days import days\n\n\ndef test_nordpay():\n    assert days('nordpay') == 180\n"
IN_PARTS = """
from unittest import TestCase

from fee_days import days


class Days(TestCase):
    def test_them_all(self):
        for name, wanted in (("nordpay", 180), ("cardly", 120)):
            with self.subTest(name):
                self.assertEqual(days(name), wanted)
"""


@pytest.fixture
def project(tmp_path):
    found = Project(tmp_path / "work", tmp_path / "start")
    found.folder.mkdir()
    (found.folder / "fee_days.py").write_text(CODE)
    return found


def planted(project, tests):
    (project.folder / "test_fee_days.py").write_text(tests)
    return mutation.unnoticed(project, "test_fee_days.py", "fee_days.py", MISTAKES)


def test_a_mistake_that_no_test_fails_on_is_named(project):
    assert planted(project, NORDPAY) == (mutation.Run(0, None), ["cardly", "endless"])


def test_a_subtest_and_an_endless_test_notice_a_mistake_too(project, monkeypatch):
    monkeypatch.setattr(mutation, "SECONDS_A_RUN", 4)

    assert planted(project, IN_PARTS) == (mutation.Run(0, None), [])


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        (NORDPAY.replace("180", "1"), "test_nordpay: AssertionError: assert 180 == 1"),
        ("A = 1\n", "there is no test"),
        ("def test_loop():\n    while True:\n        pass\n", "they did not end within 4 s"),
    ],
    ids=["a red test", "no test", "no end"],
)
def test_tests_that_do_not_pass_have_no_mistake_planted(project, monkeypatch, tests, said):
    monkeypatch.setattr(mutation, "SECONDS_A_RUN", 4)

    run, living = planted(project, tests)

    assert (run.failed.found if run.failed else run.said, living) == (said, [])


def test_the_checks_of_one_judgement_plant_once(project, tmp_path, monkeypatch):
    together = tmp_path / "together"
    together.mkdir()
    monkeypatch.setenv(TOGETHER, str(together))
    first = planted(project, NORDPAY)
    (project.folder / "fee_days.py").unlink()

    assert planted(project, NORDPAY) == first
