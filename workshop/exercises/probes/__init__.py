"""The probes of architecture checks. Each yields findings with file and line, and neither prints nor raises.

`imports` asks grimp and import-linter, `source` reads syntax trees, `running` calls the learner's code under special
conditions, `database` watches its writes and ends it between two of them, `transactions` lets two connections use one
database, `queries` counts the statements, `outside` is a fake of the server that a project calls over HTTP,
`migrations` runs the learner's migrations on existing rows, `budget` counts changed files and lines, `mutation` runs
the learner's own tests on code with planted mistakes, `memory` restarts a process without its memory. An exercise's
checks/architecture.py has one small function for each check, which calls these probes.
"""
