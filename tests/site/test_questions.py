"""The page of the questions in a browser: by mouse, by key, without a script, on a phone, in both themes."""

import pytest

QUESTIONS = "questions/index.html"
CONTRAST = """() => [...document.querySelectorAll('.verdict b, h3, details')].map((element) => {
  const light = (text) => text.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const [one, other] = [getComputedStyle(element).color, getComputedStyle(document.body).backgroundColor].map(light);
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
})"""


@pytest.fixture
def at_questions(reader):
    def make(**more):
        who = reader(**more)
        who.open(QUESTIONS)
        return who

    return make


def first(page):
    """The first question of step 4."""
    return page.locator("#step-04 .question").first


def test_a_right_choice_is_confirmed_with_its_reason_and_counted(at_questions):
    page = at_questions().page
    question = first(page)

    question.locator("[data-right]").click()

    assert question.locator(".verdict p").count() == 1
    assert "Right. " in question.locator(".verdict").inner_text()
    assert question.locator("[data-right]").get_attribute("aria-pressed") == "true"
    assert page.locator("#score").inner_text().startswith("1 of 1 right")


def test_a_wrong_choice_gets_its_reason_and_then_the_right_one(at_questions):
    page = at_questions().page
    question = first(page)

    question.locator("button[data-letter]:not([data-right])").first.click()
    question.locator("[data-right]").click(force=True)  # the first answer counts

    assert [text.split(". ")[0][-5:] for text in question.locator(".verdict p").all_inner_texts()] == ["Wrong", "Right"]
    assert page.locator("#score").inner_text().startswith("0 of 1 right")


def test_everything_works_by_key(at_questions):
    page = at_questions().page
    letter = page.locator(".question").first.locator("[data-right]").get_attribute("data-letter")

    page.keyboard.press("n")
    page.keyboard.press(letter)
    assert "Right. " in page.locator(".question").first.locator(".verdict").inner_text()

    page.keyboard.press("n")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(".question.answered").count() == 2

    page.keyboard.press("p")
    assert page.evaluate("document.activeElement === document.querySelector('.question')")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()


def test_an_answer_is_announced_and_needs_no_colour(at_questions):
    page = at_questions().page
    question = first(page)

    assert question.locator(".verdict").get_attribute("role") == "status"
    assert question.get_attribute("aria-labelledby") == question.locator("h3").get_attribute("id")
    assert all(page.locator(".choices button").evaluate_all("all => all.map((one) => one.innerText.trim().length > 2)"))


def test_without_a_script_the_answers_can_still_be_read(at_questions):
    page = at_questions(java_script_enabled=False).page
    question = first(page)

    question.locator("summary").click()

    assert question.locator("dd", has_text="Right. ").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast_in_both_themes(at_questions, scheme):
    page = at_questions(color_scheme=scheme).page
    first(page).locator("button[data-letter]:not([data-right])").first.click()

    assert min(page.evaluate(CONTRAST)) >= 4.5


def test_nothing_is_stored_asked_from_outside_or_wrong(at_questions):
    who = at_questions()
    page = who.page
    for question in page.locator(".question").all():
        question.locator("button[data-letter]").first.click()

    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert (who.outside, who.errors) == ([], [])
    page.reload()
    assert page.locator(".answered").count() == 0


def test_a_phone_needs_no_sideways_scrolling(at_questions):
    page = at_questions(width=360, height=640).page
    first(page).locator("button[data-letter]").first.click()

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_an_address_leads_to_a_step_and_from_there_to_its_page(at_questions):
    who = at_questions()
    who.open(f"{QUESTIONS}#exercise-04")

    who.page.locator("#exercise-04 h2 a").click()

    assert who.page.url.endswith("exercises/04-untangle-the-fees/README.html")
