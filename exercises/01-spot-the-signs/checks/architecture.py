"""What each marked place is. One function for each architecture check of exercise.toml.

A wrong answer gets a reason, as a question that its giver can put to the code; the right one is not named.
"""

import re
from collections.abc import Iterator

from workshop.exercises import trees
from workshop.exercises.findings import Finding, Project, as_crash
from workshop.exercises.probes import running, source

ANSWERS = "answers.py"
WORDS = {
    "asks for a name": "when one more name comes from outside, is this among the lines that somebody must find",
    "cannot be asked": "is there a rule in it, and could you not ask it with a few values in your hand",
    "does more": "who calls this, and what do they get that its name does not say",
    "model is the api": "who reads this, and could you ask them before you change it",
    "half done": "which two sides would disagree if the process ended in between",
    "twice decided": "where is the other place that decides the same",
    "innocent": "which change will come, and what will it cost here",
}
# For each place: the answers that are right, and for tempting wrong ones a question of their own.
PLACES: dict[int, tuple[set[str], dict[str, str]]] = {
    1: (
        {"cannot be asked"},
        {
            "innocent": "you want to know what 10 % of 80.00 is on the voucher's last day. What must be there before you may ask",
            "does more": "it takes nothing and writes nothing. But what does it read, to answer",
            "twice decided": "the three conditions stand here only. What do you need to try one of them",
        },
    ),
    2: (
        {"innocent"},
        {
            "asks for a name": "who makes these names up: somebody outside, or this very class",
            "cannot be asked": '`Order(status="paid").can_be_cancelled()` answers without a row. What else would you ask for',
            "twice decided": "search for it: who else decides when an order may be cancelled",
            "model is the api": "nobody outside reads this. What would they read",
        },
    ),
    3: (
        {"does more", "half done"},
        {
            "innocent": "the office mends a status in a shell, with `order.save()`. What does the customer get",
            "asks for a name": "the status is a word of our own. What else happens here",
            "cannot be asked": "there is more done than decided here. Who expects all of it from that name",
        },
    ),
    4: (
        {"asks for a name", "cannot be asked"},
        {
            "innocent": "a fourth carrier comes next month. How many functions must you open, and would one tell you of the other",
            "twice decided": "`cost` and `link` decide about different things. But what do both ask for first",
        },
    ),
    5: (
        {"half done"},
        {
            "innocent": "the server is switched off right after the second line. What does the customer's bank say, and what do we say",
            "does more": "it charges and it marks as paid; the name promises both. Now look at the order of the lines",
            "cannot be asked": "the rules that it needs are elsewhere. What does it do, one line after the other",
            "asks for a name": '"new" is a word of our own. What happens after it',
        },
    ),
    6: (
        {"model is the api"},
        {
            "innocent": "it is one line. Which fields are in it today, and which will be in it after the next migration",
            "does more": "it changes nothing. But what does it tell, and whom",
        },
    ),
    7: (
        {"innocent"},
        {
            "model is the api": "who sees these names, and are they deployed with the model or without it",
            "does more": "it lists four fields and saves them. What happens that its name does not say",
            "half done": "one row is written, in one go. Who else is told",
        },
    ),
    8: (
        {"innocent"},
        {
            "does more": "it is long. Does it do more than list what is to be packed",
            "cannot be asked": "there is one sum in it and no rule. What would you like to ask it by itself",
            "asks for a name": "it writes the carrier down. Does it decide anything by it",
            "twice decided": "it decides nothing. What would the other place have to do with it",
            "model is the api": "who reads this page, and where do they work",
        },
    ),
}


def place_1(project: Project) -> Iterator[Finding]:
    yield from _answer(project, 1)


def place_2(project: Project) -> Iterator[Finding]:
    yield from _answer(project, 2)


def place_3(project: Project) -> Iterator[Finding]:
    yield from _answer(project, 3)


def place_4(project: Project) -> Iterator[Finding]:
    yield from _answer(project, 4)


def place_5(project: Project) -> Iterator[Finding]:
    yield from _answer(project, 5)


def place_6(project: Project) -> Iterator[Finding]:
    yield from _answer(project, 6)


def place_7(project: Project) -> Iterator[Finding]:
    yield from _answer(project, 7)


def place_8(project: Project) -> Iterator[Finding]:
    yield from _answer(project, 8)


def only_answers_are_written(project: Project) -> Iterator[Finding]:
    then, now = trees.contents(project.start), trees.contents(project.folder)
    for name in sorted(then.keys() - {ANSWERS}):
        if name.endswith(".py") and trees.differ(then[name], now.get(name)):
            yield Finding(name, 0, "it has changed" if name in now else "it is gone")


def _answer(project: Project, number: int) -> Iterator[Finding]:
    name = f"PLACE_{number}"
    line = source.line_of(project, ANSWERS, name)
    answers = running.load(project, "answers")
    if isinstance(answers, Finding):
        yield as_crash(answers)
        return
    if not hasattr(answers, name):
        yield Finding(ANSWERS, 0, f"there is no line {name} = … any more")
        return
    given = list(_words(getattr(answers, name)))
    right, reasons = PLACES[number]
    if not given or ... in given:
        yield Finding(ANSWERS, line, "it has no answer yet. Which of the seven words fits?")
        return
    for word in given:
        if word not in WORDS:
            found = f"{word!r} is none of the words. Which of the seven names at the top of answers.py is meant?"
            yield Finding(ANSWERS, line, found)
        elif word not in right:
            yield Finding(ANSWERS, line, f'you say "{word}". Ask yourself: {reasons.get(word, WORDS[word])}?')


def _words(given: object) -> Iterator[object]:
    """The words of an answer: one, or several where more than one is right. Typed by hand, they may look otherwise."""
    if isinstance(given, str):
        yield " ".join(re.sub(r"[-_.,;!]", " ", given).split()).casefold()
    elif isinstance(given, (tuple, list, set, frozenset)):
        for word in given:
            yield from _words(word)
    else:
        yield given
