"""The slides of a talk: they are what the pages say, they fill the schedule, and no note is among what may be published."""

import json
import re
from html import unescape

import pytest

from workshop import ROOT
from workshop.base import talk as built_talk
from workshop.base.problems import CommandFailed
from workshop.maintaining.documents import schedule
from workshop.maintaining.talk import code, content, deck, rows, script

TAG = re.compile(r"<[^>]+>")
PAGE = """\
# A page

## The rule

The rule is in a model. Nobody found it.

```python
def wait(failed):
    return WAITS[failed] * random()
```

| what | where |
| --- | --- |
| a function | `models.py` |
| an entry | `options.py` |
"""
CODE = '{ page = "page.md", section = "The rule", block = "def wait", mark = ["random"] }'


@pytest.fixture(scope="module", params=schedule.LENGTHS)
def made(request):
    return deck.talk(request.param)


@pytest.fixture
def written(tmp_path):
    """A written talk, with a speaker and an event."""
    target = tmp_path / "talk"
    deck.write(deck.talk(45, speaker="Ada Example", event="A conference"), target)
    return target


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Writes a script for the row `talk`, and returns its slides in a talk of 45 minutes."""
    (tmp_path / "page.md").write_text(PAGE)
    monkeypatch.setattr(script, "FOLDER", tmp_path)

    def tell(text, minutes=2):
        (tmp_path / "talk.toml").write_text(text)
        return script.slides("talk", minutes, 45, tmp_path)

    return tell


def slide(*, title="The rule", minutes="2", notes='["Look. (click) There."]', shows=f"code = {CODE}"):
    given = f"minutes = {minutes}\n" if minutes else ""
    return f'[[slides]]\ntitle = "{title}"\n{given}notes = {notes}\n{shows}\n'


def notes_of(folder):
    text = (folder / built_talk.SPEAKER / "notes.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("TALK.got(").removesuffix(")\n"))


def words(html):
    return " ".join(unescape(TAG.sub(" ", html)).split())


def test_the_slides_take_the_minutes_of_the_schedule_row_by_row(made):
    planned = {row.what: 0.0 for row in made.planned.rows}
    for each in made.slides:
        planned[each.row] += each.minutes

    wanted = dict.fromkeys(planned, 0.0)
    for row in made.planned.rows:
        wanted[row.what] += row.minutes
    assert planned == wanted
    assert sum(each.minutes for each in made.slides) == made.planned.length


def test_the_rows_are_in_the_order_of_the_schedule(made):
    shown = [each.row for each in made.slides]

    order = [row.what for row in made.planned.rows]
    assert [row for at, row in enumerate(shown) if not at or shown[at - 1] != row] == order


def test_a_talk_of_45_minutes_has_a_slide_for_about_every_minute():
    assert 25 <= len(deck.talk(45).slides) <= 35


def test_the_talk_has_the_twins_the_road_and_both_plots():
    shown = " ".join(each.content.html for each in deck.talk(45).slides)

    assert "SITE/twins/index.html" in shown and "SITE/road/index.html" in shown
    assert 'aria-label="Tests of its own"' in shown and 'aria-label="Lines of production code changed"' in shown


def test_the_costs_are_shown_before_the_gains():
    for each in deck.talk(45).slides:
        if each.kind == "figures":
            costs, gains = each.content.html.split("It buys")
            assert "It costs" in costs and "fragment" not in costs.rpartition("<tbody")[0]
            assert gains


def test_an_exercise_is_introduced_worked_on_and_asked_about():
    shown = [each for each in deck.talk(90).slides if each.row == "exercise 04-untangle-the-fees"]

    assert [each.minutes for each in shown] == [2, 16, 2]
    assert "no other code knows its name" in shown[0].content.html
    assert "<code>./ws go 4</code>" in shown[1].content.html and "until 0:51" in shown[1].content.html
    assert shown[2].title == "In your own project"


def test_no_note_is_in_a_file_that_may_be_published(written, tmp_path):
    said = [words(note) for each in notes_of(written)["slides"] for note in [*each["notes"], each["how"]]]
    sentences = [
        sentence for note in said for sentence in re.split(r"(?<=[.?!]) |\(click\)", note) if len(sentence.split()) > 7
    ]

    built_talk.publish(written, tmp_path / "published")

    files = [file for file in (tmp_path / "published").rglob("*") if file.is_file()]
    public = " ".join(words(file.read_text(encoding="utf-8")) for file in files)
    assert len(sentences) > 100
    assert [sentence for sentence in sentences if sentence.strip() in public] == []
    assert not (tmp_path / "published" / "speaker").exists()
    assert "notes" not in (tmp_path / "published" / "index.html").read_text()


def test_what_is_published_loads_nothing_that_is_missing(written, tmp_path):
    built_talk.publish(written, tmp_path / "published")

    page = (tmp_path / "published" / "index.html").read_text()
    loaded = re.findall(r'<(?:script src|link rel="stylesheet" href)="([^"]+)"', page)
    assert len(loaded) == 4
    assert [name for name in loaded if not (tmp_path / "published" / name).exists()] == []
    assert "module" not in " ".join(re.findall(r"<script[^>]*>", page))


def test_title_speaker_and_event_are_text_and_never_markup(tmp_path):
    hostile = '</title><script>alert(1)</script><img src=x onerror="alert(2)">$title ${slides} & more'

    deck.write(deck.talk(45, title=hostile, speaker=hostile, event=hostile), tmp_path / "talk")

    for page in ("index.html", "speaker/index.html"):
        text = (tmp_path / "talk" / page).read_text()
        assert "alert(1)</script>" not in text and "<img" not in text
        assert "&lt;script&gt;alert(1)" in text and "$title ${slides} &amp; more" in text


def test_a_second_talk_replaces_the_first(written):
    (written / "leftover.txt").write_text("old")

    deck.write(deck.talk(90), written)

    assert not (written / "leftover.txt").exists()
    assert notes_of(written)["length"] == 90


def test_the_speaker_sees_what_could_be_cut_and_until_when(written):
    cuts = {cut["row"]: (cut["minutes"], cut["until"]) for cut in notes_of(written)["cuts"]}

    assert cuts == {"step 03-the-rest-follow": (8, 22), "talk": (4, 41)}


def test_code_is_shown_with_the_lines_that_the_notes_speak_of(told):
    (shown,) = told(slide())

    lines = re.findall(r'<span class="l( mark)?[^>]*>(.*?)</span>', shown.content.html)
    assert [(words(line), bool(marked)) for marked, line in lines] == [
        ("def wait (failed):", False),
        ("return WAITS[failed] * random()", True),
    ]
    assert shown.content.clicks == 1


def test_a_pair_reveals_its_right_side_first_and_then_the_marked_lines(told):
    pair = f"pair = {{ left = {CODE}, right = {CODE} }}"

    (shown,) = told(slide(shows=pair, notes='["One. (click) Two. (click) Three."]'))

    assert shown.content.clicks == 2
    assert shown.content.html.index('class="fragment" data-fragment-index="0"') < shown.content.html.rindex("<pre")


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("    self, failed: int, now: datetime, factor: float", ["factor: float"]),
        ("wait = self.waits[failed - 1] * random.uniform(1 - JITTER)", ["* random.uniform(1 - JITTER)"]),
        ("rows = [row for row in self.filter(pk=keys) if is_due(row)]", ["if is_due(row)]"]),
        ('name = "a text, with a comma, that is far too long for it"', []),
    ],
)
def test_a_long_line_goes_on_after_a_comma_or_before_an_operator(line, rest):
    places = code.breaks(line, 45)

    assert [line[at + 1 :] for at in places] == rest


def test_code_that_is_too_wide_for_a_column_is_shown_below_the_other(told, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE.replace("WAITS[failed]", "WAITS[min(failed, MOST_FAILED)]"))

    (shown,) = told(slide(shows=f"pair = {{ left = {CODE}, right = {CODE} }}", notes='["(click) (click)"]'))

    assert 'class="pair stacked"' in shown.content.html


def test_a_slide_may_take_what_the_others_leave(told):
    shown = told(slide(minutes="1.5") + slide(minutes=""), minutes=4)

    assert [each.minutes for each in shown] == [1.5, 2.5]


def test_a_slide_of_another_talk_is_left_out(told):
    shown = told(slide() + slide(title="Other").replace("minutes = 2", "minutes = 2\ntalks = [90]"))

    assert [each.title for each in shown] == ["The rule"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (slide(minutes="1"), "take 1 minutes, and the schedule has 2 for talk"),
        (slide(minutes="") * 2, "only one slide may leave out its minutes"),
        (slide(shows=f"code = {CODE.replace('def wait', 'def gone')}"), "no block that begins with 'def gone'"),
        (slide(shows=f"code = {CODE.replace('random', 'clock')}"), "no highlight with 'clock'"),
        (slide(shows='code = { source = ". docs/gone.md" }'), "there is no file docs/gone.md at ."),
        (slide(shows=f"code = {CODE.replace('The rule', 'The end')}"), "page.md has no section 'The end'"),
        (slide(shows=f"code = {CODE.replace('page.md', 'gone.md')}"), "There is no page gone.md"),
        (slide(notes='["Nothing to reveal."]'), "its notes have (click) 0 times, and it has 1 to reveal"),
        (slide(notes='["(click) ' + "word " * 241 + '"]'), "241 words cannot be said in 2 minutes"),
        (slide(shows='lines = ["1", "2", "3", "4", "5", "6"]', notes="[]"), "it has 6 lines; at most 5"),
        (
            slide(shows='said = "It has {before no.such.figure}."', notes="[]"),
            "no.such.figure is not measured at before",
        ),
        (slide(shows='lines = ["a"]\nsaid = "b"', notes="[]"), "it needs exactly one of"),
        (slide(shows='said = "b"\nnoise = 1', notes="[]"), "noise is unknown"),
        (slide(shows='frame = "road/index.html#stage=step-99"', notes="[]"), "names no stage"),
        (slide(shows='table = { page = "page.md" }', notes="[]"), "table needs 'section'"),
        (
            slide(shows='table = { page = "page.md", section = "The rule", rows = ["a god"] }', notes="[]"),
            "no row with 'a god'",
        ),
        (
            slide(shows='picture = { file = "steps/no.svg", panel = "x" }', notes="[]"),
            "there is no picture steps/no.svg",
        ),
        ("[[slides]\n", "talk.toml"),
    ],
)
def test_a_script_that_does_not_fit_is_refused_and_says_where(told, text, said):
    with pytest.raises(CommandFailed) as failed:
        told(text)

    assert said in str(failed.value)
    assert str(failed.value).startswith("script/talk.toml")


def test_a_paragraph_of_a_page_becomes_a_note(told):
    quoted = '[{ page = "page.md", section = "The rule", begins = "The rule is" }, "(click)"]'

    (shown,) = told(slide(notes=quoted))

    assert shown.notes[0] == "The rule is in a model. Nobody found it."


def test_only_the_named_rows_and_columns_of_a_table_are_shown(told):
    table = 'table = { page = "page.md", section = "The rule", rows = ["an entry"], columns = [1] }'

    (shown,) = told(slide(shows=table, notes="[]"))

    assert words(shown.content.html) == "where options.py"


def test_a_row_without_slides_says_what_to_write():
    with pytest.raises(CommandFailed, match=r"lunch has no slides: write script/lunch\.toml"):
        list(rows._of_row(schedule.Row(1, "0:00", 5, "lunch"), 45, ROOT))


def test_markup_in_a_line_is_shown_and_not_obeyed():
    shown = content.lines(["a <b>bold</b> [link](x.md) and `<code>`"], ROOT)

    assert "a &lt;b&gt;bold&lt;/b&gt; link and <code>&lt;code&gt;</code>" in shown.html


def test_reveal_is_the_version_that_its_page_names():
    folder = deck.ASSETS / "reveal"

    assert (folder / "README.md").read_text().startswith("# reveal.js 6.0.2\n")
    assert "6.0.2" in (folder / "reveal.js").read_text()
    assert "MIT" in (folder / "reveal.js").read_text()[:200]
    assert "Permission is hereby granted" in (folder / "LICENSE").read_text()
