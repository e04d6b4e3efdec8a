"""What `make lint` asks of docs/patterns/: a page in the right form passes, and each fault is reported with its line."""

import pytest

from workshop import ROOT
from workshop.maintaining import lint
from workshop.maintaining.documents import patterns

PAGE = """\
# Value

One class for two columns.

## The sign

See [same condition](../signs.md#same-condition-same-condition).

## The smallest code that works

<!-- code: after webhooks/domain/money.py:1-1 -->
```python
## not a heading of the page
```

## Its test

<!-- code: after tests/domain/test_money.py:1-1 -->
```python
from decimal import Decimal
```

## The Django trap

A field converts nothing.

## What it costs

From <!-- figure: before functions -->206<!-- / --> functions on, as [step 1](../../steps/01.md) and `Money(10)` show.

<!-- run: here -->
```
$ wc -l < file
17
```

## When to leave it

If there is one currency.

## Three commits

1. Add the class.
2. Use it once.
3. Use it everywhere.

## Step and exercise

[Step 1](../../steps/01.md), [exercise 3](../../exercises/03.md).
"""
RUN = PAGE[PAGE.index("<!-- run:") : PAGE.index("## When")]
FIGURE = "<!-- figure: before functions -->206<!-- / -->"


@pytest.fixture
def repository(tmp_path):
    files = {
        "docs/patterns/README.md": "| pain | pattern |\n| --- | --- |\n| two columns | [Value](value.md) |\n",
        "docs/patterns/value.md": PAGE,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def problems(root):
    return [str(problem) for problem in patterns.patterns_are_whole(root)]


def test_a_page_in_the_right_form_is_fine(repository):
    assert problems(repository) == []


@pytest.mark.parametrize(
    ("old", "new", "reported"),
    [
        ("# Value\n", "Value\n", "value.md:1: the first line must be `# ` and the pattern's name"),
        ("A field converts", "A field " + "x" * 120, "value.md:25: has more than 120 characters"),
        ("## Its test\n", "## The test\n", "value.md:1: it needs these sections and no others, in this order: "),
        ("## The Django trap\n\nA field converts nothing.\n\n", "", "value.md:1: it needs these sections"),
        ("## What it costs\n", "## More\n\nMore.\n\n## What it costs\n", "value.md:1: it needs these sections"),
        ("A field converts nothing.\n", "", "value.md:23: The Django trap: says nothing"),
        (
            "<!-- code: after webhooks/domain/money.py:1-1 -->\n",
            "",
            "value.md:9: The smallest code that works: needs an",
        ),
        ("<!-- code: after tests/domain/test_money.py:1-1 -->\n", "", "value.md:16: Its test: needs an excerpt"),
        (RUN, "17 lines.\n\n", "value.md:27: What it costs: 17 is typed by hand"),
        ("<!-- run: here -->\n", "", "value.md:27: What it costs: 17 is typed by hand"),
        ("`Money(10)` show", "we say: 300", "value.md:27: What it costs: 300 is typed by hand"),
        (FIGURE, "206", "value.md:27: What it costs: 206 is typed by hand"),
        ("3. Use it everywhere.\n", "", "value.md:41: Three commits: needs a list of three commits"),
        ("2. Use it once.", "4. Use it once.", "value.md:41: Three commits: needs a list of three commits"),
        ("[Step 1](../../steps/01.md), ", "", "value.md:47: Step and exercise: needs a link into steps/"),
        (", [exercise 3](../../exercises/03.md)", "", "value.md:47: Step and exercise: needs a link into exercises/"),
        ("One class", "line\n" * 40 + "One class", "value.md:89: shows 80 lines; at most 75, a screen and a half"),
    ],
)
def test_each_fault_of_a_page_is_reported_with_its_line(repository, old, new, reported):
    assert old in PAGE
    page = repository / "docs" / "patterns" / "value.md"
    planted = PAGE.replace(old, new)
    page.write_text(planted, encoding="utf-8")

    assert any(problem.startswith(f"docs/patterns/{reported}") for problem in problems(repository))


def test_a_cost_without_any_proof_is_reported(repository):
    page = repository / "docs" / "patterns" / "value.md"
    page.write_text(PAGE.replace(RUN, "").replace(FIGURE, "Some"), encoding="utf-8")

    (problem,) = problems(repository)

    assert problem.startswith("docs/patterns/value.md:27: What it costs: needs a figure or a command's answer")


@pytest.mark.parametrize(("index", "times"), [("", 0), ("| [a](value.md) |\n| [b](value.md) |\n", 2)])
def test_the_index_names_every_page_once(repository, index, times):
    (repository / "docs" / "patterns" / "README.md").write_text(index, encoding="utf-8")

    assert problems(repository) == [f"docs/patterns/README.md:1: its table names value.md {times} times; name it once"]


def test_pages_need_an_index(repository):
    (repository / "docs" / "patterns" / "README.md").unlink()

    (problem,) = problems(repository)

    assert problem.startswith("docs/patterns/README.md:1: is missing")


def test_lint_asks_this_of_this_repository():
    assert patterns.patterns_are_whole in lint.CHECKS.values()
    assert len(list((ROOT / patterns.FOLDER).glob("*.md"))) > 12
    assert problems(ROOT) == []
