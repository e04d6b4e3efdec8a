"""The probes that architecture checks are made of, each on a few lines that it must and must not find."""

import ast
import functools
import os
import socket
import subprocess
import sys
import textwrap
from contextlib import contextmanager
from pathlib import Path

import pytest

from workshop import ROOT
from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import budget, imports, mutation, running, source

LONG_ENOUGH = "The shop's owner asked for a page of its own, with a search, and it will grow further this month."


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project on sys.path, and an empty start/. Modules that a test loads are forgotten after it."""
    for name in ("work", "start"):
        (tmp_path / name).mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "work"))
    before = set(sys.modules)
    yield Project(tmp_path / "work", tmp_path / "start")
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def write(folder, **modules):
    """Modules by name, a double underscore for each step into a package."""
    for name, text in modules.items():
        file = folder / f"{name.replace('__', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.parent != folder:
            (file.parent / "__init__.py").touch()
        file.write_text(text)


def places(findings):
    return [finding.place for finding in findings]


# imports


def test_an_import_through_another_module_is_found_at_its_first_step(project):
    write(project.folder, bank__fees="import decimal\n\nfrom bank import rates\n", bank__rates="import django.conf\n")

    (finding,) = imports.reaches(project, "bank.fees", ["django"])

    assert (finding.place, finding.found) == ("bank/fees.py:3", "bank.fees -> bank.rates -> django")


def test_an_import_inside_a_function_counts(project):
    write(project.folder, inn__fees="def fee():\n    from django.conf import settings\n    return settings\n")

    assert places(imports.reaches(project, "inn.fees", ["django"])) == ["inn/fees.py:2"]


def test_what_others_import_is_their_affair(project):
    write(project.folder, pub__fees="import decimal\n", pub__views="import django\n\nfrom pub import fees\n")

    assert list(imports.reaches(project, "pub.fees", ["django"])) == []
    assert list(imports.reaches(project, "pub.nothing", ["django"])) == []


def test_a_learner_s_own_contract_is_run(project):
    write(project.folder, den__core="from den import web\n", den__web="")
    contract = "[importlinter]\nroot_package = den\n\n[importlinter:contract:one]\nname = Core knows no web\n"
    contract += "type = forbidden\nsource_modules = den.core\nforbidden_modules = den.web\n"
    (project.folder / ".importlinter").write_text(contract)

    assert places(imports.broken_contracts(project, ".importlinter")) == [".importlinter:5"]
    write(project.folder, den__core="")
    assert list(imports.broken_contracts(project, ".importlinter")) == []
    assert places(imports.broken_contracts(project, "setup.cfg")) == ["setup.cfg"]


@pytest.mark.parametrize("forbidden, found", [("fox.web", []), ("json", ["'from fox import web' in fox/core.py"])])
def test_a_contract_that_an_import_cannot_break_is_found(project, forbidden, found):
    write(project.folder, fox__core="", fox__web="")
    contract = "[importlinter]\nroot_package = fox\ninclude_external_packages = True\n"
    contract += "[importlinter:contract:one]\nname = Core stands alone\ntype = forbidden\n"
    (project.folder / "setup.cfg").write_text(f"{contract}source_modules = fox.core\nforbidden_modules = {forbidden}\n")

    unnoticed = list(imports.unnoticed(project, "setup.cfg", "fox/core.py", "from fox import web"))

    assert [finding.found.removesuffix(" breaks no contract") for finding in unnoticed] == found
    assert list(imports.broken_contracts(project, "setup.cfg")) == []


# source


@pytest.mark.parametrize(
    "line",
    ["x == 'nordpay'", "'nordpay' != x", "x in ('nordpay', 'other')", "x in {'nordpay': 1}", "x not in ['nordpay']"],
)
def test_a_comparison_with_a_name_is_found(project, line):
    write(project.folder, shop__fees=f"def fee(x):\n    return {line}\n")

    assert places(source.compares_with(project, {"nordpay"}, "shop")) == ["shop/fees.py:2"]


def test_a_case_for_a_name_is_found_and_a_key_is_not(project):
    write(project.folder, shop__fees="KEY = {'nordpay': 1}\nmatch KEY:\n    case 'a' | 'nordpay':\n        pass\n")

    assert places(source.compares_with(project, {"nordpay"})) == ["shop/fees.py:3"]


def test_floats_are_found_written_and_made(project):
    write(project.folder, shop__fees="A = 1\nB = 0.1\nC = float('1')\nD = '0.1'\n")

    assert sorted(places(source.float_numbers(project, "shop"))) == ["shop/fees.py:2", "shop/fees.py:3"]


def test_a_float_that_is_passed_on_is_found_and_one_that_is_refused_is_not(project):
    write(project.folder, shop__fees="A = list(map(float, '12'))\nB = isinstance(A, float)\nC = sum(A, start=float)\n")

    assert sorted(places(source.float_numbers(project, "shop"))) == ["shop/fees.py:1", "shop/fees.py:3"]


def test_what_is_compared_is_found_with_its_operands(project):
    write(
        project.folder,
        shop__fees="a = b == C\na < b\nisinstance(a, Kind)\nmatch a:\n    case D.E:\n        pass\n    case Kind():\n        pass\n",
    )

    found = [
        (line, [ast.unparse(node) for node in operands]) for _, line, operands in source.comparisons(project, "shop")
    ]

    assert found == [(1, ["b", "C"]), (3, ["a", "Kind"]), (5, ["D.E"]), (7, ["Kind"])]


def test_a_name_in_the_source_stands_for_a_value_of_its_module():
    known = {"A": 1, "ast": ast}

    assert [
        source.value_of(ast.parse(text, mode="eval").body, known) for text in ("A", "ast.Div", "'x'", "B.c", "A()")
    ] == [*(1, ast.Div, "x", None, None)]


class Placing:
    def __call__(self):
        return "placed"

    def by_method(self):
        return self()


def plainly():
    return "placed"


@contextmanager
def around():
    yield


@pytest.mark.parametrize(
    "call",
    [plainly, around()(plainly), functools.partial(plainly), Placing(), Placing().by_method, lambda: plainly()],
    ids=["function", "decorated", "partial", "object", "method", "lambda"],
)
def test_a_call_is_seen_under_any_name(call):
    under_another_name = call
    with running.calls(running.code_of(call)) as counted:
        under_another_name()

    assert len(counted) == 1


def test_what_is_written_in_c_has_no_code():
    assert running.code_of(len) is None


def test_calls_and_operators_are_found(project):
    write(project.folder, shop__views="def pay(request, x):\n    x /= 3\n    return round(x // 2) + x.quantize(3)\n")

    assert len(list(source.calls_of(project, {"round", "quantize"}))) == 2
    assert places(source.operators(project, (ast.Div, ast.FloorDiv))) == ["shop/views.py:2", "shop/views.py:3"]


def test_only_the_places_that_are_asked_about_are_read(project):
    write(project.folder, shop__fees="A = 0.1\n", shop__migrations__one="A = 0.1\n", bank__fees="A = 0.1\n")

    assert places(source.float_numbers(project, "shop")) == ["shop/fees.py:1"]
    assert places(source.float_numbers(project, "bank/fees.py")) == ["bank/fees.py:1"]


def test_a_missing_name_and_a_missing_file_are_found(project):
    write(project.folder, shop__money="import decimal as d\nfrom x import Other\nA = B = 1\n\nclass Money: ...\n")

    assert list(source.lacks(project, "shop/money.py", "d", "Other", "A", "B", "Money")) == []
    assert [finding.found for finding in source.lacks(project, "shop/money.py", "Cash")] == ["it does not define Cash"]
    assert places(source.lacks(project, "shop/cash.py", "Cash")) == ["shop/cash.py"]
    assert source.line_of(project, "shop/money.py", "Money") == 5


# running


def test_without_a_package_nobody_can_import_it_and_afterwards_everybody(project):
    import django.urls

    write(project.folder, far__fees="def fee():\n    import django.urls\n    return 1\n")
    with running.without("django"):
        fees = running.load(project, "far.fees")
        value, problem = running.attempt(project, Finding("far/fees.py", 1, ""), fees.fee)

    assert (value, problem.place) == (None, "far/fees.py:2")
    assert "django.urls is not installed" in problem.found or "django is not installed" in problem.found
    assert sys.modules["django.urls"] is django.urls


def test_a_module_that_does_not_load_is_a_finding_with_its_line(project):
    write(project.folder, bad__fees="A = 1\nB = A.nothing\n")

    assert running.load(project, "bad.fees").place == "bad/fees.py:2"


def test_without_a_network_no_socket_connects():
    with running.without_network(), socket.socket() as one, pytest.raises(running.NotHere):
        one.connect(("127.0.0.1", 9))


def test_a_call_is_ended_before_each_of_its_lines(project):
    write(project.folder, step__pay="def pay(done):\n    done.append(1)\n    done.append(2)\n    done.append(3)\n")
    pay = running.load(project, "step.pay").pay
    left = []

    ended = []
    done: list[int] = []
    for at in running.at_each_line(project, "step/pay.py", lambda: pay(done), running.crash):
        ended.append(at.line)
        left.append(list(done))
        done.clear()

    assert ended == [2, 3, 4]
    assert left == [[], [1], [1, 2]]
    assert done == [1, 2, 3]


def test_a_crash_is_not_stopped_by_what_stops_exceptions(project):
    text = "def pay(done):\n    try:\n        done.append(1)\n    except Exception:\n        done.append(2)\n"
    write(project.folder, safe__pay=text)
    pay = running.load(project, "safe.pay").pay
    done: list[int] = []

    ended = list(running.at_each_line(project, "safe/pay.py", lambda: pay(done), running.crash))

    assert [at.line for at in ended] == [2, 3]
    assert done == [1]


def test_something_happens_before_each_line_below_a_folder(project):
    write(
        project.folder, lane__pay="from lane import tell\n\n\ndef pay(done):\n    done.append(1)\n    tell.tell(done)\n"
    )
    write(project.folder, lane__tell="def tell(done):\n    done.append(2)\n")
    pay = running.load(project, "lane.pay").pay
    done: list[object] = []

    ways = []
    for at in running.at_each_line(project, "lane", lambda: pay(done), lambda: done.append("!")):
        ways.append((at.place, list(done)))
        done.clear()

    assert ways == [
        ("lane/pay.py:5", ["!", 1, 2]),
        ("lane/pay.py:6", [1, "!", 2]),
        ("lane/tell.py:2", [1, "!", 2]),
    ]
    assert done == [1, 2]


def test_nothing_happens_in_files_that_are_left_out(project):
    write(project.folder, path__pay="from path import tell\n\n\ndef pay():\n    tell.tell()\n")
    write(project.folder, path__tell="def tell():\n    return 2\n")
    pay = running.load(project, "path.pay").pay

    assert places(running.at_each_line(project, "path", pay, int, but=["path/tell.py"])) == ["path/pay.py:5"]


# database, and running without HTTP: these need Django's settings, so they run in a process of their own

PROJECT = {
    "site_settings": """
SECRET_KEY = "x"
INSTALLED_APPS = ["till"]
ROOT_URLCONF = "site_settings"
urlpatterns = []
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "never-made.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
""",
    "till__models": """
from django.db import models


class Coin(models.Model):
    cents = models.IntegerField()


class Note(models.Model):
    text = models.TextField()
""",
    "till__pay": """
from django.db import transaction
from django.http import JsonResponse
from .models import Coin, Note


def pay():
    Coin.objects.create(cents=5)
    Note.objects.create(text="paid")


def pay_whole():
    with transaction.atomic():
        pay()


def double():
    coin = Coin.objects.get()
    coin.cents = coin.cents * 2
    coin.save()


def answer():
    return JsonResponse({})
""",
}
BEGIN = """
import sys
from pathlib import Path
from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import database, running
project = Project(Path(sys.argv[1]), Path(sys.argv[1]))
sys.path.insert(0, sys.argv[1])
database.make()
from till import models, pay
"""


@pytest.fixture
def in_django(project):
    """Runs lines on a small Django project and returns what they print."""
    write(project.folder, **PROJECT)

    def run(lines):
        call = [sys.executable, "-c", BEGIN + textwrap.dedent(lines), str(project.folder)]
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "site_settings", "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            call, cwd=project.folder, env=environment, capture_output=True, text=True, check=True
        ).stdout.splitlines()

    return run


def test_every_write_is_seen_with_the_lines_it_came_through(in_django):
    said = in_django("""
        with database.writes(project) as written:
            pay.pay_whole()
            models.Coin.objects.get()
        for write in written:
            print(write.table, [line.place for line in write.through])
    """)

    assert said == ["till_coin ['till/pay.py:14', 'till/pay.py:8']", "till_note ['till/pay.py:14', 'till/pay.py:9']"]


def test_what_an_end_between_two_writes_leaves_is_seen(in_django):
    said = in_django("""
        ground = lambda: models.Note.objects.create(text="there before")
        for call in (pay.pay, pay.pay_whole):
            for left in database.crashes(project, ground, call):
                print(call.__name__, left.at.place, left.changed)
        print({name: len(rows) for name, rows in database.rows().items()})
    """)

    assert said == [
        *("pay till/pay.py:8 ()", "pay till/pay.py:9 ('Coin',)"),
        *("pay_whole till/pay.py:8 ()", "pay_whole till/pay.py:9 ()"),
        "{'Coin': 1, 'Note': 2}",
    ]


def test_what_is_put_back_by_hand_after_an_end_is_not_put_back(in_django):
    said = in_django("""
        def put_back():
            try:
                pay.pay()
            except BaseException:
                models.Coin.objects.all().delete()
                raise
        for left in database.crashes(project, lambda: None, put_back):
            print(left.changed)
    """)

    assert said == ["()", "('Coin',)"]


def test_a_write_says_whether_some_code_was_running(in_django):
    said = in_django("""
        with database.writes(project, pay.pay.__code__) as written:
            pay.pay_whole()
            models.Note.objects.create(text="on its own")
        print([write.inside for write in written])
    """)

    assert said == ["[True, True, False]"]


def test_another_process_writes_between_reading_and_writing(in_django):
    said = in_django("""
        models.Coin.objects.create(cents=5)
        with database.meanwhile(lambda: models.Coin.objects.update(cents=100)):
            pay.double()
        print(models.Coin.objects.get().cents)
    """)

    assert said == ["10"]


def test_the_check_s_database_is_in_memory(in_django, project):
    in_django("pay.pay()")

    assert list(project.folder.rglob("*.sqlite3")) == []


def test_without_http_nobody_makes_a_request_or_a_response_and_afterwards_everybody(in_django):
    said = in_django("""
        from django.test import RequestFactory
        with running.without_http():
            for call in (pay.answer, RequestFactory().get):
                try:
                    call(*["/"] * (call is not pay.answer))
                except running.NotHere as error:
                    print(error)
        print(pay.answer().status_code)
    """)

    assert said == [
        "makes a JsonResponse, but in this check there is no HTTP",
        "makes a WSGIRequest, but in this check there is no HTTP",
        "200",
    ]


# budget


def test_what_is_within_the_budget_is_not_found(project):
    write(project.start, shop__views="A = 1\n")
    write(project.folder, shop__views="A = 1\n\nB = 2\n", shop__tests__one="C = 3\n" * 99)

    assert list(budget.beyond(project, lines=1, new_files=0)) == []


def test_lines_files_and_new_files_beyond_the_budget_are_found(project):
    write(project.start, shop__views="A = 1\n")
    write(project.folder, shop__views="A = 2\n", shop__service="B = 1\n", shop__ports="C = 1\n")

    assert [finding.found.split(" (")[0] for finding in budget.beyond(project, lines=2, files=2, new_files=1)] == [
        "2 new files",
        "3 changed files",
        "3 lines written, but 2 are enough",
    ]


def test_a_written_reason_overrides_the_budget(project):
    write(project.folder, shop__views="A = 1\n" * 9)
    (project.folder / "WHY.md").write_text(LONG_ENOUGH)

    assert list(budget.beyond(project, lines=3, reason="WHY.md")) == []


@pytest.mark.parametrize("excuse", ["because", "", "It is better. " * 20, LONG_ENOUGH.replace(".", "")])
def test_an_excuse_does_not_override_it_and_is_named(project, excuse):
    write(project.folder, shop__views="A = 1\n" * 9)
    (project.folder / "WHY.md").write_text(excuse)

    found = [finding.found for finding in budget.beyond(project, lines=3, reason="WHY.md")]
    assert found == ["9 lines written, but 3 are enough; WHY.md gives no reason yet"]


def test_a_reason_that_was_there_at_the_start_is_none(project):
    write(project.folder, shop__views="A = 1\n" * 9)
    for folder in (project.start, project.folder):
        (folder / "WHY.md").write_text(LONG_ENOUGH)

    assert len(list(budget.beyond(project, lines=3, reason="WHY.md"))) == 1


# mutation


def mistakes(tmp_path) -> Path:
    for name, body in (("adds-nothing", "return a"), ("adds-twice", "return a + b + b")):
        folder = tmp_path / "mistakes" / name
        folder.mkdir(parents=True)
        (folder / "sums.py").write_text(f"def add(a, b):\n    {body}\n")
    return tmp_path / "mistakes"


@pytest.mark.parametrize(
    ("tests", "found"),
    [
        ("assert sums.add(1, 2) == 3", []),
        ("assert sums.add(1, 2) > 1", ["no test noticed the mistake 'adds twice'"]),
        ("assert sums.add(1, 2) == 4", ["on the unchanged code these tests fail, or there are no tests"]),
        ("", ["on the unchanged code these tests fail, or there are no tests"]),
    ],
    ids=["good tests", "weak tests", "red tests", "no tests"],
)
def test_mistakes_that_the_learner_s_tests_miss_are_found(project, tmp_path, tests, found):
    write(project.folder, sums="def add(a, b):\n    return a + b\n")
    body = f"def test_add():\n    {tests}\n" if tests else ""
    (project.folder / "test_sums.py").write_text(f"import sums\n\n\n{body}")

    assert [finding.found for finding in mutation.survivors(project, "test_sums.py", mistakes(tmp_path))] == found


def test_a_test_that_fails_is_named_with_its_line_and_its_reason(project, tmp_path):
    write(project.folder, sums="def add(a, b):\n    return a + b\n")
    (project.folder / "test_sums.py").write_text("import sums\n\n\ndef test_add():\n    assert sums.add(1, 2) == 3\n")

    found = mutation.runs(project, "test_sums.py", mistakes(tmp_path))

    assert {name: run.passed for name, run in found.items()} == {
        mutation.AS_IT_IS: True,
        "adds-nothing": False,
        "adds-twice": False,
    }
    assert found["adds-nothing"].failed == Finding("test_sums.py", 4, "test_add: assert 1 == 3")


def test_tests_that_cannot_be_loaded_notice_nothing_and_say_why(project, tmp_path):
    (project.folder / "test_sums.py").write_text("import sys\n\nfrom json import no_such_name\n")

    run = mutation.runs(project, "test_sums.py", tmp_path / "none")[mutation.AS_IT_IS]

    assert (run.passed, run.noticed) == (False, False)
    assert (run.failed.place, run.failed.found.split(" from ")[0]) == (
        "test_sums.py:3",
        "ImportError: cannot import name 'no_such_name'",
    )


def test_a_failure_names_no_place_of_the_copy(project, tmp_path):
    write(project.folder, sums="A = 1\n")
    (project.folder / "test_sums.py").write_text("from sums import B\n")

    run = mutation.runs(project, "test_sums.py", tmp_path / "none")[mutation.AS_IT_IS]

    assert run.failed.found == "ImportError: cannot import name 'B' from 'sums' (sums.py)"


def test_tests_without_an_end_are_ended(project, tmp_path, monkeypatch):
    monkeypatch.setattr(mutation, "SECONDS_A_RUN", 1)
    (project.folder / "test_sums.py").write_text("def test_loop():\n    while True:\n        pass\n")

    assert not mutation.runs(project, "test_sums.py", tmp_path / "none")[mutation.AS_IT_IS].passed
