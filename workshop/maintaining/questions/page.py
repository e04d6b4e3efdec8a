"""The page `questions/` of the site: all questions, answered by a click or a key. It keeps nothing."""

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from workshop import ROOT
from workshop.ask.questions import Question, Topic, topics
from workshop.ask.session import paragraphs
from workshop.base.addresses import of_page
from workshop.maintaining import frame
from workshop.maintaining.documents.sections import inline

ASSETS = Path(__file__).with_name("assets")
FOLDER = "questions"
HERE = "<!-- questions -->"


def write(target: Path, root: Path = ROOT) -> None:
    """Writes `<target>/questions/`. Raises CommandFailed if a question is not whole."""
    folder = target / FOLDER
    frame.write(
        folder,
        ASSETS,
        title="Questions about the steps and the exercises",
        skip="Skip to the questions",
        skip_to=FOLDER,
    )
    page = folder / frame.PAGE
    shown = topics(root)
    parts = [
        *_contents(shown),
        f'<div id="{FOLDER}" tabindex="-1">',
        *(line for each in shown for line in _topic(each)),
        "</div>",
    ]
    page.write_text(page.read_text(encoding="utf-8").replace(HERE, "\n".join(parts)), encoding="utf-8")


def anchor(topic: Topic) -> str:
    """The anchor of a topic on the page: `step-04`, `exercise-04`."""
    return f"{topic.word}-{topic.number:02}"


def _contents(shown: Iterable[Topic]) -> Iterator[str]:
    yield '<nav class="topics" aria-label="Steps and exercises"><ul>'
    yield from (f'<li><a href="#{anchor(topic)}">{inline(topic.title)}</a></li>' for topic in shown)
    yield "</ul></nav>"


def _topic(topic: Topic) -> Iterator[str]:
    name = anchor(topic)
    yield f'<section id="{name}" aria-labelledby="{name}-title">'
    yield f'<h2 id="{name}-title"><a href="../{of_page(topic.page)}">{inline(topic.title)}</a></h2>'
    for number, question in enumerate(topic.questions, start=1):
        yield from _question(question, f"{name}-{question.id}", number)
    yield "</section>"


def _question(question: Question, name: str, number: int) -> Iterator[str]:
    """One question: its choices as buttons, and the reasons folded in, where they can be read without a script too."""
    yield f'<article class="question" id="{name}" aria-labelledby="{name}-title" tabindex="-1">'
    yield f'<h3 id="{name}-title">{number} · {question.kind.value}</h3>'
    yield from _blocks(question.asks)
    yield '<ul class="choices">'
    for letter, choice in question.lettered():
        right = " data-right" if choice is question.right else ""
        yield f'<li><button type="button" data-letter="{letter}"{right}><b>{letter}</b> {inline(choice.says)}</button></li>'
    yield '</ul><div class="verdict" role="status"></div>'
    yield "<details><summary>All answers</summary><dl>"
    for letter, choice in question.lettered():
        reason = inline(" ".join(choice.because.split()))
        yield f'<dt>{letter}</dt><dd data-letter="{letter}">{question.verdict(choice)}. {reason}</dd>'
    yield "</dl></details></article>"


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, and lines of code that are indented by four spaces."""
    for code, lines in _grouped(paragraphs(text)):
        yield (
            f"<pre>{escape(chr(10).join(line[4:] for line in lines))}</pre>" if code else f"<p>{inline(lines[0])}</p>"
        )


def _grouped(lines: Iterable[str]) -> Iterator[tuple[bool, list[str]]]:
    code: list[str] = []
    for line in lines:
        if line.startswith("    "):
            code.append(line)
            continue
        if code:
            yield True, code
            code = []
        if line:
            yield False, [line]
    if code:
        yield True, code
