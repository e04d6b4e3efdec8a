"""A bet before a step or an exercise: which files will change? Afterwards the answer, next to the bet.

Bets are kept in one small file next to the progress, work/.bets.json (WS_WORK names another folder): a list in the order in
which they were made. `./ws receipt` shows them.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from workshop import ROOT
from workshop.base.files import write
from workshop.base.problems import CommandFailed

FILE = ".bets.json"


@dataclass(frozen=True)
class Bet:
    """`named` is the learner's bet, `changed` the truth; both are files, or folders with a / at the end.

    `about` is a step's folder name such as 03-the-rest-follow, an exercise's, or 00-feel-it. `at` is UTC, ISO 8601.
    """

    about: str
    named: tuple[str, ...]
    changed: tuple[str, ...]
    at: str

    @property
    def hits(self) -> list[str]:
        """Files that changed and were named, alone or by their folder."""
        return [path for path in self.changed if any(_meets(name, path) for name in self.named)]

    @property
    def unseen(self) -> list[str]:
        """Files that changed and were not named."""
        return [path for path in self.changed if path not in self.hits]

    @property
    def misses(self) -> list[str]:
        """Files that were named and did not change."""
        return [name for name in self.named if not any(_meets(name, path) for path in self.changed)]


@dataclass(frozen=True)
class Question:
    """The question of a bet: the files to choose from, and the files that change, each with its kind of change."""

    about: str
    asked: str
    here: Sequence[str]
    changed: Mapping[str, str]


def place(question: Question, named: Iterable[str], file: Path | None = None) -> Bet:
    """Saves a bet on the files that the words mean. Raises CommandFailed, and saves nothing, if they mean none."""
    meant = files_of(question, named)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    bet = Bet(question.about, meant, tuple(question.changed), at)
    file = file or bets_file()
    kept = [*read_bets(file), bet]
    file.parent.mkdir(parents=True, exist_ok=True)
    write(file, json.dumps([asdict(bet) for bet in kept], indent=1) + "\n")
    return bet


def files_of(question: Question, words: Iterable[str]) -> tuple[str, ...]:
    """The files that the words of a learner mean. Raises CommandFailed if a word can mean no file.

    A word is a path, a number in the list of the files to choose from, counted from 1, or a name without its folder,
    such as views.py.
    """
    meant = tuple(dict.fromkeys(_resolved(word, question.here) for word in words if word.strip()))
    if not meant:
        raise CommandFailed(f"Name files, such as: {' '.join(question.here[:2])}. A folder ends with a /.")
    return meant


def read_bets(file: Path | None = None) -> list[Bet]:
    """All bets, oldest first; none if the file is missing or cannot be read."""
    try:
        written = json.loads((file or bets_file()).read_text(encoding="utf-8"))
        return [Bet(bet["about"], tuple(bet["named"]), tuple(bet["changed"]), bet["at"]) for bet in written]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def lines(file: Path | None = None) -> list[str]:
    """The last bet on each step or exercise, as one line to paste somewhere."""
    last = {bet.about: bet for bet in read_bets(file)}
    return [
        f"{about}: found {len(bet.hits)} of {len(bet.changed)} files, named {len(bet.misses)} wrongly"
        for about, bet in last.items()
    ]


def bets_file() -> Path:
    """The file with the bets."""
    return Path(os.environ.get("WS_WORK") or ROOT / "work") / FILE


def _resolved(name: str, here: Sequence[str]) -> str:
    text = name.strip().removeprefix("./")
    if text.isdecimal():
        if not 0 < int(text) <= len(here):
            raise CommandFailed(f"There is no file {text}. The numbers are 1 to {len(here)}. Nothing was saved.")
        return here[int(text) - 1]
    ends = [path for path in here if path.endswith(f"/{text}")]
    if text in here or text.endswith("/") or not ends:
        return text
    if len(ends) > 1:
        raise CommandFailed(f"{text} is {' or '.join(ends)}: write which one you mean.")
    return ends[0]


def _meets(name: str, path: str) -> bool:
    return path == name or (name.endswith("/") and path.startswith(name))
