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
from workshop.harness.inside.statements import lines_of
from workshop.maintaining.compare import kills, report
from workshop.maintaining.compare.figures import Row, Section, package_of, places
from workshop.maintaining.compare.own_tests import own_tests, summed
from workshop.maintaining.compare.turns import quarter, speed

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


def test_the_lines_of_a_stack_end_at_the_view(tmp_path, write):
    path = write("webhooks/views.py", VIEW)
    names = {"look": lambda: lines_of(sys._getframe(1), tmp_path)}
    exec(compile(VIEW, str(path), "exec"), names)
    middleware = "def _get_response():\n    return view()\n\ndef middleware():\n    return _get_response()\n"
    exec(compile(middleware, str(tmp_path / "middleware.py"), "exec"), names)

    assert names["middleware"]() == ("webhooks/views.py:3", "webhooks/views.py:7")


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

    way = watch.found["retry wait"]
    assert (way.functions, way.files) == (2, 1)
    assert way.path == ["webhooks/rules.py:short", "webhooks/rules.py:wait"]


def test_a_rule_that_reads_otherwise_now_is_missed_aloud(tmp_path, write):
    write("webhooks/rules.py", "ONE = 1\n")

    with pytest.raises(Unexpected, match="matches 'amount rounding'"):
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

    assert (measured.passed, measured.failed, measured.touching) == (3, 1, 2)
    assert measured.share_touching == 0.5
    assert 0 < measured.seconds_without < measured.seconds


def test_tests_that_cannot_run_are_reported_with_their_last_words(toy, write):
    write("tests/test_toy.py", "import nothing_of_this_name\n")

    with pytest.raises(CommandFailed, match="nothing_of_this_name"):
        own_tests(toy)


def test_the_seconds_of_tests_that_asked_nothing_are_summed():
    assert summed(["0 0.5 a.py::test[a b]", "1 2.0 b.py::test", "0 0.25 c.py::test"]) == (1, 0.75)


def test_a_script_that_fails_in_a_stage_is_reported_with_its_last_words(toy):
    with pytest.raises(CommandFailed, match=r"start failed in toy[\s\S]*config.wsgi"):
        ask(toy, "start")


# Speed


def test_a_ratio_compares_the_fastest_quarters():
    rounds = [
        {"before": {"GET": [0.004, 0.001, 0.002]}, "after": {"GET": [0.008, 0.9, 0.004]}},
        {"before": {"GET": [0.9]}, "after": {"GET": [0.9]}},
    ]
    drains = [{"before": {"deliveries": 100, "seconds": 1.0}, "after": {"deliveries": 100, "seconds": 2.0}}]
    starts = [{"before": {"seconds": 1, "bytes": 10}, "after": {"seconds": 2, "bytes": 20}}]

    measured = speed("after", "before", {"GET": 3}, rounds, drains, starts)

    assert measured.ratios == {"GET": pytest.approx(4.0, rel=0.01)}
    assert measured.milliseconds["GET"] == pytest.approx(454)
    assert (measured.deliveries_per_second, measured.deliveries_ratio) == (50, 0.5)
    assert (measured.start_seconds, measured.start_bytes) == (2, 20)


def test_the_fastest_quarter_ends_at_a_quarter():
    assert quarter([8, 7, 6, 5, 4, 3, 2, 1]) == 3


# The report


SECTIONS = [Section("Size", [Row("lines | files", {"before": "10", "after": "12"}, {"before": 10, "after": 12})])]


def test_markdown_has_a_table_for_each_section():
    text = report.markdown(["before", "after"], SECTIONS, ["Nothing was left out."])

    assert "## Size\n\n| | before | after |\n| --- | --- | --- |\n| lines \\| files | 10 | 12 |\n" in text
    assert text.endswith("- Nothing was left out.\n")


def test_json_has_the_numbers_behind_the_texts():
    (section,) = json.loads(report.as_json(SECTIONS, {}, []))["sections"]

    assert section["rows"][0]["numbers"] == {"before": 10, "after": 12}


COUNTED = 'print(\'one\\n{"mutants": 30, "without_database": 2, "with_database": 29}\')'


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (COUNTED, kills.KillRates(30, 2, 29)),
        ("raise SystemExit('no such tests')", "no such tests"),
        ("import time; time.sleep(60)", "not counted within 2 s"),
    ],
)
def test_a_count_of_mutants_is_taken_or_given_up_aloud(monkeypatch, tmp_path, script, outcome):
    python = tmp_path / "python"
    python.write_text(f"#!{sys.executable}\n{script}\n")
    python.chmod(0o755)
    monkeypatch.setattr(kills.setup, "interpreter", lambda: python)
    monkeypatch.setattr(kills, "SECONDS", 2)

    if isinstance(outcome, str):
        with pytest.raises(CommandFailed, match=outcome):
            kills.kill_rates(Stage("before", ROOT / "before"))
    else:
        assert kills.kill_rates(Stage("before", ROOT / "before")) == outcome


def test_a_whole_quick_run_compares_before_and_after(tmp_path):
    pytest.importorskip("complexipy", reason="the group of make compare is not installed")
    script = "import sys; from pathlib import Path; from workshop.maintaining.compare.run import main; from workshop.base.stages import stage"
    script += "; sys.exit(not main([stage('before'), stage('after')], Path(sys.argv[1]), quick=True))"

    done = subprocess.run(
        [str(setup.interpreter()), "-c", script, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=200
    )

    assert done.returncode == 0, done.stdout + done.stderr
    measured = json.loads((tmp_path / "compare.json").read_text())["measured"]
    assert set(measured) == {"before", "after"}
    assert len(measured["before"]["branches"]) > len(measured["after"]["branches"])
    assert not [
        statement
        for statement in measured["after"]["statements"]
        if statement["stack"][:1] and "/domain/" in statement["stack"][0]
    ]
    assert measured["after"]["speed"]["queries"]["POST /v1/events"] > 0
    assert "| POST /v1/events |" in (tmp_path / "compare.md").read_text()
