"""The tour in the editor says what docs/tour.md says, at lines that are there."""

import json
import re

import pytest

from workshop import ROOT
from workshop.maintaining import lint
from workshop.maintaining.documents import excerpts
from workshop.maintaining.documents.tours import FILE, PAGE, tours_are_current, write, written

MODELS = "class Retry:\n    waits = [1]\n\n    def wait(self):\n        return self.waits[0]\n"
TOUR = """\
# Two stops

It begins here, and this
is one paragraph. The [glossary](glossary.md#event) explains `[accepted]`.

```json
{"type": "payment.captured",
 "data": {}}
```

## 1. The first

*Before* waits, see
[stop 2](#2-the-second):

<!-- code: before models.py:1-2,4-5 -->
```python
class Retry:
    waits = [1]
# …
    def wait(self):
        return self.waits[0]
```

<!-- code: before models.py:2-2 -->
```python
waits = [1]
```

- it is short,
- and it has <!-- figure: before lines -->5<!-- / --> lines.

## 2. The second

The [end](../README.md).
"""


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "manage.py").touch()
    (tmp_path / "before" / "models.py").write_text(MODELS)
    (tmp_path / "docs").mkdir()
    (tmp_path / PAGE).write_text(TOUR)
    return tmp_path


def problems(root):
    return [str(problem) for problem in tours_are_current(root)]


def test_a_page_becomes_steps_at_the_lines_of_its_excerpts(repository):
    tour = json.loads(written(repository))

    assert tour["title"] == "Two stops"
    assert tour["steps"] == [
        {
            "title": "Two stops",
            "description": "It begins here, and this is one paragraph."
            " The [glossary](./docs/glossary.md) explains `[accepted]`.\n\n"
            '```json\n{"type": "payment.captured",\n "data": {}}\n```',
        },
        {
            "title": "1. The first: before/",
            "file": "before/models.py",
            "line": 2,
            "selection": {"start": {"line": 1, "character": 1}, "end": {"line": 2, "character": 16}},
            "description": "*Before* waits, see [stop 2](./docs/tour.md):\n\nIt goes on in the lines 4-5.",
        },
        {
            "title": "1. The first: before/",
            "file": "before/models.py",
            "line": 2,
            "selection": {"start": {"line": 2, "character": 1}, "end": {"line": 2, "character": 16}},
            "description": "- it is short,\n- and it has 5 lines.",
        },
        {"title": "2. The second", "description": "The [end](./README.md)."},
    ]


def test_an_excerpt_without_words_says_where_it_is(repository):
    text = TOUR.replace("- it is short,\n- and it has <!-- figure: before lines -->5<!-- / --> lines.\n", "")
    (repository / PAGE).write_text(text)

    assert json.loads(written(repository))["steps"][2]["description"] == "`before/models.py`, lines 2-2."


def test_a_tour_that_was_written_is_current_until_the_page_changes(repository):
    missing = problems(repository)
    write(repository)
    current = problems(repository)
    (repository / PAGE).write_text(TOUR.replace("It begins", "All begins"))

    assert current == []
    assert missing == problems(repository) == [f"{FILE}:1: differs from docs/tour.md; ./ws dev tours writes it"]


@pytest.mark.parametrize("source", ["class Retry:\n", None])
def test_a_step_at_a_line_that_is_gone_is_a_problem(repository, source):
    file = repository / "before" / "models.py"
    file.unlink() if source is None else file.write_text(source)
    write(repository)

    assert problems(repository)[0] == f"{FILE}:1: step 2 is at before/models.py:2, which does not exist"


def test_make_lint_checks_the_tour():
    assert tours_are_current in lint.CHECKS.values()
    assert problems(ROOT) == []


def test_the_tour_of_this_repository_has_each_excerpt_of_the_page_and_all_its_words():
    steps = json.loads((ROOT / FILE).read_text())["steps"]
    page = (ROOT / PAGE).read_text()
    shown = [found for found in excerpts.read(PAGE, page) if isinstance(found, excerpts.Excerpt)]

    assert [step["file"] for step in steps if "file" in step] == [f"{found.stage}/{found.file}" for found in shown]
    for step, found in zip((step for step in steps if "file" in step), shown, strict=True):
        selected = (ROOT / step["file"]).read_text().splitlines()[step["selection"]["start"]["line"] - 1 : step["line"]]
        assert [line.strip() for line in selected] == [line.strip() for line in found.block[: len(selected)]]

    words = " ".join(step["description"] for step in steps)
    prose = re.sub(r"```.*?```|<!--.*?-->|^#.*$", "", page, flags=re.DOTALL | re.MULTILINE)
    missing = [word for word in re.findall(r"[\w*`.,]+", re.sub(r"\]\([^)]*\)", "", prose)) if word not in words]
    assert missing == []


def test_each_link_of_the_tour_leads_to_a_file():
    targets = re.findall(r"\]\(\./([^)]+)\)", (ROOT / FILE).read_text())

    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
