"""Numbers with their nouns, as the commands print them. Needs nothing but Python, as all of this room."""


def counted(number: int, one: str, many: str = "") -> str:
    """`1 file`, `2 files`, `1,512 files`. `many` is the plural where it is not `one` with an s: `body`, `bodies`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
