"""All code that touches the outside world. `api`, `admin`, `commands`, `tasks` and `worker` call the use cases; `orm`,
`sender`, `clock`, `randomness`, `secrets` and `doorbell` are called by them.
"""
