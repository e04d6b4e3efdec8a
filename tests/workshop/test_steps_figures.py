"""Figures in the documents: tables, numbers in sentences, the picture; and what is counted."""

import json
import xml.etree.ElementTree as ElementTree

import pytest

from workshop import ROOT
from workshop.base.names import RUNGS, STAGES, STEPS, folder_name
from workshop.base.road import road
from workshop.base.stages import Stage, stage
from workshop.harness import source
from workshop.maintaining import lint, measure
from workshop.maintaining.documents import curve, figures, page
from workshop.maintaining.documents.figures import figures_are_true, write

BEFORE = {"lines.webhooks": 1512, "files.webhooks": 20, "branches": 24, "branches.modules": 3, "contracts": 0}
STEP = BEFORE | {"lines.webhooks": 1600, "contracts": 3, "step.commits": 2, "step.lines": 121, "step.files": 9}


@pytest.fixture
def root(tmp_path):
    (tmp_path / "steps" / "01-name-the-language").mkdir(parents=True)
    measure.keep({"before": BEFORE, "step-01": STEP}, tmp_path)
    return tmp_path


def document(root, text):
    (root / "README.md").write_text(text)
    return [str(problem) for problem in figures_are_true(root)]


def written(root, text):
    (root / "README.md").write_text(text)
    list(write(root))
    return (root / "README.md").read_text()


def test_a_table_of_one_stage_has_the_one_before_and_the_rows_that_differ(root):
    text = written(root, "# Step\n\n<!-- figures: step-01 -->\n<!-- end -->\n\nMore.\n")

    assert text == (
        "# Step\n\n<!-- figures: step-01 -->\n"
        "| | before | step-01 |\n"
        "| --- | ---: | ---: |\n"
        "| Lines of code, webhooks/ | 1,512 in 20 files | 1,600 in 20 files |\n"
        "| Import contracts | 0 | 3 |\n"
        "<!-- end -->\n\nMore.\n"
    )
    assert document(root, text) == []
    assert list(write(root)) == []


def test_a_table_may_name_stages_and_rows(root):
    text = written(root, "<!-- figures: step-01 before branches step.lines -->\nold\n<!-- end -->\n")

    assert "| | step-01 | before |\n" in text
    assert "| Branches on a format's name | 24 in 3 modules | 24 in 3 modules |\n" in text
    assert "| Production lines changed | 121 | – |\n" in text


def test_a_number_stands_in_a_sentence(root):
    text = written(root, "It has <!-- figure: step-01 lines.webhooks -->9<!-- / --> lines.\n")

    assert text == "It has <!-- figure: step-01 lines.webhooks -->1,600<!-- / --> lines.\n"
    assert document(root, text) == []


def test_a_figure_that_is_stale_is_told_with_its_line(root):
    text = written(root, "a\n\n<!-- figures: step-01 -->\n<!-- end -->\n")

    found = document(root, text.replace("1,600", "1,601"))

    assert found == ["README.md:3: is not the measured figure; ./ws dev figures writes it"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<!-- figures: step-02 -->\n<!-- end -->\n", "nothing is measured at 'step-02'; ./ws dev measure does it"),
        ("<!-- figures: step-01 lines.wobhooks -->\n<!-- end -->\n", "there is no figure lines.wobhooks"),
        ("<!-- figures: branches -->\n<!-- end -->\n", "a table needs a stage"),
        ("<!-- figure: step-01 seconds -->9<!-- / -->\n", "seconds is not measured at step-01"),
        ("<!-- figures: step-01 -->\nno end\n", "a figures marker is malformed"),
        ("<!-- figure: step-01 -->9<!-- / -->\n", "a figures marker is malformed"),
    ],
)
def test_a_marker_for_an_unknown_figure_is_a_problem(root, text, said):
    (found,) = document(root, text)

    assert said in found


def test_what_stands_in_backticks_is_an_example(root):
    assert document(root, "Write `<!-- figures: step-99 -->` or `<!-- figure: step-99 x -->1<!-- / -->`.\n") == []


def test_the_map_has_every_stage_with_its_step_minutes_and_rung(root):
    (root / "steps" / "01-name-the-language" / "README.md").write_text("# Step 1: Words\n\n**Minutes:** 25 · no rung\n")

    text = written(root, "<!-- figures: map -->\n<!-- end -->\n")

    rows = [line for line in text.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == len(STEPS) + 1
    assert rows[1].startswith(
        "| step-01 | [name-the-language](01-name-the-language/README.md) | 25 | 2 | 121 | 1,600 |"
    )
    assert [row.split("**")[1] for row in rows if "**" in row] == list(RUNGS.values())


def test_figures_are_kept_in_the_order_of_the_stages(root):
    measure.keep({"step-01": STEP, "before": BEFORE}, root)

    assert list(json.loads((root / measure.FILE).read_text())) == ["before", "step-01"]


def test_what_is_not_as_kept_is_told(root):
    assert measure.differences("step-01", {"branches": 25, "contracts": 3, "new": 1}, root) == [
        "step-01: branches is 25, steps/figures.json says 24",
        "step-01: new is 1, steps/figures.json says nothing",
    ]


def test_a_format_is_named_in_strings_imports_and_file_names(tmp_path):
    webhooks = tmp_path / "webhooks"
    webhooks.mkdir()
    for name, text in {
        "string.py": "FORMATS = ['csv']",
        "imported.py": "from webhooks.formats import csv",
        "called.py": "render_csv()",
        "csv.py": "",
        "comment.py": "# csv is elsewhere\n",
        "tests.py": "x = 1",
    }.items():
        (webhooks / name).write_text(text)

    assert source.files_that_name(tmp_path, "csv") == 4


def test_the_ends_of_this_repository_differ_as_they_should():
    before, after = (
        [path.name for path in sorted((stage(name).folder / "webhooks").rglob("*.py")) if source.names_a_format(path)]
        for name in ("before", "after")
    )

    assert before == ["models.py", "options.py", "payloads.py"]
    assert after == []


def test_a_step_is_measured_by_its_commits_without_tests_and_moves(workshop):
    laid = road(workshop)

    assert measure.walked(laid, "step-02") == {"step.commits": 2, "step.files": 2, "step.lines": 2}
    assert measure.walked(laid, "before") == {}


def test_red_tests_are_no_figure(monkeypatch, tmp_path):
    red = type("Red", (), {"failed": 2, "total": 9, "touching": 1})
    monkeypatch.setattr(measure, "own_tests", lambda stage, limit: red)

    with pytest.raises(measure.CommandFailed, match=r"2 of step-01's own tests fail: ./ws test step-01 shows them"):
        measure.tested(Stage("step-01", tmp_path))


# The picture


@pytest.fixture
def measured(tmp_path):
    (tmp_path / "steps").mkdir()
    keys = (
        "lines.webhooks",
        "lines.tests",
        "branches",
        "hops.amount-rounding",
        "tests",
        "tests.database",
        "sql.lines",
        "contracts",
    )
    measure.keep({name: dict.fromkeys(keys, 7 + at * 3) for at, name in enumerate(STAGES)}, tmp_path)
    return tmp_path


def test_the_curve_is_well_formed_and_says_each_value(measured):
    drawn = curve.draw(measure.kept(measured))

    picture = ElementTree.fromstring(drawn)
    titles = [title.text for title in picture.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == 2 * 4 * (len(STEPS) + 1)
    assert "webhooks/, step-10: 37" in titles
    assert drawn == curve.draw(measure.kept(measured))


def test_a_curve_of_other_figures_is_told(measured):
    (measured / curve.FILE).write_text(curve.draw(measure.kept(measured)))
    assert list(curve.curve_is_drawn(measured)) == []
    kept = measure.kept(measured)
    kept["step-05"]["branches"] = 1
    measure.keep(kept, measured)

    (problem,) = curve.curve_is_drawn(measured)

    assert str(problem).startswith("steps/curve.svg:1: does not show the present steps/figures.json")


# The pages

PAGE = "# Step 3: The rest follow\n\n**Minutes:** 20 · rung: registry\n\n" + "".join(
    f"## {name}\n\nText.\n\n" for name in page.SECTIONS
)


@pytest.fixture
def pages(tmp_path):
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "README.md").write_text("# Map\n")
    for number in range(len(STEPS) + 1):
        folder = tmp_path / "steps" / folder_name(number)
        folder.mkdir()
        rung = f"rung: {RUNGS[number]}" if number in RUNGS else "no rung"
        text = PAGE.replace("Step 3", f"Step {number}").replace("rung: registry", rung)
        (folder / "README.md").write_text(text if number else text.partition("## ")[0])
    return tmp_path


def about_step_three(pages, text):
    (pages / "steps" / "03-the-rest-follow" / "README.md").write_text(text)
    return [problem.what for problem in page.pages_are_whole(pages)]


def test_pages_in_the_right_form_are_fine(pages):
    assert list(page.pages_are_whole(pages)) == []
    assert page.minutes(pages, 3) == 20


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("# Step 3: ", "# Three: ", "the first line must be `# Step 3: …`"),
        (
            "**Minutes:** 20 · rung: registry",
            "**Minutes:** 20 · no rung",
            "the second paragraph must begin: **Minutes:** N · rung: registry",
        ),
        ("** 20 ·", "** Twenty ·", "the second paragraph must begin: **Minutes:** N · rung: registry"),
        ("## The trap\n\nText.\n\n", "", "it needs these sections, in this order: "),
        ("Text.", "x" * 121, "has more than 120 characters"),
    ],
)
def test_what_a_page_lacks_is_told(pages, old, new, said):
    assert old in PAGE
    assert said in about_step_three(pages, PAGE.replace(old, new, 1))[0]


def test_a_page_that_is_missing_is_told(pages):
    (pages / "steps" / "00-feel-it" / "README.md").unlink()

    assert [problem.what for problem in page.pages_are_whole(pages)] == ["is missing"]


def test_lint_asks_all_of_this_of_this_repository():
    checks = {**figures.CHECKS, **page.CHECKS, **curve.CHECKS}

    assert lint.CHECKS.items() >= checks.items()
    assert [str(problem) for check in (figures_are_true, page.pages_are_whole) for problem in check(ROOT)] == []
