"""The book holds every page as it is, leads from each excerpt to its lines, and has no link to nowhere."""

import re
import shutil

import pytest

from workshop import ROOT
from workshop.maintaining.documents import excerpts
from workshop.maintaining.measure import kept
from workshop.maintaining.site import links, pages
from workshop.maintaining.site.notes import notes

SHOWN = [
    (document, number, excerpt)
    for document in excerpts.documents()
    for number, excerpt in enumerate(
        [one for one in excerpts.read(document, (ROOT / document).read_text()) if isinstance(one, excerpts.Excerpt)], 1
    )
]


def test_every_page_is_in_the_book_and_has_a_place_in_the_contents(site):
    listed = [path for _, chapter in pages.chapters() for path in chapter]

    assert sorted(listed) == pages.pages()
    assert [page for page in listed if not (site / page.with_suffix(".html")).exists()] == []
    assert {"README.md", "docs/tour.md", "steps/04-extract-services/README.md"} <= {page.as_posix() for page in listed}


def test_a_page_that_no_chapter_names_comes_last(tmp_path):
    (tmp_path / "docs").mkdir()
    for name in ("tour.md", "a-new-page.md"):
        (tmp_path / "docs" / name).write_text("# A page\n")

    assert [title for title, _ in pages.chapters(tmp_path)] == ["Start here", "More"]


def test_every_excerpt_leads_to_its_lines_in_the_road(site):
    assert len(SHOWN) > 50
    for document, number, excerpt in SHOWN:
        if excerpt.stage == excerpts.HERE:
            continue
        html = (site / document.with_suffix(".html")).read_text()
        found = re.search(rf'<p class="to-road" id="excerpt-{number}"><a [^>]*href="([^"]*)"', html)
        assert found, f"{document}:{excerpt.line}"
        address = found[1].replace("&amp;", "&")
        lines = f"&line={excerpt.pieces[0].first}-{excerpt.pieces[-1].last}" if excerpt.pieces else ""
        assert address.endswith(f"road/index.html#stage={excerpt.stage}&file={excerpt.file}{lines}")


def test_no_comment_of_a_page_shows(site):
    text = (site / "steps/04-extract-services/README.html").read_text()

    assert "code: step-04" not in text
    assert "figure: step" not in text
    assert f"{kept()['step-04']['lines.webhooks']:,}" in text


def test_a_patch_and_a_stage_s_folder_lead_into_the_road(site):
    tree = (site / "steps/04-extract-services/tree.html").read_text()
    road_map = (site / "steps/README.html").read_text()

    assert 'href="../../road/index.html#stage=step-04&amp;commit=2"' in tree
    assert 'href="../road/index.html#stage=before"' in road_map
    assert 'href="../road/index.html#stage=after"' in road_map


def test_the_figures_are_those_that_were_measured(site):
    text = (site / "evidence.html").read_text()

    assert "Lines of code, webhooks/" in text
    assert "./ws dev measure" in text
    assert "curve.svg" in text


def test_notes_hold_the_prose_around_an_excerpt():
    (note,) = [one for one in notes() if one.stage == "step-04" and one.file == "webhooks/application/accept_event.py"]

    assert note.page == "Step 4: extract services"
    assert note.heading == "Before and after"
    above, below = note.html.split("</p>\n")
    assert "<code>step-04</code>" in above
    assert "<code>IdempotencyKeyReused</code>" in below
    assert note.address.startswith("../steps/04-extract-services/README.html#excerpt-")


@pytest.fixture
def copy(site, tmp_path):
    return shutil.copytree(site, tmp_path / "site")


def test_the_built_site_has_no_link_to_nowhere(site):
    assert list(links.problems(site)) == []


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ('<a href="nothing.html">x</a>', "nothing.html, which is not in the site"),
        ('<a href="docs/tour.html#no-such-stop">x</a>', "has no anchor no-such-stop"),
        ('<a href="road/index.html#stage=step-11">x</a>', "no stage 'step-11'"),
        ('<a href="road/index.html#stage=step-04&amp;file=webhooks/signals.py">x</a>', "no file webhooks/signals.py"),
        ('<a href="road/index.html#stage=step-04&amp;file=webhooks/views.py&amp;line=9999">x</a>', "so no line 9999"),
        ('<script src="https://example.com/x.js"></script>', "from outside"),
        ('<img src="gone.png">', "gone.png, which is not in the site"),
    ],
)
def test_a_link_to_nowhere_is_noticed(copy, planted, said):
    with (copy / "index.html").open("a") as opened:
        opened.write(planted)

    (problem,) = links.problems(copy)

    assert problem.path.as_posix() == "index.html"
    assert said in problem.what


def test_a_style_sheet_that_loads_from_outside_is_noticed(copy):
    with (copy / "road" / "road.css").open("a") as opened:
        opened.write("body { background: url(https://example.com/x.png) }")

    (problem,) = links.problems(copy)

    assert "from outside" in problem.what


def test_the_site_is_small_enough_for_a_stick(site):
    assert sum(file.stat().st_size for file in site.rglob("*") if file.is_file()) <= 10_000_000
