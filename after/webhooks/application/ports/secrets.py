"""Signing secrets, which are stored only in sealed form."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class NewSecret:
    """`shown` is sent to the client once; `sealed` is stored."""

    shown: str = field(repr=False)
    sealed: str = field(repr=False)


class Secrets(Protocol):
    def new_secret(self) -> NewSecret: ...
