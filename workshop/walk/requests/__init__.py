"""The change requests in steps/requests/: what a client or an owner asks for, and what it cost at each rung.

`catalogue` reads them, `cost` measures a change, `trying` deals one to a learner.
"""
