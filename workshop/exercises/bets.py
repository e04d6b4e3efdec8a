"""Bets on exercises: which files does the solution change?"""

from pathlib import Path

from workshop import ROOT
from workshop.base.bets import Question
from workshop.exercises import catalogue, trees


def of_exercise(name: str, root: Path = ROOT) -> Question:
    """The question before an exercise: which files does its solution change? Raises CommandFailed."""
    exercise = catalogue.find(name, root)
    then, now = trees.contents(exercise.start), trees.overlaid(exercise.start, exercise.solution)
    change = trees.change(then, now)
    kinds = {path: "new" if path in change.new else "changed" if path in now else "removed" for path in change.files}
    return Question(exercise.name, f"{exercise.title}: which files will you change?", list(then), kinds)
