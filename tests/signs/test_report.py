"""The reports for people and for programs."""

import json

import pytest

from django_signs import command
from django_signs.analysis import IN_FULL
from django_signs.command import examine, main
from django_signs.options import BadOptions, Options, options_of
from django_signs.screen import WIDEST, explained, screen
from django_signs.texts import TEXTS
from workshop import ROOT


def too_early(number):
    return f"from django.db import transaction\n\n@transaction.atomic\ndef pay{number}(order):\n    tell.delay(order)\n"


def test_the_screen_shows_three_findings_in_full_and_counts_the_rest(small):
    for number in range(5):
        small.write(f"shop/pay{number}.py", too_early(number))

    lines = list(screen(small.report()))

    assert sum(line.startswith("    Costs") for line in lines) == IN_FULL
    assert " 4  2 more: world in a transaction ×2. --all shows them." in lines


def test_all_shows_every_finding_in_full(small):
    for number in range(5):
        small.write(f"shop/pay{number}.py", too_early(number))

    lines = list(screen(small.report(), everything=True))

    assert sum(line.startswith("    Costs") for line in lines) == 5


@pytest.mark.parametrize("width", [60, 80, WIDEST])
def test_no_line_of_the_screen_is_too_wide_except_for_a_long_path(width):
    report = screen(examine(ROOT / "before", Options()), everything=True, width=width)

    assert max(len(line) for line in report if "/" not in line) <= width


@pytest.mark.parametrize("sign", TEXTS)
def test_an_explanation_is_as_wide_as_the_terminal(sign):
    lines = list(explained(sign, width=60))

    assert max(len(line) for line in lines if "/" not in line) <= 60
    assert all(step in "\n".join(lines) for step in TEXTS[sign].steps)  # a path is not broken at its hyphens


@pytest.mark.parametrize(
    ("is_terminal", "columns", "width"), [(True, 60, 60), (True, 200, WIDEST), (False, 60, WIDEST)]
)
def test_a_report_is_as_wide_as_the_terminal_and_the_same_in_every_pipe(
    small, monkeypatch, capsys, is_terminal, columns, width
):
    small.write("shop/pay.py", too_early(1))
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(command.sys.stdout, "isatty", lambda: is_terminal)

    assert main([str(small.folder)]) == 0
    assert capsys.readouterr().out.splitlines() == list(screen(examine(small.folder, Options()), width=width))


def test_the_screen_names_the_workshops_steps_only_where_they_are(small):
    small.write("shop/pay.py", too_early(1))
    report = small.report()

    assert "./ws go 10" in "\n".join(screen(report, workshop=True))
    assert "    Pattern docs/patterns/outbox.md" in screen(report, workshop=True)
    assert "./ws go" not in "\n".join(screen(report, workshop=False))
    assert "docs/patterns" not in "\n".join(screen(report, workshop=False))


def test_a_healthy_project_hears_so():
    text = "\n".join(screen(examine(ROOT / "after", Options())))

    assert "Nothing here asks for restructuring" in text


def test_sarif_has_a_rule_for_each_sign_and_a_fingerprint_for_each_result(small, capsys):
    small.write("shop/pay.py", too_early(1))

    assert main([str(small.folder), "--sarif"]) == 0

    run = json.loads(capsys.readouterr().out)["runs"][0]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == set(TEXTS)
    (result,) = run["results"]
    assert result["ruleId"] == "world-in-transaction"
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("shop/pay.py", 5)
    assert len(result["partialFingerprints"]["signs/v1"]) == 12


def test_a_fingerprint_knows_no_line(small):
    small.write("shop/pay.py", too_early(1))
    before = small.only("world-in-transaction").fingerprint
    small.write("shop/pay.py", "import os\n\n\n" + too_early(1))

    assert small.only("world-in-transaction").fingerprint == before


def test_one_of_a_kind_is_counted_in_the_singular(small):
    small.write("shop/models.py", "from django.db import models\n\n\nclass Order(models.Model):\n    pass\n")
    small.write(
        "shop/api/serializers.py",
        """
        class OrderSerializer(ModelSerializer):
            class Meta:
                model = Order
                fields = "__all__"
    """,
    )
    small.write("shop/tests/test_order.py", "@patch('shop.pay')\ndef test_pay(pay):\n    pass\n")

    text = "\n".join(screen(small.report(public_api=("shop/api",)), everything=True))

    assert "1 app, 1 model" in text
    assert "1 serializer of shop publishes every column of its table" in text
    assert "1 test, 0 % of them" in text


@pytest.mark.parametrize("sign", TEXTS)
def test_each_sign_is_explained_with_what_to_do_and_when_to_leave_it(sign):
    text = "\n".join(explained(sign))

    assert "Do " in text
    assert "Leave " in text


def test_every_step_pattern_and_exercise_that_the_report_names_is_here():
    for text in TEXTS.values():
        assert all((ROOT / step).is_dir() for step in text.steps)
        assert (ROOT / "docs" / "patterns" / f"{text.pattern}.md").is_file()
        if text.exercise:
            assert list((ROOT / "exercises").glob(f"{int(text.exercise):02}-*"))


def test_a_project_names_its_own_things_in_pyproject(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.signs]\nsends = ["shop.tell"]\n', encoding="utf-8")

    assert options_of(tmp_path).sends == ("shop.tell",)


@pytest.mark.parametrize("line", ['senders = ["a"]', "sends = 3", "sends = ["])
def test_options_that_nobody_knows_end_with_a_sentence(tmp_path, line):
    (tmp_path / "pyproject.toml").write_text(f"[tool.signs]\n{line}\n", encoding="utf-8")

    with pytest.raises(BadOptions, match=r"pyproject\.toml"):
        options_of(tmp_path)


@pytest.mark.parametrize("years, said", [(2.5, "2.5 years of history"), (30 / 365, "30 days of history")])
def test_a_short_history_is_told_in_days(small, years, said):
    class Known:
        commits = (1, 2, 3)

        def typical_size(self):
            return 2

    small.write("shop/models.py", "x = 1\n")
    report = small.report()
    report.history = Known()
    report.history.years = years

    assert f"{said} (3 commits)" in next(iter(screen(report)))
