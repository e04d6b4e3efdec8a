"""Numbers with their nouns, as the report says them."""


def plural(count: int, noun: str, nouns: str = "") -> str:
    """`1 file`, `2 files`, `1,512 files`. `nouns` is the plural where it is not `noun` with an s."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
