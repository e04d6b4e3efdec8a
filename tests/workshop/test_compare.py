"""The measuring of `make compare`, on files small enough to count by hand, and one whole quick run."""

import json
import subprocess
import sys

import pytest

from workshop import ROOT
from workshop.base import setup
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage
from workshop.harness import source
from workshop.harness.inside import ask
from workshop.harness.inside.hops import Watch
from workshop.harness.inside.scenario import Unexpected
from workshop.harness.inside.statements import package_of, places, stack_of
from workshop.harness.own_tests import own_tests
from workshop.maintaining.compare import report, run
from workshop.maintaining.compare.figures import Measured, sections
from workshop.maintaining.compare.turns import Speed, compared, quarter, working

FORMATS = ["csv", "xml_bank"]


@pytest.fixture
def write(tmp_path):
    """Writes a file of a toy stage."""

    def write(name, text=""):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


# Lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", 0),
        ('"""A docstring\n\nof three lines."""\n', 0),
        ("# a comment\n\nONE = 1  # and another\n", 1),
        ('def f():\n    """Says why."""\n    return "text"\n', 2),
        ('class A:\n    one: int\n    """What it is."""\n', 2),
        ('TEXT = """two\nlines"""\n', 2),
        ("call(\n    1,\n    # why\n    2,\n)\n", 4),
    ],
)
def test_a_line_of_code_is_neither_blank_nor_comment_nor_docstring(text, lines):
    assert source.lines_of_code(text) == lines


def test_sizes_are_counted_by_ring_without_migrations_and_empty_files(tmp_path, write):
    write("webhooks/__init__.py")
    write("webhooks/models.py", "ONE = 1\nTWO = 2\n")
    write("webhooks/migrations/0001.py", "ONE = 1\n")
    write("tests/test_one.py", "ONE = 1\n")

    sizes = source.sizes(tmp_path)

    assert sizes["webhooks"] == source.Size(1, 2)
    assert sizes["tests"] == source.Size(1, 1)
    assert sizes["clients"] == source.Size(0, 0)


# Complexity


def test_the_worst_function_is_named_and_the_median_taken(tmp_path, write):
    pytest.importorskip("complexipy", reason="the group of make compare is not installed")
    write("clients/a.py", "def flat():\n    return 1\n\n\ndef one(x):\n    if x:\n        return 1\n    return 2\n")
    write("webhooks/b.py", "def two(x):\n    for y in x:\n        if y:\n            return y\n")

    measured = source.complexity(tmp_path)

    assert (measured.worst, measured.worst_function) == (3, "webhooks/b.py: two")
    assert (measured.median, measured.functions) == (1, 3)


# Branches


@pytest.mark.parametrize(
    "code",
    [
        'chosen == "csv"',
        'chosen in ("csv", "xml_bank")',
        "client.format_name != other",
        'TABLE = {"csv": 1, "xml_bank": 2}',
        'TABLE["csv", 1]',
        "TABLE[client.format_name]",
        "TABLE.get((format_name, version), ())",
        'match chosen:\n    case "csv" | "other":\n        pass',
        "def get(name, version):\n    return TABLE[name, version]",
    ],
)
def test_a_branch_on_a_formats_name_is_counted_once(tmp_path, write, code):
    write("webhooks/a.py", f"x = 1\n{code}\n")

    assert len(source.branches(tmp_path, FORMATS)) == 1


@pytest.mark.parametrize(
    "code",
    [
        'name = "csv"',
        'Format(name="csv", version=1)',
        'TABLE["amount"]',
        'chosen == "amount"',
        "def get(name):\n    return TABLE[name]",
        'ONLY = {"csv": 1}',
        "label = client.format_name",
    ],
)
def test_what_only_mentions_a_format_is_no_branch(tmp_path, write, code):
    write("webhooks/a.py", f"{code}\n")

    assert source.branches(tmp_path, FORMATS) == []


# Places


def test_a_line_that_sends_sql_counts_once_in_its_package():
    statements = [
        {"stack": ["webhooks/adapters/orm/events.py:5", "webhooks/application/a.py:1"]},
        {"stack": ["webhooks/adapters/orm/events.py:5", "webhooks/application/b.py:1"]},
        {"stack": ["webhooks/adapters/orm/clients.py:5"]},
        {"stack": ["clients/models.py:9"]},
        {"stack": []},
    ]

    assert places(statements) == {"clients": 1, "webhooks/adapters/orm": 2}


@pytest.mark.parametrize(
    ("path", "package"),
    [
        ("webhooks/views.py", "webhooks/views.py"),
        ("webhooks/domain/formats/csv.py", "webhooks/domain"),
        ("webhooks/adapters/orm/events.py", "webhooks/adapters/orm"),
        ("webhooks/adapters/admin.py", "webhooks/adapters/admin.py"),
        ("clients/management/commands/create_api_key.py", "clients"),
    ],
)
def test_a_package_is_a_ring_a_layer_or_an_adapter(path, package):
    assert package_of(path) == package


VIEW = """
def ask():
    return look()


def view():
    return ask()
"""


def test_a_stack_ends_at_the_view(tmp_path, write):
    path = write("webhooks/views.py", VIEW)
    names = {"look": lambda: list(stack_of(sys._getframe(1), tmp_path))}
    exec(compile(VIEW, str(path), "exec"), names)
    middleware = "def _get_response():\n    return view()\n\ndef middleware():\n    return _get_response()\n"
    exec(compile(middleware, str(tmp_path / "middleware.py"), "exec"), names)

    assert names["middleware"]() == [("webhooks/views.py", "ask", 3), ("webhooks/views.py", "view", 7)]


# Hops


RULE_LINES = """
def amount(value):
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def name(text):
    return re.sub(r"(\\S)\\S*", text)


def wait(failed):
    waits = [1, 2]
    return waits[failed - 1]


def short():
    return wait(1)


def long():
    return [step() for step in [short]][0]
"""


def test_the_shortest_way_to_a_rule_is_kept(tmp_path, write):
    path = write("webhooks/rules.py", RULE_LINES)
    names = {}
    exec(compile(RULE_LINES, str(path), "exec"), names)
    watch = Watch(tmp_path)

    earlier = sys.gettrace()
    sys.settrace(watch)
    names["long"]()
    names["short"]()
    sys.settrace(earlier)

    assert watch.found["retry-wait"] == ["webhooks/rules.py:short", "webhooks/rules.py:wait"]


def test_a_rule_that_reads_otherwise_now_is_missed_aloud(tmp_path, write):
    write("webhooks/rules.py", "ONE = 1\n")

    with pytest.raises(Unexpected, match="matches 'amount-rounding'"):
        Watch(tmp_path)


# Tests of its own


OWN = """
import pytest
from django.db import connection


@pytest.fixture
def row(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_plain():
    assert 1 + 1 == 2


def test_of_a_fixture(row):
    assert True


@pytest.mark.django_db
def test_of_a_query():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_that_fails():
    assert 1 + 1 == 3
"""
SETTINGS = """
SECRET_KEY = "toy"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = True
"""


@pytest.fixture
def toy(tmp_path, write):
    """A Django project that has settings, and can have tests."""
    write("config/__init__.py")
    write("config/settings.py", SETTINGS)
    write("pytest.ini", "[pytest]\npythonpath = .\naddopts = -p no:cacheprovider\n")
    return Stage("toy", tmp_path)


def test_a_test_needs_the_database_if_it_or_its_fixtures_asked_it_anything(toy, write):
    write("tests/test_toy.py", OWN)

    measured = own_tests(toy)

    assert (measured.total, measured.failed, measured.touching) == (4, 1, 2)
    assert 0 < measured.seconds_without < measured.seconds


def test_tests_that_cannot_run_are_reported_with_their_last_words(toy, write):
    write("tests/test_toy.py", "import nothing_of_this_name\n")

    with pytest.raises(CommandFailed, match="nothing_of_this_name"):
        own_tests(toy)


def test_a_script_that_fails_in_a_stage_is_reported_with_its_last_words(toy):
    with pytest.raises(CommandFailed, match=r"start failed in toy[\s\S]*config.wsgi"):
        ask(toy, "start")


def test_red_tests_have_no_figures_and_are_named_below_the_table(toy, write):
    write("tests/test_toy.py", OWN)
    left_out = []

    assert run._attempted(run.tested, toy, left_out) == {}
    assert left_out == ["1 of toy's own tests fail: ./ws test toy shows them."]


# Speed


def test_a_ratio_compares_the_fastest_quarters():
    queries = {"before": {"GET": 3}, "after": {"GET": 4}}
    rounds = [
        {"before": {"GET": [0.004, 0.001, 0.002]}, "after": {"GET": [0.008, 0.9, 0.004]}},
        {"before": {"GET": [0.9]}, "after": {"GET": [0.9]}},
    ]

    measured = compared(queries, rounds)

    assert measured["before"]["GET"].ratio == 1
    assert measured["after"]["GET"] == Speed(4, pytest.approx(454), pytest.approx(4.0))


def test_the_fastest_quarter_ends_at_a_quarter():
    assert quarter([8, 7, 6, 5, 4, 3, 2, 1]) == 3


def test_a_stage_that_cannot_start_is_reported_with_its_last_words(toy):
    with working(toy, "http://127.0.0.1:9") as do, pytest.raises(CommandFailed, match=r"toy could not be[\s\S]*Error"):
        do("queries")


# The report


@pytest.fixture
def measured():
    """Two stages with a figure that only one has, and one that neither has."""
    before = Measured({"tests": 1450, "branches": 20}, {"webhooks/models.py": 3}, {"GET": Speed(2, 4.04, 1)})
    after = Measured({"branches": 2}, {"webhooks/adapters/orm": 4}, {"GET": Speed(1, 5.06, 1.25)})
    return {"before": before, "after": after}


def test_a_section_has_a_row_for_each_figure_that_was_measured(measured):
    shown = {section.title: section.rows for section in sections(list(measured.values()))}

    assert shown == {
        "Tests": [["Tests of its own", "1,450", "–"]],
        "Where the rules are": [["Branches on a format's name", "20", "2"]],
        "Lines that send SQL, by package": [
            ["webhooks/adapters/orm", "–", "4"],
            ["webhooks/models.py", "3", "–"],
            ["All", "3", "4"],
        ],
        "At work": [["GET", "2 queries, 4.0 ms", "1 query, 5.1 ms (×1.25)"]],
    }


def test_the_files_have_the_table_to_quote_and_the_numbers_behind_it(measured, tmp_path):
    report.write(tmp_path / "results", sections(list(measured.values())), measured, ["The tests were left out."])

    quoted = [" ".join(line.split()) for line in (tmp_path / "results" / "compare.md").read_text().splitlines()]
    assert quoted[1] == "| | before | after |"
    assert "| Branches on a format's name | 20 | 2 |" in quoted
    assert quoted[-1] == "- The tests were left out."
    written = json.loads((tmp_path / "results" / "compare.json").read_text())["measured"]
    assert written["after"]["speed"]["GET"]["ratio"] == 1.25


def test_a_whole_quick_run_compares_before_and_after(tmp_path):
    pytest.importorskip("complexipy", reason="the group of make compare is not installed")
    script = "import sys; from pathlib import Path; from workshop.maintaining.compare.run import main; from workshop.base.stages import stage"
    script += "; sys.exit(not main([stage('before'), stage('after')], Path(sys.argv[1]), quick=True))"

    done = subprocess.run(
        [str(setup.interpreter()), "-c", script, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=200
    )

    assert done.returncode == 0, done.stdout + done.stderr
    measured = json.loads((tmp_path / "compare.json").read_text())["measured"]
    assert list(measured) == ["before", "after"]
    assert measured["before"]["figures"]["branches"] > measured["after"]["figures"]["branches"]
    assert measured["after"]["figures"]["hops.retry-wait"] > 0
    assert "webhooks/models.py" in measured["before"]["places"]
    assert not any("/domain" in package for package in measured["after"]["places"])
    assert measured["after"]["speed"]["POST /v1/events"]["queries"] > 0
