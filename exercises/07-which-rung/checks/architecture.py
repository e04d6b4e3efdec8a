"""Whether each rung answers its backlog. One function for each architecture check of exercise.toml."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from workshop.exercises.findings import Finding, Project

ANSWERS = "answers.toml"
BACKLOGS = "backlogs.md"
RUNG_FOR = {
    "nothing-repeats": "plain",
    "one-more-of-a-kind": "registry",
    "several-doors": "services",
    "rules-to-try": "core",
    "worlds-to-swap": "hexagon",
}
# The forces that each item shows: several if good people differ about it.
SHOWS = {
    "stock": [{"nothing-repeats"}] * 5,
    "statements": [*([{"one-more-of-a-kind"}] * 3), {"nothing-repeats"}, {"rules-to-try"}],
    "disputes": [
        *([{"rules-to-try"}] * 2),
        {"several-doors"},
        {"several-doors", "rules-to-try"},
        {"worlds-to-swap"},
    ],
}
SIZE = re.compile(
    r"\b(lines?|loc|files?|small(er|est)?|big(ger|gest)?|large(r|st)?|tiny|huge|short(er|est)?|long(er|est)?|size"
    r"|little|grows?|grown)\b",
    re.I,
)
SLOGAN = re.compile(
    r"best practice|clean|solid\b|open for extension|future.?proof|maintain|flexib|scal(e|ab)|extensib|decoupl"
    r"|separation|single responsibility|\bdry\b|\bkiss\b|yagni|not going to need|simple|elegan|testab|reus"
    r"|architect|pattern|\bddd\b|hexagon|ports? and adapters|layer|properly|right way|state of the art|technical debt",
    re.I,
)
# Further words for the subjects of each backlog. A reason may use any of them.
ALSO = {
    "stock": """accountant admin amount button calendar click clerk color colour count counter csv column date display
        download edit excel export field filter form hall highlight inventory label list number order page people
        quantity red report row screen shelf shelves show sheet sort spreadsheet staff stamp stock table time
        title view warehouse wishes""",
    "statements": """amount bank cent column comma csv currency decimal dot dry fee finance format import json layout
        loader month parse parser paygo preview provider read reader rehearse row save settings show source statement
        store supplier text trial version write xml cardly banka nordpay schema syntax fourth fifth another""",
    "disputes": """appeal bank batch calendar calls caller case chargeback clock closing cron customer date day deadline
        dispute document due entry expire evidence extension ftp helpdesk history hotline hour job late limit merchant
        midnight money month night nightly outcome overdue past period phone policy proof provider replay rule sftp
        server simulate simulation storage store support telephone term terms timeout today transport upload verdict
        what-if window cardly nordpay button desk rehearse""",
}
STEM = 5  # letters: "provider" and "providers", "decide" and "decision"
SAYS_NOTHING = frozenset(
    re.findall(
        r"\w+",
        """about after already and any are become before but can come does each each else for form from get gets give gives goes
    has have how into item last later like lines long longer made make makes may means more most must need needs new
    next not now off once one only other our out own part same see should small some than that the their them then
    there they thing this those touch two until use very want wants was way what when where which will with without
    would year years your both whose who""",
    )
)
COPIED = 3  # so many words in a row from a backlog item or a force's meaning are a copy
OWN_WORDS = 3  # that a reason needs in addition to its copied words


@dataclass(frozen=True)
class _Answer:
    """The complete answer for one app."""

    app: str
    line: int
    rung: str
    force: str
    items: list[int]
    because: str

    def finding(self, found: str) -> Finding:
        return Finding(ANSWERS, self.line, f"[{self.app}] {found}")


def not_one_rung_for_all(project: Project) -> Iterator[Finding]:
    answers = _answers(project)
    rungs = {answer.rung for answer in answers}
    if len(answers) == len(SHOWS) and len(rungs) == 1:
        found = f"all three apps go to {rungs.pop()}, although their backlogs differ"
        yield Finding(ANSWERS, answers[0].line, f"{found}. What do the items of each backlog have in common?")
    yield from _not_yet(project)


def size_is_no_reason(project: Project) -> Iterator[Finding]:
    for answer in _answers(project):
        if (word := SIZE.search(answer.because)) and not _names_what_changes(project, answer):
            yield answer.finding(
                f"the reason is about size ({word[0]!r}) and not about the backlog. The longest of the three apps will "
                "still be easy to change when it is twice as long. Write what will change, and "
                "what should stay the same"
            )
    yield from _not_yet(project)


def reasons_name_what_changes(project: Project) -> Iterator[Finding]:
    answers = _answers(project)
    for answer in answers:
        if copied := _copied(project, answer):
            yield answer.finding(
                f"the reason only repeats {copied}. The team knows its backlog: write what follows from it, what will "
                "change, and what should stay the same"
            )
        elif twin := next(
            (other for other in answers if other is not answer and other.because == answer.because), None
        ):
            yield answer.finding(f"the reason is the same as in [{twin.app}]. Each app needs its own reason")
        elif not SIZE.search(answer.because) and not _names_what_changes(project, answer):
            yield answer.finding(
                f"the reason {answer.because!r} would fit any project. Name a thing or a person that this "
                "backlog is about, and what changes there"
            )
    yield from _not_yet(project)


def the_force_is_in_the_backlog(project: Project) -> Iterator[Finding]:
    for answer in _answers(project):
        shows = SHOWS[answer.app]
        others = [number for number, forces in enumerate(shows, start=1) if answer.force not in forces]
        unfit = [item for item in answer.items if item in others]
        if unfit:
            yield answer.finding(
                f"item {unfit[0]} does not show {answer.force}: {_item(project, answer.app, unfit[0])!r}"
            )
        elif answer.force == "nothing-repeats" and others:
            yield answer.finding(
                f"item {others[0]} changes more than one place: {_item(project, answer.app, others[0])!r}"
            )
    yield from _not_yet(project)


def the_rung_answers_the_force(project: Project) -> Iterator[Finding]:
    rungs = list(RUNG_FOR.values())
    for answer in _answers(project):
        wanted = RUNG_FOR[answer.force]
        if answer.rung != wanted:
            is_too_far = rungs.index(answer.rung) > rungs.index(wanted)
            needs = "goes further than {} needs" if is_too_far else "does not go far enough for {}"
            yield answer.finding(f"{answer.rung} {needs.format(answer.force)}")
    yield from _not_yet(project)


def _answers(project: Project) -> list[_Answer]:
    """The complete and readable answers. The behaviour light reports the others."""
    try:
        text = (project.folder / ANSWERS).read_text(encoding="utf-8-sig")
        written = tomllib.loads(text)
    except (OSError, ValueError):
        return []
    found = []
    for app in SHOWS:
        table: dict[str, Any] = written.get(app) if isinstance(written.get(app), dict) else {}
        rung, force, items, because = (table.get(name) for name in ("rung", "force", "items", "because"))
        fine = isinstance(items, list) and items and all(type(item) is int and item in range(1, 6) for item in items)
        if rung in RUNG_FOR.values() and force in RUNG_FOR and fine and isinstance(because, str) and because:
            line = 1 + next((at for at, one in enumerate(text.splitlines()) if one.strip() == f"[{app}]"), 0)
            found.append(_Answer(app, line, rung, force, items, because))
    return found


def _not_yet(project: Project) -> Iterator[Finding]:
    """A finding for each missing answer: a check that cannot judge must not be green."""
    there = {answer.app for answer in _answers(project)}
    for app in SHOWS:
        if app not in there:
            yield Finding(ANSWERS, 0, f"[{app}] cannot be judged yet, because its answer is missing or incomplete")


def _item(project: Project, app: str, number: int) -> str:
    """An item of the original backlog, even if the learner has changed the copy."""
    text = (project.start / BACKLOGS).read_text(encoding="utf-8")
    section = text.split(f"## {app}\n", 1)[1].split("\n## ", 1)[0]
    return next(line.partition(". ")[2] for line in section.splitlines() if line.startswith(f"{number}. "))


def _names_what_changes(project: Project, answer: _Answer) -> bool:
    """Whether a reason names things from its backlog: one thing, or two if it also mentions size or a slogan."""
    items = " ".join(_item(project, answer.app, number) for number in range(1, 6))
    about = (_stems(items) | _stems(ALSO[answer.app])) & _stems(SIZE.sub(" ", answer.because))
    return len(about) >= (2 if SIZE.search(answer.because) or SLOGAN.search(answer.because) else 1)


def _copied(project: Project, answer: _Answer) -> str | None:
    """The source of a reason that only copies: a backlog item or a force's meaning. None for any other reason."""
    given = {f"item {number}": _item(project, answer.app, number) for number in range(1, 6)}
    meanings = re.findall(r"^#  +([\w-]+)  +(.+)$", (project.start / ANSWERS).read_text(encoding="utf-8"), re.M)
    given |= {f"what {name} means": meaning for name, meaning in meanings}
    words, used = _words(answer.because), set()
    source = ""
    for name, text in given.items():
        blocks = SequenceMatcher(None, words, _words(text), autojunk=False).get_matching_blocks()
        same = {at for block in blocks if block.size >= COPIED for at in range(block.a, block.a + block.size)}
        source = source or (name if same else "")
        used |= same
    own = [word for at, word in enumerate(words) if at not in used and len(word) > 2 and word not in SAYS_NOTHING]
    return source if used and len(own) < OWN_WORDS else None


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _stems(text: str) -> set[str]:
    words = (word for word in _words(text) if len(word) > 2 and word not in SAYS_NOTHING)
    return {(word[:-1] if word.endswith("s") else word)[:STEM] for word in words}
