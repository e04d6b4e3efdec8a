"""The change requests, and the patch that answers each of them at each rung."""

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from workshop import ROOT
from workshop.base import names
from workshop.base.problems import CommandFailed

RUNGS = {"before": "before"} | {rung: names.STAGES[number] for number, rung in names.RUNGS.items()}
"""The stage of each rung. A request is answered at these five stages."""
FOLDER = Path("steps") / "requests"
TESTS = Path("tests") / "requests"
KINDS = (
    *("one more of a kind", "a new field", "a setting of a client", "a rule about time"),
    *("one action, several callers", "a changed API", "an outside system", "a record or a list"),
)
"""What a backlog's items are, so that a reader can compare. A page names the kind of its request."""
KIND = re.compile(r"^\*\*Kind:\*\* (?P<kind>.+)$", re.MULTILINE)
TITLE = re.compile(r"# Request \d+: (?P<title>.+)")


@dataclass(frozen=True)
class Notes:
    """What the implementer of a patch wrote down, and the remark of a second reader.

    `minutes` are from the first look at the request until all tests were green. `lines_read` are lines of production
    code. `red_at_first_run` names the stage's own tests that were red when the production code was done.
    """

    minutes: int
    lines_read: int
    files_read: tuple[str, ...]
    red_at_first_run: tuple[str, ...]
    doubt: str
    review: str


@dataclass(frozen=True)
class Request:
    """One request. Its number and name are those of its folder, such as 13-contact-email."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def number(self) -> int:
        return int(self.name.partition("-")[0])

    @property
    def page(self) -> Path:
        return self.folder / "README.md"

    @property
    def tests(self) -> Path:
        """The black-box tests, the same for every rung."""
        return self.folder.parents[2] / TESTS / f"test_{self.name.replace('-', '_')}.py"

    @cached_property
    def title(self) -> str:
        """The page's title. Raises CommandFailed."""
        first = self.page.read_text(encoding="utf-8").partition("\n")[0]
        if not (found := TITLE.fullmatch(first)):
            raise CommandFailed(f"{FOLDER}/{self.name}/README.md must begin with `# Request {self.number:02}: …`.")
        return found["title"]

    @cached_property
    def kind(self) -> str:
        """One of KINDS. Raises CommandFailed."""
        found = KIND.search(self.page.read_text(encoding="utf-8"))
        if not found or found["kind"] not in KINDS:
            raise CommandFailed(f"{FOLDER}/{self.name}/README.md needs a line `**Kind:** …`, one of: {'; '.join(KINDS)}.")
        return found["kind"]

    @property
    def text(self) -> str:
        """The page without the measured part."""
        return self.page.read_text(encoding="utf-8").partition("\n## Measured\n")[0]

    def patch(self, rung: str) -> Path:
        """The change at a rung, made from the stage's folder. It may not exist yet."""
        return self.folder / f"{rung}.patch"

    @property
    def rungs(self) -> list[str]:
        """The rungs that have a patch, in order."""
        return [rung for rung in RUNGS if self.patch(rung).exists()]

    def notes(self, rung: str) -> Notes | None:
        """The notes on a patch, if there are any."""
        file = self.folder / "notes.toml"
        written = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        if rung not in written:
            return None
        of = written[rung]
        return Notes(
            of["minutes"],
            of["lines_read"],
            tuple(of["files_read"]),
            tuple(of["red_at_first_run"]),
            of["doubt"],
            of.get("review", ""),
        )


def requests(root: Path = ROOT) -> list[Request]:
    """All requests, by number."""
    return [Request(page.parent) for page in sorted((root / FOLDER).glob("[0-9][0-9]-*/README.md"))]


def request(written: str, root: Path = ROOT) -> Request:
    """The request of that number, name, or part of a name. Raises CommandFailed."""
    here = requests(root)
    text = written.strip().lower()
    if text.isdecimal():
        found = [each for each in here if each.number == int(text)]
    else:
        found = [each for each in here if each.name == text] or [each for each in here if text and text in each.name]
    if len(found) != 1:
        said = f"means {' or '.join(each.name for each in found)}" if found else "is no request"
        raise CommandFailed(f"{written!r} {said}. The requests are: {', '.join(each.name for each in here)}.")
    return found[0]


def tree_of(rung: str) -> str:
    """The tree of a rung's stage, as git names it in a road or in walk/."""
    return f"refs/tags/{RUNGS[rung]}^{{tree}}"
