"""The exercises: what one is made of, how it is checked, and the loop that a learner works in.

`catalogue` reads an exercise, `judge` checks a folder against it, `workfolder` and `progress` keep the learner's
work, `loop` and `commands` are what the learner sees, `upkeep` proves that an exercise does what it says.
"""


class ExerciseProblem(Exception):
    """What stops a command on the exercises. The message says what is wrong, where, and what to do next."""
