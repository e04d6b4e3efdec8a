"""Whether each app has an answer in words that the checks know. They read the file, because there is no HTTP here."""

import tomllib

import pytest

APPS = ("stock", "statements", "disputes")
RUNGS = ("plain", "registry", "services", "core", "hexagon")
FORCES = ("nothing-repeats", "one-more-of-a-kind", "several-doors", "rules-to-try", "worlds-to-swap")


@pytest.fixture
def answers(project_dir):
    file = project_dir / "answers.toml"
    if not file.exists():
        pytest.fail("answers.toml is missing; ./ws reset brings it back", pytrace=False)
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        pytest.fail(f"answers.toml is not valid TOML: {error}", pytrace=False)


@pytest.fixture
def at(project_dir):
    """The place of an app's answer, such as answers.toml:13 [stock]."""

    def place(app):
        lines = (project_dir / "answers.toml").read_text(encoding="utf-8-sig").splitlines()
        numbers = [number for number, line in enumerate(lines, start=1) if line.strip() == f"[{app}]"]
        return f"answers.toml{f':{numbers[0]}' if numbers else ''} [{app}]"

    return place


@pytest.fixture
def readable(answers, at):
    """The answers, after a check of their types."""
    for app in APPS:
        assert isinstance(answers.get(app), dict), f"answers.toml has no table [{app}]"
        for name in ("rung", "because"):
            assert isinstance(answers[app].get(name, ""), str), f"{at(app)}: {name} must be a text in quotes"
    return answers


@pytest.mark.check("answers-can-be-read")
@pytest.mark.parametrize("app", APPS)
def test_a_rung_is_one_of_the_five(readable, at, app):
    rung = readable[app].get("rung", "")

    assert rung in ("", *RUNGS), f"{at(app)}: rung is {rung!r}, and must be one of {', '.join(RUNGS)}"


@pytest.mark.check("answers-can-be-read")
@pytest.mark.parametrize("app", APPS)
def test_a_force_is_one_of_the_five_and_items_are_numbers_of_the_backlog(readable, at, app):
    force, items = readable[app].get("force", ""), readable[app].get("items", [])

    assert force in ("", *FORCES), f"{at(app)}: force is {force!r}, and must be one of {', '.join(FORCES)}"
    fine = isinstance(items, list) and all(type(item) is int and 1 <= item <= 5 for item in items)
    assert fine, f"{at(app)}: items is {items!r}, and must be a list of numbers from 1 to 5, such as [2, 3]"
    twice = next((item for item in items if items.count(item) > 1), None)
    assert twice is None, f"{at(app)}: items names {twice} twice; name each item once"


@pytest.mark.check("every-app-has-an-answer")
@pytest.mark.parametrize("app", APPS)
def test_an_app_has_a_rung_a_force_items_and_a_reason(answers, at, app):
    given = answers.get(app, {})
    missing = [name for name in ("rung", "force", "items", "because") if not given.get(name)]

    assert not missing, f"{at(app)}: fill in {', '.join(missing)}"
