"""Words in the documents: the worst constructions are found with file and line, and ordinary English is left alone."""

import pytest

from workshop.maintaining.documents import wording


@pytest.fixture
def found(tmp_path):
    """What the check says of one file of a repository."""

    def check(name, text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        return [str(problem) for problem in wording.words_are_plain(tmp_path)]

    return check


@pytest.mark.parametrize(
    "sentence, words",
    [
        ("Who fell behind types `make catchup`.", "Who"),
        ("It ends. Whoever starts it again\nfinds nothing.", "Whoever"),
        ("It is for those who are early.", "those who"),
        ("This mends the index.", "mends"),
        ("Hours are reckoned in UTC.", "reckoned"),
        ("No header is heeded.", "heeded"),
        ("Write the table anew.", "anew"),
        ("It prints the limit beside each figure.", "beside"),
        ("Ten attempts are under\nway.", "under way"),
        ("All stages but for the first have walls.", "but for"),
        ("The row stays, for it is still leased.", "for it"),
        ("The rule stands in two places.", "stands in"),
        ("Say so where there is one.", "where there is"),
    ],
)
def test_a_construction_that_has_to_be_read_twice_is_a_problem(found, sentence, words):
    (problem,) = found("docs/page.md", f"# Page\n\n{sentence}\n")

    assert f"“{words}” has to be read twice" in problem


@pytest.mark.parametrize(
    "sentence",
    [
        "Who commits? The use case.",
        "**Who\ncommits?** The use case.",
        "People who have written models know this.",
        "Besides, the stand-in stands for the adapter.",
        "A port for it is small, and ready for nothing else.",
        "It was the-fake-mended that passed.",
        "The place where the rule is written.",
    ],
)
def test_ordinary_english_is_none(found, sentence):
    assert found("docs/page.md", f"{sentence}\n") == []


def test_what_is_not_prose_is_not_read(found):
    page = "# Who gets it\n\n```\nbeside it\n```\n\nRun `mend` now. <!-- under way -->\n"

    assert found("docs/page.md", page) == []


def test_a_problem_has_the_line_of_its_words(found):
    page = "# Page\n\n```\nbeside it\n```\n\nIt is\nbeside it.\n"

    assert found("docs/page.md", page) == ["docs/page.md:8: “beside” has to be read twice: write “next to” or “and”"]


def test_a_line_may_be_allowed(found):
    assert found("docs/page.md", "We quote “anew”. <!-- plain: allow -->\n") == []
    assert len(found("docs/page.md", "We quote “anew”. <!-- plain: allow -->\nBut here anew.\n")) == 1


def test_the_texts_of_an_exercise_are_read(found):
    (problem,) = found("exercises/01-first/exercise.toml", 'minutes = 10\nmessage = "Write it anew."\n')

    assert problem.startswith("exercises/01-first/exercise.toml:2: ")


def test_of_a_module_docstrings_and_messages_are_read(found):
    module = '"""A module.\n\nIt is beside it.\n"""\n\nbeside = "anew"  # under way\nraise ValueError(f"{beside} stands in x")\n'

    lines = [problem.split(": ")[0] for problem in found("workshop/module.py", module)]

    assert lines == ["workshop/module.py:3", "workshop/module.py:7"]


def test_a_message_may_be_allowed_and_may_have_line_ends_of_its_own(found):
    assert found("workshop/module.py", 'OLD = "write it anew"  # plain: allow\n') == []
    assert found("workshop/module.py", 'OLD = "write\\n\\n\\nit anew"\n')[0].startswith("workshop/module.py:1: ")
