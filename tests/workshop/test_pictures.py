"""README's pictures: `make lint` refuses a picture that is missing, heavy, unused, without words or not self-contained."""

import re
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from workshop import ROOT
from workshop.maintaining import lint
from workshop.maintaining.pictures import album, screens, terminal
from workshop.maintaining.pictures.album import FOLDER, NAMES, pictures_are_right

WORDS = "What the picture shows, for people who do not see it."


@pytest.fixture
def repository(tmp_path):
    """A repository whose README shows every picture."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / FOLDER).mkdir(parents=True)
    for name in NAMES:
        (tmp_path / FOLDER / name).write_text("<svg/>")
    (tmp_path / "README.md").write_text("\n".join(f"![{WORDS}]({FOLDER}/{name})" for name in NAMES))
    return tmp_path


def words_of(drawn):
    texts = ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")
    return "".join(text.text or "" for text in texts).replace("\xa0", " ")


def problems(root):
    return [str(problem) for problem in pictures_are_right(root)]


def test_make_lint_checks_the_pictures_of_this_repository():
    assert pictures_are_right in lint.CHECKS.values()
    assert problems(ROOT) == []


def test_pictures_that_are_shown_small_and_described_are_right(repository):
    assert problems(repository) == []


def test_a_missing_picture_names_the_command_that_makes_it(repository):
    (repository / FOLDER / "road.webp").unlink()

    assert problems(repository) == [f"{FOLDER}/road.webp:1: is missing; ./ws dev pictures makes it"]


def test_a_picture_that_readme_does_not_show_is_a_problem(repository):
    readme = repository / "README.md"
    readme.write_text(readme.read_text().replace("road.webp", "roads.webp"))

    assert problems(repository) == [f"README.md:1: does not show {FOLDER}/road.webp"]


def test_a_file_that_no_command_makes_is_a_problem(repository):
    (repository / FOLDER / "by-hand.png").write_bytes(b"")

    assert problems(repository) == [f"{FOLDER}/by-hand.png:1: is no picture that ./ws dev pictures makes"]


def test_a_picture_may_have_150_kilobytes_and_all_together_400(repository):
    (repository / FOLDER / "road.webp").write_bytes(b"x" * 150_001)
    alone = problems(repository)
    for name in NAMES:
        (repository / FOLDER / name).write_bytes(b"x" * 150_000)

    assert alone == [f"{FOLDER}/road.webp:1: has 150,001 bytes; at most 150,000 are quick to load"]
    assert problems(repository) == [f"{FOLDER}:1: has 450,000 bytes in all; at most 400,000"]


@pytest.mark.parametrize("words", ["", "A picture."])
def test_a_picture_needs_words_that_say_what_it_shows(repository, words):
    readme = repository / "README.md"
    readme.write_text(readme.read_text().replace(WORDS, words, 1))

    assert problems(repository) == [
        f"README.md:1: the text of {FOLDER}/{NAMES[0]} does not say what it shows: {words!r}"
    ]


@pytest.mark.parametrize(
    "part",
    [
        '<style>@font-face { font-family: "Fira"; src: local("Fira") }</style>',
        "<style>@import 'fonts.css';</style>",
        '<rect style="fill: url(https://cdn.example/a.svg)"/>',
        '<use href="https://cdn.example/a.svg#b"/>',
        '<image xlink:href="a.png"/>',
        "<script>alert()</script>",
    ],
)
def test_a_drawing_that_loads_something_is_a_problem(repository, part):
    (repository / FOLDER / "terminal.svg").write_text(f"<svg>{part}</svg>")

    assert len(problems(repository)) == 1
    assert "terminal.svg:1: would load something from outside: " in problems(repository)[0]


def test_the_terminal_is_drawn_from_what_the_commands_print_and_loads_nothing():
    drawn = terminal.draw()

    shown = words_of(drawn)
    for line in (
        "./ws go 4",
        "Exercise 4: Untangle the fees",
        "First to fix: no-provider-by-name",
        "payments/fees.py:21",
        "Both lights are green.",
    ):
        assert line in shown
    assert re.search(r"architecture\s*RED.*architecture\s*green", shown, re.DOTALL)
    assert set(re.findall(r"font-family: ([^;]+);", drawn)) == {"monospace"}
    assert set(re.findall(r"https?:[^\"' ]+", drawn)) == {"http://www.w3.org/2000/svg"}
    assert not album.FROM_OUTSIDE.search(drawn)
    assert shown == words_of((ROOT / FOLDER / "terminal.svg").read_text()), "./ws dev pictures draws it again"


def test_without_a_browser_the_command_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Exception, match="There is no Chromium on this machine") as failed:
        list(screens.shoot(tmp_path))

    assert "apt install chromium" in str(failed.value)
