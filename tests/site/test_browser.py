"""What people do with the site, in headless Chromium, from a folder and without network."""

import re
import shutil

import pytest

from workshop.base.bets import Bet
from workshop.base.names import STAGES
from workshop.maintaining.scorecard.backlog import figures
from workshop.walk.bets import of_step

KINDS = {
    "home": "index.html",
    "page": "docs/tour.html",
    "step": "steps/04-extract-services/README.html",
    "exercise": "exercises/04-untangle-the-fees/README.html",
    "figures": "evidence.html",
    "search": "search.html?q=idempotency",
    "road": "road/index.html#stage=step-04&file=webhooks/views.py&line=96",
    "bet": "road/index.html#stage=step-06",
    "twins": "twins/index.html#stop=4",
    "calculator": "backlog.html",
}
SIZES = [(1280, 720), (1920, 1080), (390, 844)]
CODE = "#code .rows"


def text_of(page, selector):
    return page.locator(selector).inner_text()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_asked_of_the_network_and_nothing_fails_at_any_size(reader, kind, theme):
    for width, height in SIZES:
        somebody = reader(width, height, color_scheme=theme)
        page = somebody.open(KINDS[kind])
        page.wait_for_load_state("load")
        page.locator("h1").first.wait_for()
        if kind == "road":
            page.locator(CODE).wait_for()

        assert somebody.outside == []
        assert somebody.errors == []
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("h1").count() == 1
        assert page.locator("main").count() == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_that_keeps_people_out(reader, kind, theme):
    from axe_playwright_python.sync_playwright import Axe

    page = reader(color_scheme=theme).open(KINDS[kind])
    page.locator({"road": CODE, "bet": "#bet form", "twins": "#code pre"}.get(kind, "h1")).first.wait_for()

    found = Axe().run(page).response

    assert len(found["passes"]) > 20
    assert [(rule["id"], node["target"]) for rule in found["violations"] for node in rule["nodes"]] == []


def test_the_calculator_adds_up_what_a_backlog_would_cost(reader):
    page = reader().open("backlog.html")
    fields = page.locator("#backlog input")
    for field in fields.all():
        field.fill("0")

    assert "at least one request" in text_of(page, "#backlog-sums")
    page.get_by_label("one more of a kind").fill("2")
    page.get_by_label("a changed API").fill("1")

    found = figures()
    twice, once = (found["lines"][kind] for kind in ("one more of a kind", "a changed API"))
    sums = {rung: sum(twice[rung]) + once[rung][0] for rung in found["rungs"]}
    least, most = (2 * pick(twice["before"]) + once["before"][0] for pick in (min, max))
    assert len(twice["before"]) == 2 and len(once["before"]) == 1
    cells = page.locator("#backlog-sums tbody tr", has_text="production").first.locator("td").all_text_contents()
    assert cells[0] == f"{sums['before']} ({least}–{most})"
    assert [int(cell.split()[0]) for cell in cells] == list(sums.values())
    together = page.locator("#backlog-sums tbody tr", has_text="production with the move").locator("td")
    assert together.last.inner_text() == f"{sums['hexagon'] + found['moved']['hexagon']:,}"


def test_a_word_is_found_in_the_book(reader):
    somebody = reader()
    page = somebody.open("index.html")

    page.keyboard.press("Control+k")
    page.keyboard.type("savepoint")
    page.keyboard.press("Enter")
    page.locator("#search-results a", has_text="Step 4: extract services").first.click()

    assert page.url.startswith("file:")
    assert "steps/04-extract-services/README.html" in page.url
    assert somebody.outside == []


def test_where_the_delivery_is_written_is_found_in_the_code(reader):
    page = reader().open("road/index.html#stage=before")
    page.locator("#list a").first.wait_for(state="attached")

    page.keyboard.press("/")
    page.keyboard.type("bulk_create(deliveries)")
    page.keyboard.press("Enter")
    page.locator("#found a", has_text="webhooks/signals.py").click()

    assert "def fan_out(sender, instance, created" in text_of(page, CODE)
    assert "bulk_create(deliveries)" in text_of(page, ".row.target")


def test_an_excerpt_leads_to_its_lines_and_the_note_leads_back(reader):
    page = reader().open("steps/04-extract-services/README.html")

    page.locator(".to-road a", has_text="webhooks/application/accept_event.py at step-04").click()
    page.locator(".row.target").first.wait_for()
    lines = page.locator(".row.target").all_inner_texts()
    assert "def accept_event(event: Event, *, idempotency_key: str" in lines[0]
    assert len(lines) == 20

    note = page.locator(".note", has_text="IdempotencyKeyReused")
    note.locator("a", has_text="Step 4: extract services").click()
    page.wait_for_url(re.compile(r"steps/04-extract-services/README.html#excerpt-\d+"))


def test_a_deep_link_shows_the_line_of_the_file_of_the_stage(reader):
    page = reader().open("road/index.html#stage=step-04&file=webhooks/views.py&line=96")

    page.locator(".row.target").wait_for()

    assert "posted(request.data)" in text_of(page, ".row.target")
    assert text_of(page, "#code h2") == "webhooks/views.py"
    box = page.locator(".row.target").bounding_box()
    assert 0 < box["y"] < 720


def test_a_file_that_is_chosen_on_a_phone_is_seen(reader):
    page = reader(390, 844).open("road/index.html#stage=step-04&file=webhooks/views.py")
    page.locator(CODE).wait_for()

    page.evaluate("scrollTo(0, 0)")
    page.locator("#list a", has_text="accept_event.py").first.click()
    page.locator("#code h2", has_text="webhooks/application/accept_event.py").wait_for()

    assert 0 <= page.locator("#code h2").bounding_box()["y"] < 844 / 2


def test_a_stage_that_is_chosen_on_a_phone_leaves_the_stages_in_sight(reader):
    page = reader(390, 844).open("road/index.html#stage=step-04&file=webhooks/views.py")
    page.locator(CODE).wait_for()

    page.evaluate("scrollTo(0, 0)")
    page.locator("#stages a", has_text="6").click()
    page.locator("#about h2", has_text="step-06").wait_for()
    page.locator("#said", has_text="webhooks/views.py").wait_for(state="attached")

    assert page.evaluate("scrollY") == 0


def test_after_is_the_last_stage(reader):
    page = reader().open("road/index.html#stage=after&file=webhooks/domain/money.py")

    page.locator(CODE).wait_for()

    assert "10 = after" in text_of(page, "#stages [aria-current]")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("#stage=step-12", "There is no such stage"),
        ("#stage=step-04&file=webhooks/nowhere.py", "There is no file webhooks/nowhere.py at step-04"),
        ("#stage=step-04&file=webhooks/views.py&line=8888", "There is no line 8888: this file has"),
    ],
)
def test_an_address_that_leads_nowhere_says_so(reader, place, said):
    page = reader().open("road/index.html" + place)

    page.get_by_role("alert").first.wait_for()

    assert said in text_of(page, "main")


def test_the_stage_changes_and_the_file_stays(reader):
    page = reader().open("road/index.html#stage=before&file=webhooks/models.py")
    page.locator(CODE).wait_for()

    page.goto(page.url.split("#")[0] + "#stage=step-02&file=webhooks/models.py")
    page.locator(".row.changed").first.wait_for()

    assert "step-02: one format out" in text_of(page, "#about")
    assert text_of(page, "#code h2") == "webhooks/models.py"


def test_any_two_stages_can_be_compared(reader):
    page = reader().open("road/index.html#stage=step-10&file=webhooks/adapters/api/views.py")
    page.locator(CODE).wait_for()
    assert page.locator("#from option").all_inner_texts() == [*STAGES[:-2]]

    page.locator("#from").select_option("before")
    page.wait_for_url(re.compile("from=before"))
    page.locator("summary", has_text="new (").wait_for()

    assert "webhooks/domain/money.py" in text_of(page, "#list")
    assert "webhooks/signals.py" in text_of(page, "#list")


def test_a_step_is_read_commit_by_commit(reader):
    page = reader().open("road/index.html#stage=step-04&file=webhooks/views.py")

    page.locator("#commits summary").click()
    page.locator("#commits li a").nth(1).click()
    page.locator("#commits summary", has_text="Commit 2 of 5").wait_for()
    page.locator("#list a", has_text="prune_events.py").click()
    page.locator("#code h2", has_text="prune_events.py").wait_for()

    assert "new · 13 added" in text_of(page, ".head")


def test_moves_fold_away_and_come_back(reader):
    page = reader().open("road/index.html#stage=step-10&file=webhooks/adapters/orm/models.py")
    page.locator(".side.mv").first.wait_for()
    shown = page.locator(".row").count()

    page.keyboard.press("m")
    page.locator(".fold.moves").first.wait_for()
    assert "moved: from webhooks/models.py" in text_of(page, ".fold.moves >> nth=0")
    assert page.locator(".side.mv").count() == 0
    assert page.locator("#moves").get_attribute("aria-pressed") == "true"

    page.locator("#moves").click()
    assert page.locator(".row").count() == shown
    assert page.locator("#moves").get_attribute("aria-pressed") == "false"


def test_what_a_step_has_moved_is_listed_by_file(reader, data):
    index = data("index")
    stages = {stage["name"]: stage["commit"] for stage in index["stages"]}
    pair = data(f"p{stages['step-03']}-{stages['step-04']}")
    moved = sum(many for file in pair for _, many, other, _ in file.get("from", []) if other >= 0)
    page = reader().open("road/index.html#stage=step-04&file=webhooks/views.py")

    page.locator("#list summary", has_text="only moved").click()

    listed = page.locator("#list details", has_text="only moved").first.locator("li").all_inner_texts()
    assert text_of(page, "#list summary >> nth=0") == f"{moved} lines only moved"
    assert sum(int(re.search(r": (\d+) lines?$", line)[1]) for line in listed) == moved
    assert any(line.startswith("webhooks/models.py → webhooks/application/deliver_due.py: ") for line in listed)


def test_a_fold_opens(reader):
    page = reader().open("road/index.html#stage=step-04&file=webhooks/views.py")
    page.locator(".fold").first.wait_for()
    folds, rows = page.locator(".fold").count(), page.locator(".row").count()
    many = int(text_of(page, ".fold >> nth=0").split()[0])

    page.locator(".fold").first.click()

    assert page.locator(".fold").count() == folds - 1
    assert page.locator(".row").count() == rows + many


def test_tests_are_folded_until_somebody_opens_them(reader):
    page = reader().open("road/index.html#stage=step-04&file=webhooks/views.py")
    page.locator(CODE).wait_for()

    assert not page.locator("#list a", has_text="test_worker.py").first.is_visible()
    page.locator("#list summary", has_text="files of tests").nth(0).click()

    assert page.locator("#list a", has_text="test_worker.py").first.is_visible()


def test_the_bet_comes_before_the_difference_and_counts(reader):
    page = reader().open("road/index.html#stage=step-04")
    page.locator("#bet").wait_for()
    assert not page.locator("#work").is_visible()

    page.get_by_label("signals.py").check()
    page.get_by_label("doorbell.py").check()
    page.get_by_role("button", name="Place the bet").click()
    page.locator(CODE).wait_for()

    result = text_of(page, "#bet")
    assert re.match(r"You saw 1 of \d+", result)
    assert "webhooks/signals.py: removed" in result
    assert "webhooks/doorbell.py" in result.split("unchanged")[1]


def test_a_bet_counts_in_the_road_as_in_the_terminal(reader):
    question = of_step("6")
    named = ("clients/models.py", "webhooks/doorbell.py")
    page = reader().open("road/index.html#stage=step-06")

    for path in named:
        page.locator(f'#bet input[value="{path}"]').check()
    page.get_by_role("button", name="Place the bet").click()
    page.locator(CODE).wait_for()

    bet = Bet(question.about, named, tuple(question.changed), at="")
    lists = [part.locator("li").all_inner_texts() for part in page.locator("#bet .result > div").all()]
    assert f"You saw {len(bet.hits)} of {len(bet.changed)}" in text_of(page, "#bet")
    assert lists[0] == [f"{path}: {question.changed[path]}" for path in bet.hits]
    assert lists[1] == [f"{path}: {question.changed[path]}" for path in bet.unseen]
    assert lists[2] == bet.misses


def test_a_bet_that_is_skipped_is_not_asked_again(reader):
    page = reader().open("road/index.html#stage=step-05")

    page.get_by_role("button", name="Skip the bet").click()
    page.locator(CODE).wait_for()
    page.reload()
    page.locator(CODE).wait_for()

    assert not page.locator("#bet").is_visible()


def test_the_keyboard_alone_is_enough(reader):
    somebody = reader()
    page = somebody.open("road/index.html#stage=step-04&file=webhooks/views.py")
    page.locator(CODE).wait_for()

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "code"

    page.keyboard.press("n")
    first = page.evaluate("document.activeElement.innerText")
    assert page.evaluate("document.activeElement.classList.contains('changed')")
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.innerText") != first
    page.keyboard.press("p")
    assert page.evaluate("document.activeElement.innerText") == first

    page.keyboard.press("j")
    page.wait_for_function("document.querySelector('#code h2').textContent !== 'webhooks/views.py'")
    page.keyboard.press("]")
    page.locator("#about h2", has_text="step-05").wait_for()
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog").is_visible()
    assert somebody.errors == []


def test_the_focus_stays_where_the_reader_is(reader):
    page = reader().open("road/index.html#stage=step-04&file=webhooks/views.py")
    page.locator(CODE).wait_for()

    page.locator("#list a", has_text="worker.py").first.focus()
    page.keyboard.press("Enter")
    page.locator("#code h2", has_text="webhooks/worker.py").wait_for()
    page.wait_for_function("document.activeElement.getAttribute('aria-current') === 'true'")

    assert text_of(page, ":focus") == "webhooks/worker.py"
    assert "webhooks/worker.py: changed" in page.locator("#said").text_content()


def test_a_group_that_was_opened_stays_open(reader):
    page = reader().open("road/index.html#stage=step-04&file=webhooks/views.py")
    page.locator(CODE).wait_for()

    page.locator("#list summary", has_text="unchanged (").click()
    page.keyboard.press("j")
    page.locator("#code h2", has_text="webhooks/worker.py").wait_for()

    assert page.locator("#list a", has_text="plumbing/ids.py").is_visible()


def test_at_the_end_of_a_file_the_next_change_is_in_the_next_file(reader):
    page = reader().open("road/index.html#stage=step-04&file=clients/models.py")
    page.locator(CODE).wait_for()

    for _ in range(page.locator("[data-start]").count() + 1):
        page.keyboard.press("n")

    page.wait_for_function("document.querySelector('#code h2').textContent !== 'clients/models.py'")


def test_nothing_moves_for_people_who_do_not_want_it(reader):
    page = reader(reduced_motion="reduce").open(KINDS["road"])
    page.locator(CODE).wait_for()

    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter((one) => parseFloat(getComputedStyle(one).transitionDuration) > 0"
        " || getComputedStyle(one).animationName !== 'none').length"
    )

    assert moving == 0


def test_the_theme_is_kept_and_the_book_has_it_too(reader):
    page = reader(color_scheme="light").open(KINDS["road"])
    page.locator(CODE).wait_for()

    page.get_by_role("button", name="Dark").click()
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Book").click()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_file_that_is_missing_is_named(reader, site, tmp_path):
    folder = shutil.copytree(site, tmp_path / "site")
    for file in (folder / "road" / "data").glob("p*.js"):
        file.unlink()
    page = reader(folder=folder).open(KINDS["road"])

    page.get_by_role("alert").wait_for()

    assert "is missing. Build the site again: make site." in text_of(page, "#code")
