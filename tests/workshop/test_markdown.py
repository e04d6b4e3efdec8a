"""The links and commands of the pages, and the reading of a page."""

import pytest

from workshop import ROOT
from workshop.maintaining import lint
from workshop.maintaining.documents import markdown

PAGE = """\
# A page

`make demo`, then [the other page](other.md#an-anchor-x).

```
./ws dev check
```

## Here
"""


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "Makefile").write_text("demo: setup ## see it\nold:\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "other.md").write_text("# An anchor (`x`)\n")
    (tmp_path / "docs" / "page.md").write_text(PAGE)
    return tmp_path


def test_a_page_whose_links_and_commands_exist_has_no_problem(repository):
    assert list(markdown.no_dead_ends(repository)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("other.md", "more.md", "docs/page.md:3: the link more.md leads nowhere"),
        ("#an-anchor-x", "#anchor", "docs/page.md:3: there is no heading #anchor in other.md"),
        ("other.md#an-anchor-x", "#there", "docs/page.md:3: there is no heading #there in this page"),
        ("make demo", "make dome", "docs/page.md:3: there is no command make dome"),
        ("make demo", "make old", "docs/page.md:3: there is no command make old"),
        ("make demo", "./ws fly", "docs/page.md:3: there is no command ./ws fly"),
        ("dev check", "dev fly", "docs/page.md:6: there is no command ./ws dev fly"),
    ],
)
def test_a_link_or_a_command_that_leads_nowhere_is_told_with_its_line(repository, old, new, said):
    (repository / "docs" / "page.md").write_text(PAGE.replace(old, new))

    assert [str(problem) for problem in markdown.no_dead_ends(repository)] == [said]


def test_a_link_in_a_block_is_an_example(repository):
    (repository / "docs" / "page.md").write_text("````\n```\n[nothing](nothing.md)\n```\n````\n")

    assert list(markdown.no_dead_ends(repository)) == []


def test_lint_asks_this_of_every_page_of_this_repository():
    assert lint.CHECKS.items() >= markdown.CHECKS.items()
    assert list(markdown.no_dead_ends(ROOT)) == []
