"""Excerpts in the documents: the comparison, the messages about differences, and the automatic corrections."""

from pathlib import Path

import pytest

from workshop import ROOT
from workshop.maintaining import lint
from workshop.maintaining.documents.excerpts import correct, excerpts_are_true

VIEWS = """\
from webhooks import models


class Retry:
    def post(self, delivery):
        if delivery.is_due:
            return 409

        delivery.retry()
        return 202
"""


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "before" / "webhooks").mkdir(parents=True)
    (tmp_path / "before" / "manage.py").touch()
    (tmp_path / "before" / "webhooks" / "views.py").write_text(VIEWS)
    (tmp_path / "docs").mkdir()
    return tmp_path


def problems(repository, comment, *block):
    text = "\n".join(["# Tour", "", comment, "```python", *block, "```", "", "The end.", ""])
    (repository / "docs" / "tour.md").write_text(text)
    return [str(problem) for problem in excerpts_are_true(repository)]


def test_the_lines_themselves_are_fine(repository):
    block = ["    def post(self, delivery):", "        if delivery.is_due:", "            return 409"]

    assert problems(repository, "<!-- code: before webhooks/views.py:5-7 -->", *block) == []


def test_shared_indentation_may_be_left_out(repository):
    block = ["if delivery.is_due:", "    return 409", "", "delivery.retry()"]

    assert problems(repository, "<!-- code: before webhooks/views.py:6-9 -->", *block) == []


def test_without_numbers_the_block_is_the_whole_file(repository):
    assert problems(repository, "<!-- code: before webhooks/views.py -->", *VIEWS.splitlines()) == []
    assert problems(repository, "<!-- code: before webhooks/views.py -->", *VIEWS.splitlines()[:-1]) == [
        "docs/tour.md:3: these lines of webhooks/views.py at before are 1-9 now; ./ws dev excerpts writes the numbers"
    ]


@pytest.mark.parametrize("gap", ["…", "    # …", "# …"])
def test_two_pieces_stand_apart_by_a_line_that_says_so(repository, gap):
    block = ["class Retry:", gap, "        delivery.retry()", "        return 202"]

    assert problems(repository, "<!-- code: before webhooks/views.py:4-4,9-10 -->", *block) == []


def test_a_point_is_this_repository_itself(repository):
    (repository / "README.md").write_text("# The server\n")

    assert problems(repository, "<!-- code: . README.md:1-1 -->", "# The server") == []


def test_a_line_that_differs_is_shown_with_the_line_of_the_code(repository):
    found = problems(repository, "<!-- code: before webhooks/views.py:6-7 -->", "if delivery.is_due:", "    return 404")

    assert found == ["docs/tour.md:6: webhooks/views.py at before says there: return 409"]


def test_a_block_that_goes_on_is_told(repository):
    block = ["from webhooks import models", "", "", "class Retry:", '    """Sends it again."""']

    found = problems(repository, "<!-- code: before webhooks/views.py:1-4 -->", *block)

    assert found == ["docs/tour.md:8: the block has 5 lines, webhooks/views.py at before has 4 there"]


def test_a_block_that_ends_early_is_told_which_lines_it_has(repository):
    found = problems(repository, "<!-- code: before webhooks/views.py:1-4 -->", "from webhooks import models")

    assert found == [
        "docs/tour.md:3: these lines of webhooks/views.py at before are 1-1 now; ./ws dev excerpts writes the numbers"
    ]


def test_lines_that_moved_are_told_with_their_new_numbers(repository):
    found = problems(repository, "<!-- code: before webhooks/views.py:2-3 -->", "delivery.retry()", "return 202")

    assert found == [
        "docs/tour.md:3: these lines of webhooks/views.py at before are 9-10 now; ./ws dev excerpts writes the numbers"
    ]


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("<!-- code: before webhooks/views.py:8 -->", "write it as <!-- code: STAGE FILE:FROM-TO -->"),
        ("<!-- code: webhooks/views.py:8-9 -->", "write it as <!-- code: STAGE FILE:FROM-TO -->"),
        ("<!--code: before webhooks/views.py:8-9-->", "write it as <!-- code: STAGE FILE:FROM-TO -->"),
        ("<!-- code: befor webhooks/views.py:8-9 -->", "There is no stage 'befor'"),
        ("<!-- code: before webhooks/view.py:8-9 -->", "there is no text file webhooks/view.py at before"),
        ("<!-- code: before webhooks:8-9 -->", "there is no text file webhooks at before"),
        ("<!-- code: before webhooks/views.py:8-99 -->", "has 10 lines, so no lines 8-99"),
        ("<!-- code: before webhooks/views.py:0-2 -->", "has 10 lines, so no lines 0-2"),
        ("<!-- code: before webhooks/views.py:3-2 -->", "has 10 lines, so no lines 3-2"),
    ],
)
def test_a_comment_that_names_no_lines_is_told(repository, comment, said):
    (found,) = problems(repository, comment, "nothing of the kind")

    assert found.startswith("docs/tour.md:3: ")
    assert said in found


@pytest.mark.parametrize("below", ["", "text\n```\nx\n```\n", "```python\nx\n"])
def test_a_comment_without_a_block_is_told(repository, below):
    (repository / "docs" / "tour.md").write_text(f"<!-- code: before webhooks/views.py:1-1 -->\n{below}")

    (found,) = excerpts_are_true(repository)

    assert str(found) == "docs/tour.md:1: no fenced block follows this comment, or it does not end"


def test_a_fence_of_four_may_hold_one_of_three(repository):
    (repository / "notes.md").write_text("```\nmake demo\n```\n")
    text = "<!-- code: . notes.md -->\n\n````\n```\nmake demo\n```\n````\n"
    (repository / "docs" / "tour.md").write_text(text)

    assert list(excerpts_are_true(repository)) == []


def test_an_excerpt_inside_a_block_is_an_example(repository):
    example = "````\n<!-- code: step-99 webhooks/views.py:1-2 -->\n```python\n…\n```\n````\n"
    (repository / "CONTRIBUTING.md").write_text(f"Write it so:\n\n{example}")

    assert list(excerpts_are_true(repository)) == []


def test_new_numbers_are_written_for_moved_lines_and_changed_lines_stay(repository):
    moved = "<!-- code: before webhooks/views.py:2-3 -->\n```\ndelivery.retry()\nreturn 202\n```\n"
    changed = "<!-- code: before webhooks/views.py:1-1 -->\n```\nimport webhooks\n```\n"
    document = repository / "docs" / "tour.md"
    document.write_text(moved + changed)

    said = list(correct(repository))

    assert said == ["docs/tour.md:1: webhooks/views.py 2-3 is now 9-10"]
    assert document.read_text() == moved.replace("2-3", "9-10") + changed


def test_lines_that_are_there_twice_are_not_guessed(repository):
    (repository / "before" / "webhooks" / "views.py").write_text("retry()\nretry()\nsend()\n")
    document = repository / "docs" / "tour.md"
    document.write_text("<!-- code: before webhooks/views.py:3-3 -->\n```\nretry()\n```\n")

    assert list(correct(repository)) == []


def test_the_excerpts_of_this_repository_are_true():
    assert [str(problem) for problem in excerpts_are_true(ROOT)] == []
    assert excerpts_are_true in lint.CHECKS.values()


def test_steps_and_the_readme_are_looked_at_too(repository):
    wrong = "<!-- code: before webhooks/views.py:1-1 -->\n```\nimport os\n```\n"
    for name in ("README.md", "CONTRIBUTING.md", "steps/README.md", "steps/04-x/README.md", "docs/deep/er.md"):
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(wrong)

    found = {problem.path for problem in excerpts_are_true(repository)}

    assert len(found) == 5
    assert Path("steps/04-x/README.md") in found
