"""Commands on pages: the place where each runs, and the comparison of its output with the page."""

import os
import time
from pathlib import Path

import pytest

from workshop.base.problems import CommandFailed, Problem
from workshop.maintaining.documents.transcripts import Playground, Transcript, answer, matches, play, read

PAGE = Path("steps/05-free-the-api/README.md")


def block(*lines: str, mark: str = "<!-- run: step-05 rename.patch -->") -> str:
    return "\n".join([mark, "```", *lines, "```", ""])


def test_a_block_is_its_stage_its_patches_and_its_commands() -> None:
    found = list(read(PAGE, "# A page\n\n" + block("$ echo one", "one", "$ echo '", "two'", "…")))

    [transcript] = found
    assert isinstance(transcript, Transcript)
    assert (transcript.stage, list(transcript.patches)) == ("step-05", ["rename.patch"])
    assert [(command.line, command.text, list(command.answer)) for command in transcript.commands] == [
        (5, "echo one", ["one"]),
        (7, "echo '\ntwo'", ["…"]),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("```\n$ ls\n```\n", "needs <!-- run: STAGE"),
        (block("no command in here"), "no line that begins with `$ `"),
        (block("$ ls", mark="<!-- run: -->"), "write it as <!-- run: STAGE"),
        ("<!-- run: step-01 -->\n\nSome words.\n", "no block of commands follows"),
    ],
)
def test_a_block_that_does_not_say_where_it_runs_is_a_problem(text: str, said: str) -> None:
    [problem] = read(PAGE, text)

    assert isinstance(problem, Problem) and said in str(problem)


def test_a_command_that_is_shown_inside_a_longer_fence_is_no_command() -> None:
    assert list(read(PAGE, "````\n```\n$ ls\n```\n````\n")) == []


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (["one"], ["one"]),
        (["…", "two"], ["one", "and", "two"]),
        (["…", "two"], ["two"]),
        (["one … three"], ["one two three"]),
        (["60 passed"], ["==== 60 passed in 5.80s ===="]),
        (["60 passed"], ["60 passed in 65.80s (0:01:05)"]),
        (["a.py::test PASSED"], ["a.py::test PASSED     [ 38%]"]),
        (["killed (21 s)"], ["killed (6 s)"]),
        (["evt_01M862KB2QF1ZMR6SYCZRSW9JS"], ["evt_01M862KB2QF1ZMR6SYCZRSW9JT"]),
        (["one"], ["", "one", ""]),
    ],
)
def test_an_answer_is_the_printed_one(printed: list[str], said: list[str]) -> None:
    assert matches(printed, said)


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (["one"], ["two"]),
        (["one"], ["one", "two"]),
        (["…", "two"], ["two", "three"]),
        (["60 passed"], ["==== 59 passed in 5.80s ===="]),
        (["60 passed"], ["==== 1 failed, 60 passed in 5.80s ===="]),
        (["evt_1"], ["dlv_1"]),
        ([], ["something"]),
    ],
)
def test_another_answer_is_not(printed: list[str], said: list[str]) -> None:
    assert not matches(printed, said)


def test_an_answer_is_what_a_command_printed_and_how_it_ended(tmp_path: Path) -> None:
    answers = [answer(command, tmp_path) for command in ("echo one; echo two >&2", "false", "cd / && pwd", "pwd -P")]

    assert answers == [(["one", "two"], 0), ([], 1), (["/"], 0), ([str(tmp_path.resolve())], 0)]


def test_a_command_has_nothing_of_the_readers_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/else")

    assert answer('echo "<$DATABASE_URL>"', tmp_path) == (["<>"], 0)


def test_a_command_that_does_not_end_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workshop.maintaining.documents.transcripts.SECONDS_FOR_A_COMMAND", 0.5)

    with pytest.raises(CommandFailed, match="did not end"):
        answer("echo $$ > group; sleep 60; true", tmp_path)

    group = int((tmp_path / "group").read_text())
    deadline = time.monotonic() + 5
    while is_there(group) and time.monotonic() < deadline:
        pass
    assert not is_there(group)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page whose command has counted one test more since."""
    text = block("$ echo '7 tests in 3 files'", "6 tests in 3 files", mark="<!-- run: here -->")
    (tmp_path / "page.md").write_text(text)
    return tmp_path / "page.md"


def played(page: Path, *, write: bool = False) -> list[str]:
    (transcript,) = read(Path(page.name), page.read_text())
    assert isinstance(transcript, Transcript)
    return [str(line) for line in play(transcript, Playground(page.parent), page.parent, write=write)]


def test_an_answer_that_is_not_the_printed_one_is_told_with_the_command(page: Path) -> None:
    assert played(page) == ["page.md:3: `echo '7 tests in 3 files'` answers otherwise:\n      7 tests in 3 files"]


def test_new_numbers_are_written_into_the_page(page: Path) -> None:
    assert played(page, write=True) == ["page.md:4: 7 tests in 3 files"]
    assert played(page) == []


def is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
