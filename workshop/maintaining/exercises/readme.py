"""Checks that an exercise's README has the usual form, and agrees with exercise.toml."""

import re
from collections.abc import Iterator

from workshop.exercises.catalogue import Exercise
from workshop.maintaining.documents.markdown import dead_ends, long_lines

SECTIONS = ("## Green means", "## Read first", "## For your own project")
MOST_STORY_LINES = 5


def problems(exercise: Exercise) -> Iterator[str]:
    """One line for each thing to fix."""
    file = exercise.folder / "README.md"
    if not file.exists():
        yield "README.md is missing"
        return
    text = file.read_text(encoding="utf-8")
    yield from (f"README.md: {problem}" for problem in _form(exercise, text))
    path = file.relative_to(exercise.root)
    for problem in (*long_lines(exercise.root, path), *dead_ends(exercise.root, path)):
        yield f"README.md:{problem.line}: {problem.what}"


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
    listed = re.findall(r"^\d+\. `([\w./-]+:\d+-\d+)`", text, re.MULTILINE)
    wanted = list(exercise.reading)
    if listed != wanted:
        yield f"`Read first` must list, numbered and in backticks: {', '.join(wanted)}"
    for pattern in (*exercise.edit, *exercise.bonus):
        if not any(mark in pattern for mark in "*?[") and pattern not in text:
            yield f"it does not name {pattern} as a file to edit"
