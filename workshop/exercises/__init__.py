"""The exercises: their parts, their checks, and the loop that a learner works in.

`catalogue` reads an exercise, `judge` checks a folder against it, `workfolder` and `progress` keep the learner's work,
`loop` and `session` are what the learner sees. `maintaining/exercises/` proves that an exercise does what it says.
"""
