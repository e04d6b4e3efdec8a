"""The questions of a step or an exercise, read from the `questions.toml` in its folder."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from workshop import ROOT
from workshop.base.names import STEPS, folder_name, number_of, stage_name
from workshop.base.problems import CommandFailed
from workshop.base.toml_table import Table, read_table

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
    """What proves a choice right or wrong. `by` names a kind of proof; the other keys are for the prover."""

    by: str
    values: Mapping[str, object]
    file: Path
    place: str

    def table(self) -> Table:
        """The keys except `by`, each to be read once."""
        return Table({key: value for key, value in self.values.items() if key != "by"}, self.file, self.place)


@dataclass(frozen=True)
class Choice:
    """One possible answer. `because` is shown after the choice, and says why it is right or wrong."""

    says: str
    because: str
    is_right: bool
    proofs: tuple[Proof, ...]


@dataclass(frozen=True)
class Question:
    """One question. Exactly one of its choices is right."""

    id: str
    kind: Kind
    asks: str
    choices: tuple[Choice, ...]

    @property
    def right(self) -> Choice:
        return next(choice for choice in self.choices if choice.is_right)

    def lettered(self) -> list[tuple[str, Choice]]:
        """The choices in the order in which they are shown, each with its letter."""
        return list(zip(LETTERS, self.choices, strict=False))


@dataclass(frozen=True)
class Topic:
    """A step or an exercise that has questions."""

    folder: Path
    word: str
    title: str
    questions: tuple[Question, ...]

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
            f"There is no {what} {names[0]!r}. ./ws ask 4 asks about step 4, and ./ws list shows the exercises."
        )
    if len(folders) > 1:
        raise CommandFailed(
            f"{names[0]!r} can be {' or '.join(folder.name for folder in folders)}. Write more of the name."
        )
    return read(folders[0] / FILE)


def read(file: Path) -> Topic:
    """The questions of a file. Raises CommandFailed if one of them is not whole."""
    table = read_table(file)
    questions = tuple(_question(each, file, place) for place, each in enumerate(table.tables("questions"), start=1))
    table.must_be_used_up()
    ids = [question.id for question in questions]
    if doubled := sorted({each for each in ids if ids.count(each) > 1}):
        raise table.problem("questions", f"two questions have the id {doubled[0]!r}")
    word = next(word for word, folder in FOLDERS.items() if folder == file.parent.parent.name)
    return Topic(file.parent, word, _title(file.parent, word), questions)


def _question(table: Table, file: Path, place: int) -> Question:
    identity = table.text("id")
    if not ID.fullmatch(identity):
        raise table.problem("id", f"{identity!r} must be lower-case words with hyphens")
    kind, asks = table.one_of("kind", Kind), table.text("asks")
    right = _choice(table.table("right"), file, f"{identity}, right: ", is_right=True)
    if not right.proofs:
        raise table.problem("right.proofs", "is missing; a right answer needs at least one proof")
    given = enumerate(table.tables("wrong"), start=1)
    wrong = [_choice(each, file, f"{identity}, wrong[{at}]: ", is_right=False) for at, each in given]
    table.must_be_used_up()
    if not FEWEST_WRONG <= len(wrong) <= MOST_WRONG:
        raise table.problem("wrong", f"must be {FEWEST_WRONG} or {MOST_WRONG} choices")
    choices = tuple(sorted([right, *wrong], key=_natural))
    if len({choice.says for choice in choices}) < len(choices):
        raise table.problem("wrong", "two choices say the same")
    return Question(identity, kind, asks, choices)


def _choice(table: Table, file: Path, place: str, *, is_right: bool) -> Choice:
    says, because = table.text("says"), table.text("because")
    proofs = []
    for number, values in enumerate(table.dicts("proofs", optional=True), start=1):
        where = f"{place}proofs[{number}]."
        if not isinstance(values.get("by"), str):
            raise table.problem(f"proofs[{number}].by", "is missing; it names the kind of proof")
        proofs.append(Proof(str(values["by"]), values, file, where))
    table.must_be_used_up()
    return Choice(says, because, is_right, tuple(proofs))


def _natural(choice: Choice) -> list[tuple[int, str]]:
    """The alphabet, and numbers by their value, so that the order says nothing about which choice is right."""
    parts = re.findall(r"\d+|[^\W\d_]+", choice.says.lower())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


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
