"""The handout is made from the pages, and says so clearly if a page no longer has what it shows."""

import shutil

import pytest

from workshop import ROOT
from workshop.base.problems import CommandFailed
from workshop.maintaining import handout

PAGES = ("docs/signs.md", "docs/patterns/README.md", "docs/when.md", "docs/monday.md", "steps/README.md", "README.md")


@pytest.fixture
def copy(tmp_path):
    """The pages in a repository of their own, and a function that changes one of them."""
    for page in (*PAGES, "steps/requests/README.md"):
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / page, tmp_path / page)

    def change(page, old, new):
        text = (tmp_path / page).read_text()
        assert old in text
        (tmp_path / page).write_text(text.replace(old, new))
        return tmp_path

    return change


def test_each_sign_leads_to_its_patterns_and_their_rungs():
    page = handout.page()

    assert (
        "<td>Hidden work</td><td>Saving a row has side effects in a receiver or in <code>save</code>.</td>"
        "<td>Use case</td><td>services</td>"
    ) in page
    assert "<td>Use case, Pure decision</td><td>services, core</td>" in page
    assert "<td>App circle</td><td>Five apps or more import each other.</td><td>Import walls</td>" in page


def test_a_changed_sentence_of_a_page_is_in_the_next_handout(copy):
    root = copy("docs/monday.md", "**Pin the behaviour.**", "**Pin what it does.**")

    assert "<li>Pin what it does</li>" in handout.page(root)


@pytest.mark.parametrize(
    ("page", "old", "said"),
    [
        ("docs/signs.md", "## The signs", "docs/signs.md has no section 'The signs'"),
        ("docs/signs.md", "Pattern: [Registry](patterns/registry.md)", "does not begin with its pattern"),
        ("docs/signs.md", "- **Lost write**", "2 signs and 3 patterns"),
        ("docs/patterns/README.md", "# Patterns: the toolbox", "has no section 'Patterns: the toolbox'"),
        ("docs/when.md", "## Your backlog in ten minutes", "has no section 'Your backlog in ten minutes'"),
        ("docs/monday.md", "Three questions count", "has no paragraph that begins with 'Three questions'"),
        ("steps/README.md", "## Rungs: where to stay", "has no section 'Rungs: where to stay'"),
        ("README.md", "make demo ", "has no block that begins with 'make demo'"),
    ],
)
def test_a_part_that_is_gone_is_named(copy, page, old, said):
    root = copy(page, old, "Something else")

    with pytest.raises(CommandFailed) as failed:
        handout.page(root)

    assert said in str(failed.value)


def test_a_pattern_that_the_index_does_not_have_is_named(copy):
    root = copy("docs/signs.md", "Pattern: [Outbox]", "Pattern: [Inbox]")

    with pytest.raises(CommandFailed, match=r"docs/patterns/README\.md has no pattern 'Inbox'"):
        handout.page(root)
