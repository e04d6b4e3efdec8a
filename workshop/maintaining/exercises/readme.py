"""Checks that an exercise's README has the usual form, and agrees with exercise.toml."""

import re
from collections.abc import Iterator

from workshop.base.commands import LEARNERS, places
from workshop.exercises.catalogue import Exercise

SECTIONS = ("## Green means", "## Read first", "## For your own project")
MOST_STORY_LINES = 5
LONGEST_LINE = 120
COMMAND = re.compile(r"(?:^|`)\./ws(?: +([a-z]+))?", re.MULTILINE)
TARGET = re.compile(r"(?:^|`)make ([a-z][a-z0-9-]*)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")


def problems(exercise: Exercise) -> Iterator[str]:
    """One line for each thing to fix."""
    file = exercise.folder / "README.md"
    if not file.exists():
        yield "README.md is missing"
        return
    text = file.read_text(encoding="utf-8")
    yield from (f"README.md: {problem}" for problem in _form(exercise, text))
    yield from (f"README.md: {problem}" for problem in _truth(exercise, text))


def _form(exercise: Exercise, text: str) -> Iterator[str]:
    parts = text.split("\n\n")
    if parts[0].strip() != f"# {exercise.title}":
        yield f"the first line must be `# {exercise.title}`"
    if len(parts) < 4 or parts[1].strip() != exercise.facts():
        yield f"the second paragraph must be: {exercise.facts()}"
    elif len(parts[2].strip().splitlines()) > MOST_STORY_LINES:
        yield f"the story has {len(parts[2].strip().splitlines())} lines; at most {MOST_STORY_LINES}"
    goals = re.findall(r"^\*\*Goal:\*\* ([^\n]+(?:\n[^\n]+)*)", text, re.MULTILINE)
    if len(goals) != 1 or not re.fullmatch(r"[^.!?]+(?:\.[^\s.!?][^.!?]*)*\.", goals[0].strip()):
        yield "it needs one paragraph `**Goal:** …` of one sentence"
    found = [line for line in text.splitlines() if line.startswith("## ")]
    if [section for section in found if section in SECTIONS] != list(SECTIONS):
        yield f"it needs, in this order: {', '.join(SECTIONS)}"
    if not text.rstrip().endswith("?"):
        yield "it must end with a question for the reader's own project"
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > LONGEST_LINE:
            yield f"line {number} has more than {LONGEST_LINE} characters"


def _truth(exercise: Exercise, text: str) -> Iterator[str]:
    listed = re.findall(r"^\d+\. `([\w./-]+:\d+-\d+)`", text, re.MULTILINE)
    wanted = [str(reading) for reading in exercise.reading]
    if listed != wanted:
        yield f"`Read first` must list, numbered and in backticks: {', '.join(wanted)}"
    for link in LINK.findall(text):
        if not (exercise.folder / link).exists():
            yield f"the link {link} leads nowhere"
    commands = places(LEARNERS)
    for name in COMMAND.findall(text):
        if name and name not in commands:
            yield f"there is no command ./ws {name}"
    makefile = exercise.root / "Makefile"
    targets = set(
        re.findall(r"^([a-z][a-z0-9-]*):", makefile.read_text(encoding="utf-8") if makefile.exists() else "", re.M)
    )
    for name in TARGET.findall(text):
        if name not in targets:
            yield f"there is no command make {name}"
    for pattern in (*exercise.edit, *exercise.bonus):
        if not any(mark in pattern for mark in "*?[") and pattern not in text:
            yield f"it does not name {pattern} as a file to edit"
