"""exercise.toml: what it says arrives, and what it says wrongly is named with file and key."""

import pytest

from workshop.base.problems import CommandFailed
from workshop.exercises import catalogue
from workshop.exercises.catalogue import Light, Need
from workshop.maintaining.exercises import new

NAME = "05-rename-without-fear"


@pytest.fixture
def toml(tmp_path):
    new.begin(NAME, tmp_path)
    return tmp_path / "exercises" / NAME / "exercise.toml"


def change(toml, old, new):
    text = toml.read_text()
    assert old in text
    toml.write_text(text.replace(old, new, 1))
    return catalogue.read(toml.parent)


def test_an_exercise_is_read_with_its_checks_behaviour_first(toml):
    exercise = catalogue.read(toml.parent)

    assert (exercise.number, exercise.slug, exercise.minutes, exercise.need) == (
        5,
        "rename-without-fear",
        15,
        Need.MUST,
    )
    assert [check.light for check in exercise.checks] == [Light.BEHAVIOUR, Light.ARCHITECTURE]
    assert [check.red_at_start for check in exercise.checks] == [False, True]
    assert [len(check.hints.texts) for check in exercise.checks] == [3, 5]
    assert exercise.facts() == "15 minutes · must · practises step 1, `name-the-language`"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("minutes = 15", 'minutes = "15"', "minutes: must be a whole number"),
        ("minutes = 15", "minutes = 0", "minutes: must be a whole number above zero"),
        ("minutes = 15", "minuets = 15", "minutes: is missing"),
        ("minutes = 15", "minutes = 15\nlevel = 3", "level: is not a known key"),
        ('need = "must"', 'need = "should"', "need: must be one of must, nice, bonus, and is 'should'"),
        ('"name-the-language"', '"walk"', "practises: there is no step 'walk'; the steps are name-the-language"),
        ("shop/prices.py:1-9", "shop/prices.py", "reading: 'shop/prices.py' is not file:from-to"),
        ("shop/prices.py:1-9", "shop/prices.py:9-1", "reading: 'shop/prices.py:9-1' is not file:from-to"),
        (
            'light = "behaviour"',
            'light = "green"',
            r"checks\[1\]\.light: must be one of behaviour, architecture, and is 'green'",
        ),
        ("{found}. And", "{what}. And", r"checks\[1\]\.message: \{'what'\} is not one of"),
        ('look = "WRITE: where to look."', 'look = ""', r"checks\[1\]\.hints\.look: must be a text that is not empty"),
        ('hunk = "shop/prices.py::with_tax"', "", r"checks\[2\]\.hints: a check that is red at the start has"),
        ('title = "', 'titel = "', "title: is missing; it is a text"),
        ('"shop/prices.py:1-9"', "1", r"reading\[1\]: must be a text that is not empty, and is 1"),
        ('id = "prices-hold-the-tax"', 'id = "prices-without-django"', "checks: prices-without-django is there twice"),
        (
            'refused_by = "prices-without-django"',
            'refused_by = "nobody"',
            "wrong: moved-into-the-function: no check has the id nobody",
        ),
        ('title = "', "title = ", "is not valid TOML"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(toml, old, new, problem):
    with pytest.raises(CommandFailed, match=rf"^{NAME}/exercise\.toml:? .*{problem}"):
        change(toml, old, new)


def test_a_folder_without_a_number_is_refused(tmp_path):
    with pytest.raises(CommandFailed, match="is named NN-slug"):
        catalogue.read(tmp_path / "rename")


def test_an_exercise_is_found_by_number_slug_and_folder(toml):
    root = toml.parent.parent.parent

    found = {catalogue.find(name, root).name for name in ("5", "05", "rename-without-fear", NAME)}

    assert found == {NAME}


def test_a_request_comes_after_the_exercise_it_is_dealt_after(toml):
    root = toml.parent.parent.parent
    for name in ("04-untangle-the-fees", "11-add-gift-notes"):
        new.begin(name, root)
    change(root / "exercises" / "11-add-gift-notes" / "exercise.toml", "minutes = 15", "minutes = 15\ndealt_after = 4")

    order = [exercise.number for exercise in catalogue.read_all(root)]

    assert order == [4, 11, 5]


def test_a_request_that_practises_no_step_says_so(toml):
    exercise = change(toml, '"name-the-language"', '"none"')

    assert exercise.facts() == "15 minutes · must · practises no step"
