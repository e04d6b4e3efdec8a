"""Everything that touches the world. `api`, `admin`, `commands`, `tasks` and `worker` drive the use cases; `orm`,
`sender`, `clock`, `randomness`, `secrets` and `doorbell` are driven by them.
"""
