"""Asks the questions of a topic: in a terminal one by one, answered by key; elsewhere as plain text."""

import re
import textwrap
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.text import Text

from workshop.ask.questions import Question, Topic
from workshop.base.counting import counted

WIDEST = 100
QUIT = "q"
ENDS = ("\x03", "\x04", "")  # Ctrl-C and Ctrl-D as keys, and the end of the input


class Paper:
    """Writes paragraphs, wrapped to the console's width. It says in words what a colour says."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    def say(self, text: str = "", style: str = "", *, first: str = "", rest: str = "") -> None:
        """A text: paragraphs are wrapped, and lines that are indented by four spaces stay as they are."""
        width = min(self.console.width, WIDEST)
        for line in paragraphs(text):
            if line.startswith("    "):
                self._print(line, "")
                continue
            wrapped = textwrap.fill(
                line,
                width,
                initial_indent=first,
                subsequent_indent=rest,
                break_long_words=False,
                break_on_hyphens=False,
            )
            self._print(wrapped, style)

    def prompt(self, text: str) -> None:
        """A text without a line end."""
        self.console.print(Text(text), end="", soft_wrap=True)

    def _print(self, text: str, style: str) -> None:
        self.console.print(Text(text, style), soft_wrap=True)


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a text, each as one line, and its code line by line. Empty lines stay between them."""
    for number, block in enumerate(re.split(r"\n\s*\n", text.strip("\n"))):
        if number:
            yield ""
        if block.startswith("    "):
            yield from block.splitlines()
        else:
            yield " ".join(block.split())


def ask(topic: Topic, paper: Paper, key: Callable[[], str]) -> None:
    """Asks every question, says at once whether the answer is right, and ends with the score. `q` ends earlier."""
    paper.say(f"{topic.title}. {counted(len(topic.questions), 'question')}. Press q to end.", "bold")
    right = answered = 0
    for number, question in enumerate(topic.questions, start=1):
        paper.say()
        _show(question, f"{number} of {len(topic.questions)}", paper)
        letter = _answer(question, paper, key)
        if letter == QUIT:
            break
        answered += 1
        right += _judge(question, letter, paper)
    paper.say()
    if answered:
        paper.say(f"{right} of {counted(answered, 'answer')} right. Only you see this, and nothing is stored.")
    paper.say(f"{topic.page} explains more. {topic.command} --answers prints the questions with their answers.")


def write_out(topic: Topic, paper: Paper, *, answers: bool) -> None:
    """Prints every question with its choices; with `answers`, also the reason of each choice."""
    paper.say(topic.title, "bold")
    for number, question in enumerate(topic.questions, start=1):
        paper.say()
        _show(question, str(number), paper)
        if answers:
            paper.say()
            for letter, choice in question.lettered():
                paper.say(f"{letter}: {question.verdict(choice)}. {choice.because}", rest="   ")
    paper.say()
    if answers:
        paper.say(f"A command proves each right answer: ./ws dev questions {topic.folder.name}")
    else:
        paper.say(f"{topic.command} --answers also prints the answers.")


def _show(question: Question, number: str, paper: Paper) -> None:
    paper.say(f"{number} · {question.kind.value}", "bold")
    paper.say(question.asks)
    paper.say()
    for letter, choice in question.lettered():
        paper.say(choice.says, first=f"{letter}  ", rest="   ")


def _answer(question: Question, paper: Paper, key: Callable[[], str]) -> str:
    """The letter of a choice, or `q`. Other keys do nothing."""
    letters = [letter for letter, _ in question.lettered()]
    paper.say()
    paper.prompt(f"{', '.join(letters[:-1])} or {letters[-1]}? ")
    while True:
        pressed = key().lower()
        if pressed in ENDS:
            pressed = QUIT
        if pressed in (*letters, QUIT):
            paper.say(pressed)
            return pressed


def _judge(question: Question, letter: str, paper: Paper) -> bool:
    """Says whether a choice is right, and why. After a wrong choice, it shows the right one too."""
    chosen = dict(question.lettered())[letter]
    if chosen is question.right:
        paper.say(f"Right. {chosen.because}", "green")
        return True
    paper.say(f"Wrong. {chosen.because}", "red")
    right = next(each for each, choice in question.lettered() if choice is question.right)
    paper.say(f"{right} is right. {question.right.because}")
    return False
