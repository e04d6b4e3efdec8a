"""The exercises: their parts, their checks, and the loop that a learner works in.

`catalogue` reads an exercise, `judge` checks a folder against it, `workfolder` and `progress` keep the learner's work,
`loop` and `session` are the learner's interface. `maintaining/exercises/` proves that an exercise works as described.
"""
