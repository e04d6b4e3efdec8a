"""Whether a rung answers what the backlog pulls at. One function for each architecture check of exercise.toml."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
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
# What each item of the backlogs shows. Good people differ about statements and disputes, so they show more than one.
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
    r"\b(lines?|loc|files?|small|smaller|smallest|big|bigger|biggest|large|larger|tiny|short|size)\b", re.I
)
SHORTEST_WORD = 4
AS_ALIKE = 5  # letters: "provider" and "providers", "decide" and "decision"
SAYS_NOTHING = {
    "each",
    "from",
    "with",
    "that",
    "what",
    "would",
    "must",
    "when",
    "like",
    "whose",
    "have",
    "they",
    "then",
}


@dataclass(frozen=True)
class _Answer:
    """What is written for one app, where it is written whole."""

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
        yield Finding(ANSWERS, answers[0].line, f"all three go to {rungs.pop()}")


def size_is_no_reason(project: Project) -> Iterator[Finding]:
    for answer in _answers(project):
        if (word := SIZE.search(answer.because)) and not _quotes(project, answer):
            yield answer.finding(f"argues with {word[0]!r}")


def reasons_name_what_changes(project: Project) -> Iterator[Finding]:
    for answer in _answers(project):
        if not SIZE.search(answer.because) and not _quotes(project, answer):
            listed = ", ".join(map(str, answer.items))
            yield answer.finding(f"{answer.because!r} has nothing of item {listed}")


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
                f"item {others[0]} is about more than one place: {_item(project, answer.app, others[0])!r}"
            )


def the_rung_answers_the_force(project: Project) -> Iterator[Finding]:
    rungs = list(RUNG_FOR.values())
    for answer in _answers(project):
        wanted = RUNG_FOR[answer.force]
        if answer.rung != wanted:
            goes = "goes further than" if rungs.index(answer.rung) > rungs.index(wanted) else "stops before it meets"
            yield answer.finding(f"{answer.rung} {goes} {answer.force}")


def _answers(project: Project) -> list[_Answer]:
    """Those that are written whole and can be read; about the others the behaviour light speaks."""
    try:
        text = (project.folder / ANSWERS).read_text(encoding="utf-8")
        written = tomllib.loads(text)
    except (OSError, ValueError):
        return []
    found = []
    for app in SHOWS:
        table: dict[str, Any] = written.get(app) if isinstance(written.get(app), dict) else {}
        rung, force, items, because = (table.get(name) for name in ("rung", "force", "items", "because"))
        fine = isinstance(items, list) and items and all(item in range(1, 6) for item in items)
        if rung in RUNG_FOR.values() and force in RUNG_FOR and fine and isinstance(because, str) and because:
            line = 1 + next((at for at, one in enumerate(text.splitlines()) if one.strip() == f"[{app}]"), 0)
            found.append(_Answer(app, line, rung, force, items, because))
    return found


def _item(project: Project, app: str, number: int) -> str:
    """An item of the backlog as it was given, whatever became of the learner's copy."""
    text = (project.start / BACKLOGS).read_text(encoding="utf-8")
    section = text.split(f"## {app}\n", 1)[1].split("\n## ", 1)[0]
    return next(line.partition(". ")[2] for line in section.splitlines() if line.startswith(f"{number}. "))


def _quotes(project: Project, answer: _Answer) -> bool:
    """Whether a reason has a word of an item that it counts on; a word in another form is that word."""
    of_items = {word for item in answer.items for word in _words(_item(project, answer.app, item))}
    return bool(of_items & _words(answer.because))


def _words(text: str) -> set[str]:
    words = re.findall(r"[^\W_]+", text.casefold())
    return {word[:AS_ALIKE] for word in words if len(word) >= SHORTEST_WORD and word not in SAYS_NOTHING}
