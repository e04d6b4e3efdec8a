"""Public ids: a prefix and the 26 characters of a ULID, which sort by time of creation."""

from ulid import ULID


def new_id(prefix: str) -> str:
    """A fresh id such as `evt_01K…`. Its time is the process's clock, cut to milliseconds."""
    return f"{prefix}_{ULID()}"
