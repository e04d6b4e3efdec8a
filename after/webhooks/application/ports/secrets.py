"""Signing secrets, of which only sealed ones are kept."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class NewSecret:
    """`shown` goes to the client, once; `sealed` is stored."""

    shown: str = field(repr=False)
    sealed: str = field(repr=False)


class Secrets(Protocol):
    def new_secret(self) -> NewSecret: ...
