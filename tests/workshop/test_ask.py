"""`./ws ask`: reading questions, asking them in a terminal, printing them elsewhere."""

import io
import os
import pty
import select
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from rich.console import Console

from workshop import ROOT
from workshop.ask import session
from workshop.ask.questions import FOLDERS, Kind, read, topic, topics
from workshop.base.problems import CommandFailed
from workshop.commands import ask as commands

GOOD = """
[[questions]]
id = "two-and-two"
kind = "what breaks"
asks = "What is `2 + 2`, if nothing breaks?"

[questions.right]
says = "4"
because = "Count them."
proofs = [{ by = "figure", stage = "before", figure = "contracts", is = 0 }]

[[questions.wrong]]
says = "12"
because = "That is too much."

[[questions.wrong]]
says = "3"
because = "That is too little."
"""
SECOND = GOOD.replace("two-and-two", "again").replace("What is", "Again, what is")


@pytest.fixture
def folder(tmp_path):
    """A step with a page and no questions yet."""
    made = tmp_path / "steps" / "04-extract-services"
    made.mkdir(parents=True)
    (made / "README.md").write_text("# Step 4: extract services\n")
    return made


@pytest.fixture
def written(folder):
    def write(text):
        file = folder / "questions.toml"
        file.write_text(text)
        return file

    return write


class Paper(session.Paper):
    """Paper of a given width, without colours, that keeps what is written."""

    def __init__(self, width=60):
        super().__init__(Console(file=io.StringIO(), width=width, highlight=False))

    @property
    def text(self):
        return self.console.file.getvalue()


def pressed(keys):
    """A keyboard on which somebody presses these keys."""
    each = iter(keys)
    return lambda: next(each)


def test_a_question_has_its_choices_in_an_order_that_says_nothing(written):
    found = read(written(GOOD))

    [question] = found.questions
    assert (found.word, found.number, found.title) == ("step", 4, "Step 4: extract services")
    assert question.kind is Kind.BREAKS
    assert [choice.says for choice in question.choices] == ["3", "4", "12"]
    assert question.right.says == "4"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'id = "two-and-two"',
            'id = "Two and two"',
            "questions[1].id: 'Two and two' must be lower-case words with hyphens.",
        ),
        (
            'kind = "what breaks"',
            'kind = "how"',
            "questions[1].kind: must be one of why, what breaks, which file, and is 'how'",
        ),
        ('asks = "What is `2 + 2`, if nothing breaks?"', "", "questions[1].asks: is missing"),
        ('because = "Count them."', "", "questions[1].right.because: is missing"),
        ('because = "Count them."', 'becuase = "Count them."', "questions[1].right.because: is missing"),
        ('says = "4"', 'says = "4"\nhint = "even"', "questions[1].right.hint: is not a known key"),
        ("proofs = [{", "proof = [{", "questions[1].right.proof: is not a known key"),
        ('proofs = [{ by = "figure", ', "proofs = [{ ", "questions[1].right.proofs[1].by: is missing"),
        ('says = "12"', 'says = "4"', "two choices say the same"),
        ('\n[[questions.wrong]]\nsays = "3"\nbecause = "That is too little."\n', "", "must be 2 or 3 choices"),
        ("[[questions]]", "[[questions]", "is not valid TOML"),
        ('id = "two-and-two"', "id = 2", "questions[1].id: must be a text that is not empty, and is 2"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(written, old, new, said):
    assert GOOD.count(old) == 1

    with pytest.raises(CommandFailed) as failed:
        read(written(GOOD.replace(old, new)))

    assert said in str(failed.value)
    assert str(failed.value).startswith("04-extract-services/questions.toml")


def test_a_file_without_a_question_is_refused(written):
    with pytest.raises(CommandFailed, match=r"questions: must be .* at least one"):
        read(written("questions = []"))


def test_a_right_answer_without_a_proof_is_refused(written):
    with pytest.raises(CommandFailed, match="a right answer needs at least one proof"):
        read(written(GOOD.replace('proofs = [{ by = "figure", stage = "before", figure = "contracts", is = 0 }]', "")))


def test_two_questions_with_one_id_are_refused(written):
    with pytest.raises(CommandFailed, match="two questions have the id 'two-and-two'"):
        read(written(GOOD + GOOD))


@pytest.mark.parametrize(
    ("words", "folder"),
    [
        (["4"], "steps/04-extract-services"),
        (["step", "4"], "steps/04-extract-services"),
        (["step-04"], "steps/04-extract-services"),
        (["before"], "steps/00-feel-it"),
        (["after"], "steps/10-close-the-walls"),
        (["extract-services"], "steps/04-extract-services"),
        (["exercise", "4"], "exercises/04-untangle-the-fees"),
        (["exercise", "fees"], "exercises/04-untangle-the-fees"),
        (["04-untangle-the-fees"], "exercises/04-untangle-the-fees"),
    ],
)
def test_a_number_is_a_step_and_a_name_is_what_has_it(words, folder):
    assert topic(words).folder == ROOT / folder


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Ask about what?"),
        (["4", "5"], "Ask about what?"),
        (["11"], "There is no step '11'. Steps go from 0 to 10 and exercises go from 1 to 12."),
        (["exercise", "99"], "There is no exercise '99'"),
        (["nothing-like-it"], "There is no step or exercise 'nothing-like-it'"),
        (["the"], "Write more of the name."),
    ],
)
def test_a_topic_that_does_not_exist_is_refused_with_a_way_out(words, said):
    with pytest.raises(CommandFailed) as failed:
        topic(words)

    assert said in str(failed.value)


def test_every_step_and_exercise_has_its_questions_and_each_right_answer_a_proof():
    found = topics()

    pages = [page.parent for folder in FOLDERS.values() for page in (ROOT / folder).glob("[0-9]*/README.md")]
    assert {each.folder for each in found} == set(pages)
    assert all(len(each.questions) >= (2 if each.word == "step" else 1) for each in found)
    assert all(question.right.proofs for each in found for question in each.questions)


def test_a_right_answer_is_confirmed_at_once_with_its_reason(written):
    paper = Paper()

    session.ask(read(written(GOOD)), paper, pressed("b"))

    assert "a, b or c? b\nRight. Count them.\n" in paper.text
    assert "1 of 1 answer right" in paper.text


def test_a_wrong_answer_gets_its_own_reason_and_then_the_right_one(written):
    paper = Paper()

    session.ask(read(written(GOOD)), paper, pressed("c"))

    assert "c\nWrong. That is too much.\nb is right. Count them.\n" in paper.text
    assert "0 of 1 answer right" in paper.text


@pytest.mark.parametrize("key", ["q", "\x03", "\x04", ""])
def test_q_and_the_end_of_the_input_end_it_with_the_score_so_far(written, key):
    paper = Paper()

    session.ask(read(written(GOOD + SECOND)), paper, pressed(["b", key]))

    assert "1 of 1 answer right" in paper.text
    assert "Again" in paper.text


def test_q_at_the_first_question_shows_no_score(written):
    paper = Paper()

    session.ask(read(written(GOOD)), paper, pressed("q"))

    assert "right." not in paper.text.lower().split("\n", 3)[-1]


def test_other_keys_and_arrows_do_nothing(written):
    paper = Paper()

    session.ask(read(written(GOOD)), paper, pressed(["x", "\x1b[A", "d", "B"]))

    assert "? b\nRight." in paper.text


def test_at_sixty_columns_no_line_is_longer_and_code_keeps_its_lines(written):
    code = "    a_line_of_code_that_is_longer_than_sixty_columns_and_may_not_be_wrapped = True"
    text = GOOD.replace('asks = "What is `2 + 2`', f'asks = """\nA text.\n\n{code}\n\nWhat is `2 + 2`').replace(
        'breaks?"', f"breaks{' and so on' * 20}?" + '"""'
    )
    paper = Paper(60)

    session.write_out(read(written(text)), paper, answers=True)

    assert code in paper.text
    assert all(len(line) <= 60 for line in paper.text.splitlines() if line != code)


def test_in_a_pipe_questions_and_choices_are_printed_without_answers_and_colours():
    done = CliRunner().invoke(commands.ask, ["4"])

    assert done.exit_code == 0
    assert "Step 4: extract services" in done.output
    assert "\na  " in done.output
    assert "Right" not in done.output
    assert "\x1b" not in done.output
    assert "./ws ask 4 --answers" in done.output


def test_answers_prints_every_choice_with_its_reason():
    done = CliRunner().invoke(commands.ask, ["exercise", "4", "--answers"])

    [question] = topic(["exercise", "4"]).questions
    assert done.output.count(": Right. ") == 1
    assert done.output.count(": Wrong. ") == len(question.choices) - 1


def test_without_a_number_it_asks_about_what_was_worked_on_last(monkeypatch):
    monkeypatch.setattr(commands, "worked_on_last", lambda: "exercises/04-untangle-the-fees")

    done = CliRunner().invoke(commands.ask, [])

    assert "Exercise 4: Untangle the fees" in done.output


def test_without_a_number_and_without_work_it_says_where_to_begin(monkeypatch):
    monkeypatch.setattr(commands, "worked_on_last", lambda: "")

    done = CliRunner().invoke(commands.ask, [])

    assert isinstance(done.exception, CommandFailed)
    assert "./ws ask 0" in str(done.exception)


def test_in_a_terminal_one_key_answers():
    mine, its = pty.openpty()
    command = [sys.executable, "-m", "workshop", "ask", "exercise", "4"]
    with subprocess.Popen(command, cwd=ROOT, stdin=its, stdout=its, stderr=its, start_new_session=True) as process:
        os.close(its)
        try:
            shown = _answering(mine, b"c", until=b"--answers")
            assert process.wait(60) == 0
        finally:
            process.kill()
    os.close(mine)

    assert b"Exercise 4" in shown
    assert b"a, b or c? c" in shown
    assert b"of 1 answer right" in shown


def _answering(terminal, key, until):
    """What a terminal shows until a text comes. The key is pressed again each second: a key before the prompt is lost."""
    shown, deadline = b"", time.monotonic() + 45
    while until not in shown:
        assert time.monotonic() < deadline, shown
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 4096)
        elif b"? " in shown:
            os.write(terminal, key)
    return shown
