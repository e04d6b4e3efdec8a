"""The questions of a step or an exercise, read from the `questions.toml` in its folder."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path

from workshop import ROOT
from workshop.base import toml
from workshop.base.names import STEPS, folder_name, number_of, stage_name
from workshop.base.problems import CommandFailed

FILE = "questions.toml"
FOLDERS = {"step": "steps", "exercise": "exercises"}
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LETTERS = "abcd"
FEWEST_WRONG, MOST_WRONG = 2, len(LETTERS) - 1


class Kind(Enum):
    """What a question asks for."""

    WHY = "why"
    BREAKS = "what breaks"
    FILE = "which file"


@dataclass(frozen=True)
class Proof:
    """What proves a choice right or wrong. `by` names a kind of proof; the prover reads the other keys."""

    by: str
    keys: toml.Table


@dataclass(frozen=True)
class Choice:
    """One possible answer. `because` is shown after the choice, and says why it is right or wrong."""

    says: str
    because: str
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True)
class Question:
    """One question with its right answer and the wrong ones."""

    id: str
    kind: Kind
    asks: str
    right: Choice
    wrong: tuple[Choice, ...]

    def __post_init__(self) -> None:
        if not ID.fullmatch(self.id):
            raise ValueError(f"id: {self.id!r} must be lower-case words with hyphens")
        if not self.right.proofs:
            raise ValueError("right.proofs: is missing; a right answer needs at least one proof")
        if not FEWEST_WRONG <= len(self.wrong) <= MOST_WRONG:
            raise ValueError(f"wrong: must be {FEWEST_WRONG} or {MOST_WRONG} choices")
        if len({choice.says for choice in self.choices}) < len(self.choices):
            raise ValueError("wrong: two choices say the same")

    @cached_property
    def choices(self) -> Sequence[Choice]:
        """All choices in the order in which they are shown."""
        return sorted([self.right, *self.wrong], key=_natural)

    def lettered(self) -> list[tuple[str, Choice]]:
        """The choices in this order, each with its letter."""
        return list(zip(LETTERS, self.choices, strict=False))

    def verdict(self, choice: Choice) -> str:
        """Right or Wrong."""
        return "Right" if choice is self.right else "Wrong"


@dataclass(frozen=True)
class Topic:
    """A step or an exercise that has questions."""

    folder: Path
    word: str
    title: str
    questions: tuple[Question, ...]

    def __post_init__(self) -> None:
        ids = [question.id for question in self.questions]
        if not ids:
            raise ValueError("questions: must be [[questions]] tables, at least one")
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"questions: two questions have the id {twice[0]!r}")

    @property
    def number(self) -> int:
        return int(self.folder.name[:2])

    @property
    def command(self) -> str:
        """The command that asks these questions."""
        return f"./ws ask {self.number}" if self.word == "step" else f"./ws ask exercise {self.number}"

    @property
    def page(self) -> str:
        """Its page, from the top of the repository."""
        return f"{FOLDERS[self.word]}/{self.folder.name}/README.md"


def topics(root: Path = ROOT) -> list[Topic]:
    """All steps and exercises that have questions, the steps first. Raises CommandFailed if a file is wrong."""
    found = [file for folder in FOLDERS.values() for file in sorted((root / folder).glob(f"[0-9]*/{FILE}"))]
    return [read(file) for file in found]


def topic(words: Sequence[str], root: Path = ROOT) -> Topic:
    """The topic that somebody means by `4`, `step 4`, `exercise 4` or a name. Raises CommandFailed."""
    word, names = (words[0], words[1:]) if words and words[0] in FOLDERS else ("", words)
    if len(names) != 1:
        raise CommandFailed("Ask about what? ./ws ask 4 is about step 4, and ./ws ask exercise 4 is about exercise 4.")
    name = names[0].strip().lower()
    folders = [
        root / folder / there
        for each, folder in FOLDERS.items()
        if word in ("", each)
        for there in _names(each, folder, root)
        if _is_meant(name, there, each, word)
    ]
    if not folders:
        what = word or ("step" if name.isdigit() else "step or exercise")
        raise CommandFailed(
            f"There is no {what} {names[0]!r}. {_numbers(root)}"
            " ./ws ask 4 is about step 4, and ./ws ask exercise 4 is about exercise 4."
        )
    if len(folders) > 1:
        raise CommandFailed(
            f"{names[0]!r} can be {' or '.join(folder.name for folder in folders)}. Write more of the name."
        )
    return read(folders[0] / FILE)


def read(file: Path) -> Topic:
    """The questions of a file. Raises CommandFailed if one of them is not whole."""
    word = next(word for word, folder in FOLDERS.items() if folder == file.parent.parent.name)
    return toml.read(Topic, file, folder=file.parent, word=word, title=_title(file.parent, word))


def _natural(choice: Choice) -> list[tuple[int, str]]:
    """The alphabet, and numbers by their value, so that the order says nothing about which choice is right."""
    parts = re.findall(r"\d+|[^\W\d_]+", choice.says.lower())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _numbers(root: Path) -> str:
    """The first and the last number of the steps and of the exercises, as a sentence."""
    ranges = []
    for word, folder in FOLDERS.items():
        if names := _names(word, folder, root):
            first, last = (int(name.partition("-")[0]) for name in (names[0], names[-1]))
            ranges.append(f"{word}s go from {first} to {last}")
    return f"{' and '.join(ranges).capitalize()}."


def _names(word: str, folder: str, root: Path) -> list[str]:
    if word == "step":
        return [folder_name(number) for number in range(len(STEPS) + 1)]
    return sorted(path.parent.name for path in (root / folder).glob("[0-9]*/README.md"))


def _is_meant(name: str, folder: str, word: str, given: str) -> bool:
    """Whether a number or a part of a name means this folder. A number alone is a step's."""
    if name.isdigit():
        return int(name) == int(folder[:2]) and (word == "step" or given == word)
    if word == "step":
        try:
            return folder == folder_name(number_of(stage_name(name)))
        except CommandFailed:
            pass
    return name == folder or name in folder[3:]


def _title(folder: Path, word: str) -> str:
    """The first line of the page: `Step 4: extract services`, or `Exercise 4: Untangle the fees`."""
    page = folder / "README.md"
    if not page.exists():
        raise CommandFailed(f"{folder.name}: README.md is missing.")
    first = page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
    return first if word == "step" else f"Exercise {int(folder.name[:2])}: {first}"
