"""Bets on exercises: which files does the solution change?"""

from pathlib import Path

from workshop import ROOT
from workshop.base.bets import Question
from workshop.exercises import catalogue, trees


def of_exercise(name: str, root: Path = ROOT) -> Question:
    """The question before an exercise: which files does its solution change? Raises CommandFailed."""
    exercise = catalogue.find(name, root)
    here = trees.files(exercise.start)
    start, solution = trees.contents(exercise.start), exercise.solution
    changed = dict.fromkeys(trees.removed(solution), "removed")
    for path in trees.overlay_files(solution):
        if start.get(path) != (solution / path).read_bytes():
            changed[path] = "changed" if path in start else "new"
    return Question(exercise.name, f"{exercise.title}: which files will you change?", here, changed)
