"""The right answers for each marked place. One function for each architecture check of exercise.toml.

A wrong answer gets a question about the code. No message names the right answer.
"""

import re
from collections.abc import Iterator

from workshop.exercises import trees
from workshop.exercises.findings import Finding, Project, as_crash
from workshop.exercises.probes import running, source

ANSWERS = "answers.py"
WORDS = {
    "asks for a name": "If a new name comes from outside, does this line have to change?",
    "cannot be asked": "Does it contain a rule? Can you ask that rule with a few plain values?",
    "does more": "Who calls this code, and which effect does its name not mention?",
    "model is the api": "Who reads this, and could you ask them before you change it?",
    "half done": "Which two sides would disagree if the process ended half-way?",
    "twice decided": "Where is the other place that decides the same?",
    "innocent": "Which change will come, and what will it cost here?",
}
# For each place: the right answers, and a question of its own for each tempting wrong answer.
PLACES: dict[int, tuple[set[str], dict[str, str]]] = {
    1: (
        {"cannot be asked"},
        {
            "innocent": "What is 10 % of 80.00 on the voucher's last day? What must exist before you can ask the code?",
            "does more": "It changes nothing. But what does it read before it answers?",
            "twice decided": "The three conditions are in this place only. What do you need to try one of them?",
        },
    ),
    2: (
        {"innocent"},
        {
            "asks for a name": "Who chooses these names: people outside, or this class?",
            "cannot be asked": '`Order(status="paid").can_be_cancelled()` answers without a row. What else would you need?',
            "twice decided": "Search the code: does another place decide when an order can be cancelled?",
            "model is the api": "Nobody outside reads this. What would they read?",
        },
    ),
    3: (
        {"does more", "half done"},
        {
            "innocent": "The office corrects a status in a shell with `order.save()`. What does the customer receive?",
            "asks for a name": "The status is one of our own words. What else happens here?",
            "cannot be asked": "It has several effects, and it decides little. Does its name mention all of them?",
        },
    ),
    4: (
        {"asks for a name", "cannot be asked"},
        {
            "innocent": "A fourth carrier comes next month. How many functions must you change, and does one remind you of the other?",
            "twice decided": "`cost` and `link` decide different things. But what do both compare first?",
        },
    ),
    5: (
        {"half done"},
        {
            "innocent": "The server stops right after the second line. What does the customer's bank say, and what does the shop say?",
            "does more": "It charges the card and marks the order as paid, and the name promises both. In which order do the lines run?",
            "cannot be asked": "The rules that it needs are elsewhere. What does it do, one line after the other?",
            "asks for a name": '"new" is one of our own words. What happens after that check?',
        },
    ),
    6: (
        {"model is the api"},
        {
            "innocent": "It is one line. Which fields does it show today, and which after the next migration?",
            "does more": "It changes nothing. But what does it show, and to whom?",
        },
    ),
    7: (
        {"innocent"},
        {
            "model is the api": "Who uses these field names, and do you deploy their code together with the model?",
            "does more": "It lists four fields and saves them. Which effect does its name not mention?",
            "half done": "It writes one row in one statement. Which other side could disagree?",
        },
    ),
    8: (
        {"innocent"},
        {
            "does more": "It is long. Does it do more than list the articles to pack?",
            "cannot be asked": "It contains one sum and no rule. Which rule would you ask?",
            "asks for a name": "It prints the carrier. Does it decide anything with that name?",
            "twice decided": "It decides nothing. What could another place decide in the same way?",
            "model is the api": "Who reads this page, and where do they work?",
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
            yield Finding(name, 0, "has changed" if name in now else "is missing")


def _answer(project: Project, number: int) -> Iterator[Finding]:
    name = f"PLACE_{number}"
    line = source.line_of(project, ANSWERS, name)
    answers = running.load(project, "answers")
    if isinstance(answers, Finding):
        yield as_crash(answers)
        return
    if not hasattr(answers, name):
        yield Finding(ANSWERS, 0, f"the line {name} = … is missing. Can you write it again?")
        return
    given = list(_words(getattr(answers, name)))
    right, reasons = PLACES[number]
    if not given or ... in given:
        yield Finding(ANSWERS, line, "no answer yet. Which of the seven words fits?")
        return
    for word in given:
        if word not in WORDS:
            found = f"{word!r} is not one of the seven words. Which of the names at the top of answers.py do you mean?"
            yield Finding(ANSWERS, line, found)
        elif word not in right:
            yield Finding(ANSWERS, line, f'"{word}" does not fit. {reasons.get(word, WORDS[word])}')


def _words(given: object) -> Iterator[object]:
    """Each word of an answer, in one spelling. A word typed by hand may have other punctuation or capitals."""
    if isinstance(given, str):
        yield " ".join(re.sub(r"[-_.,;!]", " ", given).split()).casefold()
    elif isinstance(given, (tuple, list, set, frozenset)):
        for word in given:
            yield from _words(word)
    else:
        yield given
