"""How questions are written: enough of them, each with readable proofs, and no answer that its length or place gives away."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from workshop import ROOT
from workshop.ask.questions import FILE, FOLDERS, LETTERS, Question, Topic, topics
from workshop.base.counting import counted
from workshop.base.problems import CommandFailed, Problem
from workshop.maintaining.questions.prove import claim, problems

FEWEST = {"step": 2, "exercise": 1}
SLACK = (
    12  # characters by which the right choice may be longer than the longest wrong one, or shorter than the shortest
)
LARGEST_SHARE = (
    0.5  # of all questions in which the right choice is the longest, or the shortest, or has a certain letter
)


def questions_are_whole(root: Path = ROOT) -> Iterator[Problem]:
    """Every step and every exercise has questions, every proof can be read, and no answer can be guessed."""
    try:
        found = topics(root)
    except CommandFailed as failure:
        yield Problem(Path("steps"), 1, str(failure))
        return
    counts = {topic.folder: len(topic.questions) for topic in found}
    for word, folder in FOLDERS.items():
        for page in sorted((root / folder).glob("[0-9]*/README.md")):
            count = counts.get(page.parent, 0)
            if count < FEWEST[word]:
                path = page.parent.relative_to(root) / FILE
                yield Problem(path, 1, f"{counted(count, 'question')}; a {word} has at least {FEWEST[word]}")
    for topic in found:
        for question in topic.questions:
            path = (topic.folder / FILE).relative_to(root)
            yield from (Problem(path, _line(topic, question), what) for what in _of_one(question))
    yield from (
        Problem(Path("steps"), 1, what) for what in guessable([each for topic in found for each in topic.questions])
    )


def read_proofs_hold(root: Path = ROOT) -> Iterator[Problem]:
    """The proofs that only read: files, figures, recordings and texts."""
    try:
        found = topics(root)
    except CommandFailed:
        return  # the other check reports it
    for topic in found:
        for question in topic.questions:
            path = (topic.folder / FILE).relative_to(root)
            yield from (Problem(path, _line(topic, question), what) for what in problems(question, quick=True))


def guessable(questions: Sequence[Question]) -> Iterator[str]:
    """What somebody could learn from the form of all questions together, without reading them."""
    places = Counter(question.choices.index(question.right) for question in questions)
    longest = sum(len(question.right.says) == max(_lengths(question)) for question in questions)
    shortest = sum(len(question.right.says) == min(_lengths(question)) for question in questions)
    shares = {f"has the letter {LETTERS[place]}": count for place, count in places.items()}
    shares |= {"is the longest": longest, "is the shortest": shortest}
    for what, count in shares.items():
        if count > LARGEST_SHARE * len(questions):
            yield f"the right choice {what} in {count} of {counted(len(questions), 'question')}; at most half"


def _of_one(question: Question) -> Iterator[str]:
    wrong = [len(choice.says) for choice in question.wrong]
    if not min(wrong) - SLACK <= len(question.right.says) <= max(wrong) + SLACK:
        yield f"{question.id}: the length of the right choice gives it away"
    for choice in question.choices:
        for proof in choice.proofs:
            try:
                claim(proof)
            except CommandFailed as failure:
                yield f"{question.id}: {failure}"


def _lengths(question: Question) -> list[int]:
    return [len(choice.says) for choice in question.choices]


def _line(topic: Topic, question: Question) -> int:
    """The line of a question's id in its file."""
    lines = (topic.folder / FILE).read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, start=1) if line == f'id = "{question.id}"'), 1)


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {
    "every step and exercise has its questions": questions_are_whole,
    "answers of questions are proved, as far as reading can": read_proofs_hold,
}
