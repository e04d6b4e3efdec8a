"""What architecture checks are made of. Each probe yields findings with file and line; none prints, none raises.

`imports` asks import-linter, `source` reads syntax trees, `running` calls the learner's code in odd surroundings,
`database` watches what it writes and ends it in between, `transactions` lets two use one database, `queries` watches
what is asked there, `outside` stands in for whom a project calls over HTTP, `migrations` runs the learner's on rows of
yesterday, `budget` counts, `mutation` runs the learner's own tests on mistakes,
`memory` makes a process forget. An exercise's checks/architecture.py is
a few functions, one for each check, that call these.
"""
