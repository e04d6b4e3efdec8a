"""The talk in a browser, opened from a folder: every slide can be read, and the speaker view follows the slides."""

import re
import subprocess
import sys

import pytest

from workshop.base.talk import publish
from workshop.maintaining import handout
from workshop.maintaining.chromium import program
from workshop.maintaining.documents import schedule
from workshop.maintaining.talk import deck, fit

PAGE_OF_A_PDF = re.compile(rb"/Type /Page\b")
CONTRAST = """() => {
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
  const colour = (one) => getComputedStyle(one)[one instanceof SVGElement ? "fill" : "color"];
  return [...Reveal.getCurrentSlide().querySelectorAll("*")]
    .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && !one.matches("title"))
    .map((one) => [one.textContent.slice(0, 40), light(colour(one)), light(ground(one))])
    .filter(([, a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5).map(([name]) => name);
}"""


@pytest.fixture(scope="module", params=schedule.LENGTHS)
def talk(request, site, tmp_path_factory):
    """The slides of each talk, next to the site as in var/."""
    folder = site.parent / f"talk-{request.param}-{tmp_path_factory.mktemp('talk').name}"
    deck.write(deck.talk(request.param, speaker="Ada Example", event="A conference"), folder, f"../{site.name}")
    return folder


@pytest.fixture(scope="module")
def short(site, tmp_path_factory):
    """The talk of 45 minutes."""
    folder = site.parent / f"talk-{tmp_path_factory.mktemp('short').name}"
    deck.write(deck.talk(45), folder, f"../{site.name}")
    return folder


@pytest.fixture
def opened(reader, short):
    """Opens a page of the talk, and afterwards asserts that it complained of nothing and asked for nothing outside."""
    readers = []

    def open_(place="index.html", **more):
        readers.append(reader(folder=short, **more))
        return readers[-1].open(place)

    yield open_
    assert [(one.outside, one.errors) for one in readers] == [([], [])] * len(readers)


def at(page):
    return page.evaluate("Reveal.getIndices().h")


def number_of(page, name):
    return page.evaluate("(name) => Reveal.getSlides().findIndex((slide) => slide.dataset.name === name)", name)


def pages_of_pdf(folder, address):
    target = folder / "printed.pdf"
    command = [
        program(),
        "--headless",
        "--no-sandbox",
        f"--user-data-dir={folder / 'profile'}",
        "--no-pdf-header-footer",
    ]
    subprocess.run([*command, f"--print-to-pdf={target}", address], check=True, capture_output=True, timeout=120)
    return len(PAGE_OF_A_PDF.findall(target.read_bytes()))


def test_every_slide_can_be_read(chromium, talk):
    assert list(fit.problems(talk, chromium)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "</h2>",
            "</h2><p style='font-size: 23px'>A remark</p>",
            "has text of 23 px, and the smallest is 24: A remark",
        ),
        ("</h2>", "</h2>" + "<p>Another line</p>" * 20, "reaches over its edge: Another line"),
        ("</h2>", "</h2><pre style='width: 300px'>" + "x" * 200 + "</pre>", "cuts off a part of: xxx"),
        ("</h2>", "</h2><p style='width: 1400px'>Wide</p>", "reaches over its edge: Wide"),
        ("</h2>", "</h2><p style='margin-top: -60px'>Above</p>", "has parts that cover each other"),
        ("</h2>", "</h2><div style='height: 560px; flex: none'></div>", "has more than fits above its lower margin"),
    ],
)
def test_a_slide_that_cannot_be_read_is_named(chromium, short, tmp_path, old, new, said):
    publish(short, tmp_path / "talk")
    page = tmp_path / "talk" / "index.html"
    before, after = page.read_text().split('data-name="Your bet"')
    page.write_text(before + 'data-name="Your bet"' + after.replace(old, new, 1))

    problems = list(fit.problems(tmp_path / "talk", chromium))

    assert [problem for problem in problems if "'Your bet'" not in problem] == []
    assert any(problem.startswith(f"slide 6, 'Your bet', {said}") for problem in problems)


REFUSED = """
import sys
from pathlib import Path
from workshop.base.problems import CommandFailed
from workshop.maintaining.talk import deck, fit
try:
    deck.write(deck.talk(45, title="A title without an end " * 30), Path(sys.argv[1]), check=fit.refuse)
except CommandFailed as refused:
    print(refused)
"""


def test_a_title_that_is_too_long_is_refused_and_the_talk_of_before_stays(tmp_path):
    if program() is None:
        pytest.skip("There is no Chromium on this machine.")
    deck.write(deck.talk(45, title="A good title"), tmp_path / "talk")

    # In a process of its own, because a test already has a browser.
    said = subprocess.run(
        [sys.executable, "-c", REFUSED, tmp_path / "talk"], capture_output=True, text=True, check=True
    )

    assert said.stdout.startswith(
        "Some slides cannot be read. Nothing was replaced.\n  slide 1, 'Opening', reaches over"
    )
    assert "A good title" in (tmp_path / "talk" / "index.html").read_text()


def test_every_slide_loads_without_network_and_without_a_complaint(opened):
    page = opened()

    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate("(at) => Reveal.slide(at)", number)
        if page.evaluate("!!Reveal.getCurrentSlide().querySelector('iframe')"):
            frame = page.frame_locator("section.present iframe")
            frame.locator("header .home").wait_for()
            assert frame.locator("h1, #file, .row").count()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_has_enough_contrast(opened, theme):
    page = opened("index.html?preview", color_scheme=theme)

    assert page.evaluate("document.documentElement.dataset.theme") == theme
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate("(at) => { Reveal.slide(at); while (Reveal.nextFragment()); }", number)
        assert page.evaluate(CONTRAST) == [], number + 1


def test_the_right_side_of_a_pair_comes_with_the_first_key_and_the_marks_with_the_second(opened):
    page = opened()
    page.evaluate("(at) => Reveal.slide(at)", number_of(page, "From branches to a value"))
    after, marks = page.locator("section.present .fragment .code"), page.locator("section.present .mark.visible")

    seen = []
    for _ in range(3):
        seen.append((after.is_visible(), marks.count() > 0))
        page.keyboard.press("ArrowRight")

    assert seen == [(False, False), (True, False), (True, True)]
    assert page.locator("section.present h2").inner_text() == "The ninth format again"


def test_a_key_turns_the_light_off_and_on(opened):
    page = opened(color_scheme="light")

    page.keyboard.press("d")

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"


def test_the_printed_slides_have_one_page_each(short, tmp_path):
    if program() is None:
        pytest.skip("There is no Chromium on this machine.")

    assert pages_of_pdf(tmp_path, f"{short.as_uri()}/index.html?print-pdf") == len(deck.talk(45).slides)


def test_the_printed_handout_has_two_pages(site, tmp_path):
    if program() is None:
        pytest.skip("There is no Chromium on this machine.")

    assert pages_of_pdf(tmp_path, f"{site.as_uri()}/{handout.NAME}") == 2
    assert (site / handout.NAME).stat().st_size < 40_000
    assert f'href="{handout.NAME}"' in (site / "index.html").read_text()


@pytest.fixture
def both(opened):
    """The speaker view, and the slides that it has opened."""
    speaker = opened("speaker/index.html")
    with speaker.expect_popup() as popup:
        speaker.get_by_role("button", name="Open the slides").click()
    slides = popup.value
    slides.wait_for_function("window.Reveal && Reveal.isReady()")
    return speaker, slides


def test_the_speaker_view_follows_the_slides(both):
    speaker, slides = both

    slides.keyboard.press("ArrowRight")
    slides.keyboard.press("ArrowRight")

    speaker.wait_for_function("document.getElementById('title').textContent === 'Two servers, the same bytes'")
    assert "Run make demo ONCE=1 now" in speaker.locator("#notes").inner_text()
    assert speaker.locator("#where").inner_text() == "Slide 3 of 35, welcome, 1.5 min"
    assert speaker.locator("#next").inner_text() == "Two folders"
    assert speaker.frame_locator("#preview iframe").locator("section.present h2").inner_text() == "Two folders"


def test_the_slides_obey_the_speaker_view(both):
    speaker, slides = both

    for key in ("ArrowRight", "PageDown", " ", "ArrowLeft"):
        speaker.locator("#title").focus()
        speaker.keyboard.press(key)

    slides.wait_for_function("Reveal.getIndices().h === 2")
    speaker.wait_for_function("document.getElementById('next').textContent === 'Two folders'")


def test_a_click_that_is_done_is_crossed_out(both):
    speaker, slides = both
    slides.evaluate("(at) => Reveal.slide(at)", number_of(slides, "From branches to a value"))

    slides.keyboard.press("ArrowRight")

    speaker.wait_for_selector("#notes .done")
    assert (speaker.locator("#notes .click").count(), speaker.locator("#notes .done").count()) == (2, 1)


def test_a_message_from_another_window_moves_nothing(both):
    speaker, slides = both

    slides.evaluate("postMessage({ talk: 'go', to: 9 }, '*')")
    speaker.evaluate("postMessage({ talk: 'at', slide: 9, clicks: 0 }, '*')")
    slides.keyboard.press("ArrowRight")

    speaker.wait_for_function("document.getElementById('title').textContent === 'An innocent requirement'")
    assert at(slides) == 1


def test_the_cuts_are_those_of_the_moment(both):
    speaker, slides = both
    shown = []
    for name in ("An innocent requirement", "You may stop here", "Its test needs a world", "Questions"):
        slides.evaluate("(at) => Reveal.slide(at)", number_of(slides, name))
        speaker.wait_for_function("(name) => document.getElementById('title').textContent === name", arg=name)
        shown.append(speaker.locator("#cuts").inner_text())

    assert "the old code is gone. Saves 8 min." in shown[0] and "Saves 4 min." in shown[0]
    assert "Saves 1.3 min." in shown[1]
    assert "step 03" not in shown[2] and "go to questions. Saves 4 min." in shown[2]
    assert shown[3] == "Nothing is left to cut: end with the next slide."


def test_the_clock_says_how_late_it_is(opened):
    speaker = opened("speaker/index.html")
    speaker.clock.install()
    speaker.reload()
    lag = speaker.locator("#lag")
    assert lag.inner_text() == "The clock has not started."

    speaker.get_by_role("button", name="Start the clock").click()
    speaker.keyboard.press("ArrowRight")
    assert lag.inner_text() == "On time"
    speaker.clock.run_for(3.25 * 60_000)  # the second slide ends after a minute and a quarter

    assert lag.inner_text() == "2 min late" and lag.get_attribute("class") == "late"
    assert speaker.locator("#passed").inner_text().startswith("3:1")


def test_the_notes_can_be_read_without_the_slides(opened):
    speaker = opened("speaker/index.html")

    speaker.keyboard.press("ArrowRight")

    assert speaker.locator("h1").inner_text() == "An innocent requirement"
