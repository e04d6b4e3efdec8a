"""The Twins in a browser, opened from a folder: what a person does there, and that nothing leaves the folder."""

import re
from urllib.parse import urlsplit

import pytest

SIZES = [(1280, 720), (1920, 1080), (390, 844)]
LINE = re.compile(r"[\w/]+\.py:\d+")


@pytest.fixture
def opened(reader):
    """Opens the page; afterwards it has asked for nothing outside of its folder, and has complained of nothing."""
    readers = []

    def open_(address="", width=1280, height=720, **more):
        readers.append(reader(width, height, **more))
        page = readers[-1].open("twins/index.html" + address)
        page.wait_for_selector(".row")
        return page

    yield open_
    assert [url for each in readers for url in each.outside] == []
    assert [said for each in readers for said in each.errors] == []


def choose(page, control, value):
    """Moves a slider, as a hand does it."""
    page.locator(f"#{control}").evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input', { bubbles: true })) }",
        value,
    )


def row(page, side, name):
    return page.locator(f"#side-{side} .row:visible", has=page.get_by_text(name, exact=True)).first


def top(page, side, name):
    return row(page, side, name).bounding_box()["y"]


def focused(page):
    return page.evaluate("document.activeElement.querySelector('.name')?.textContent")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width, height", SIZES)
def test_the_page_fits_every_screen_in_both_themes(opened, width, height, theme):
    page = opened(width=width, height=height, color_scheme=theme, reduced_motion="reduce")

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    assert page.locator("h1").count() == 1
    sides = [page.locator(f"#side-{side}").bounding_box() for side in ("left", "right")]
    assert (sides[0]["y"] == sides[1]["y"]) == (width > 800)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_has_enough_contrast(opened, theme):
    page = opened("#stop=4", color_scheme=theme)

    poor = page.evaluate("""() => {
      const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
      const light = (colour) => parts(colour).slice(0, 3).map((c) => c / 255)
        .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
      const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
          const colour = getComputedStyle(at).backgroundColor;
          if ((parts(colour)[3] ?? 1) > 0) return colour;
        }
      };
      return [...document.querySelectorAll("body *")]
        .filter((one) => one.checkVisibility() && !one.matches(":disabled"))
        .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
        .map((one) => [one.className + " " + one.textContent.slice(0, 40), light(getComputedStyle(one).color), light(ground(one))])
        .filter(([, a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5).map(([name]) => name);
    }""")

    assert poor == []


def test_the_stops_of_the_tour_are_next_to_each_other(opened):
    page = opened()

    for before, after in (("EventViewSet.create", "EventViewSet.create"), ("form_legacy", "fields_of")):
        assert abs(top(page, "left", before) - top(page, "right", after)) <= 2


def test_the_signal_says_that_nobody_calls_it_and_the_layer_is_a_letter_too(opened):
    signal = row(opened(), "left", "fan_out")

    assert "nobody calls it: a signal does" in signal.inner_text()
    assert signal.locator(".badge").inner_text() == "G"


def test_the_pure_part_has_a_frame_without_a_statement_in_it(opened):
    page = opened()

    assert "pure" in row(page, "right", "prepared").get_attribute("class")
    assert "pure" not in row(page, "left", "Delivery.prepared").get_attribute("class")
    assert page.locator(".row.pure.sql").count() == 0


def test_some_sixty_rows_are_seen_and_the_others_on_request(opened):
    page = opened()
    rows = page.locator("#side-right .row:visible")
    at_first = rows.count()

    page.get_by_role("button", name="Show all calls").click()

    assert 40 <= at_first <= 75 < rows.count()


def test_a_row_shows_its_code_and_leads_into_the_road(opened):
    page = opened("#left=step-04&right=after&scenario=accepted")

    row(page, "left", "accept_event").click()

    code = page.locator("#code")
    link = code.get_by_role("link").first.get_attribute("href")
    assert "def accept_event(" in code.inner_text()
    assert re.fullmatch(
        r"\.\./road/index\.html#stage=step-04&file=webhooks/application/accept_event\.py&line=\d+", link
    )
    page.keyboard.press("Escape")
    assert not code.is_visible()


def test_a_statement_shows_the_line_that_asks_for_it(opened):
    page = opened("#left=before&right=after&scenario=accepted")

    page.locator("#side-left .row.sql:visible", has_text="INSERT INTO webhooks_event").click()

    assert "event.save(force_insert=True)" in page.locator("#code .here").inner_text()


def test_another_stage_and_another_scenario_show_other_rows_and_have_an_address(opened):
    page = opened()

    choose(page, "right", 7)
    page.locator("#scenario").select_option("failed")
    page.wait_for_function("document.querySelector('#side-right h2').textContent.startsWith('step-07')")

    assert page.locator("#right-name").inner_text() == "step-07, name-the-ports, rung core"
    assert "scenario=failed" in urlsplit(page.url).fragment and "right=step-07" in page.url
    assert row(page, "left", "Delivery.fail").is_visible()


def test_an_address_leads_to_its_stages_and_its_stop(opened):
    page = opened("#left=step-03&right=step-04&scenario=delivered-csv%401&stop=4")

    assert page.locator("#head-left").inner_text().startswith("step-03")
    assert page.locator("#scenario").input_value() == "delivered-csv@1"
    assert "fan_out" in page.locator("#code-title").inner_text()


def test_an_address_that_means_nothing_shows_the_ends(opened):
    page = opened("#left=step-99&right=<img src=x>&scenario=none&stop=x")

    assert [page.locator(f"#head-{side}").inner_text().split()[0] for side in ("left", "right")] == ["before", "after"]


def test_the_bodies_are_equal_to_the_byte_and_the_price_is_as_large_as_the_gain(opened):
    page = opened()

    said = page.locator("#bodies").inner_text()
    sizes = page.locator("#balance td").evaluate_all("(cells) => cells.map((cell) => getComputedStyle(cell).fontSize)")
    assert "Equal to the byte: 283 bytes of application/x-www-form-urlencoded" in said
    assert len(sizes) == 10 and len(set(sizes)) == 1


def test_text_never_becomes_markup(opened):
    page = opened("#left=before&right=after&scenario=delivered-xml_bank%401")

    assert page.locator("#bodies pre").first.inner_text().startswith("<?xml")
    assert page.locator("#bodies pre *").count() == 0


def test_the_keyboard_alone_is_enough(opened):
    page = opened()
    page.locator("#side-left .row").first.focus()

    page.keyboard.press("n")
    assert focused(page) == "EventViewSet.create"
    page.keyboard.press("s")
    assert page.evaluate("document.activeElement.closest('#side-right') !== null")
    assert focused(page) == "EventViewSet.create"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    assert focused(page) != "idempotency_key"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert focused(page) == "idempotency_key"
    page.keyboard.press("Enter")
    assert "def idempotency_key(" in page.locator("#code").inner_text()
    page.keyboard.press("Escape")
    assert not page.locator("#code").is_visible()
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()


def test_tab_reaches_every_control_and_one_row_of_each_side(opened):
    page = opened("#left=before&right=after&scenario=accepted")
    reached = []
    page.locator("#theme").focus()
    while "theme" not in reached and len(reached) < 60:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.className.split(' ')[0]"))

    assert {"keys", "scenario", "left", "right", "all", "theme"} <= set(reached)
    assert reached.count("row") == 2


def test_the_theme_can_be_switched_and_is_kept(opened):
    page = opened(color_scheme="light")

    page.get_by_role("button", name="Dark").click()
    page.reload()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_every_row_of_the_page_names_a_file_and_a_line(opened):
    page = opened("#left=before&right=after&scenario=retried")

    places = page.locator(".row .place").all_text_contents()
    assert places and all(LINE.fullmatch(place) for place in places)
