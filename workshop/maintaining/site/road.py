"""The Road as data that a page can load from a folder: scripts that call `Data.got(NAME, DATA)`, no requests.

road/data/index.js     the commits with the files that each one changes, the stages, the bets
road/data/notes.js     what the pages say about lines of code
road/data/f12.js       every version of one file: its lines, coloured, each kept once
road/data/p4-9.js      what differs between two commits, by their numbers on the way: any two stages, and neighbours
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations, pairwise
from pathlib import Path

from workshop import ROOT
from workshop.base.git import Git
from workshop.base.names import RUNGS, STAGES, STEPS, folder_name
from workshop.base.problems import CommandFailed
from workshop.base.road import Road, in_between, road
from workshop.maintaining import frame
from workshop.maintaining.site import colours, moves
from workshop.maintaining.site.moves import NOTHING, Piece
from workshop.maintaining.site.notes import notes
from workshop.walk import bets
from workshop.walk.changes import changes

PAGE = Path(__file__).parent / "road_page"
GONE = -1
Versions = dict[str, int]  # of a file: the number of each version, by git's name for its content


@dataclass(frozen=True)
class Way:
    """The commits from before/ on, oldest first, and the number of each stage's among them."""

    git: Git
    commits: Sequence[str]
    stages: Mapping[str, int]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The commits that can be compared: any two stages, and each commit with the one before it."""
        return sorted({*combinations(sorted(set(self.stages.values())), 2), *pairwise(range(len(self.commits)))})


def way(laid: Road) -> Way:
    """The whole way. Raises CommandFailed where it does not lead to after/."""
    tags = laid.tags()
    if "after" not in tags:
        raise CommandFailed("The steps that are here do not lead to after/: git status says what has changed.")
    commits = [tags["before"]]
    for name in STAGES[1:-1]:
        commits += in_between(laid.git, name)
    return Way(laid.git, commits, {name: commits.index(tags[name]) for name in STAGES})


def write(folder: Path, root: Path = ROOT) -> None:
    """Writes the Road into an empty folder. Raises CommandFailed."""
    walked = way(road(root))
    frame.write(folder, PAGE, title="The Road", skip="Skip to the code", skip_to="code")
    files: dict[str, Versions] = {}
    commits = list(_commits(walked, files))
    numbers = {path: number for number, path in enumerate(files)}
    for path, versions in files.items():
        texts = [walked.git.raw("cat-file", "blob", name).decode("utf-8", "replace") for name in versions]
        frame.data(folder, f"f{numbers[path]}", _file(path, texts))
    for old, new in walked.pairs:
        frame.data(folder, f"p{old}-{new}", list(_pair(walked, old, new, numbers)))
    frame.data(folder, "notes", [asdict(note) for note in notes(root)])
    stages = [_stage(name, walked, root) for name in STAGES[:-1]]
    index = {"paths": [*files], "commits": commits, "stages": stages, "alias": {"after": STAGES[-2]}}
    frame.data(folder, "index", index)


def _stage(name: str, walked: Way, root: Path) -> dict[str, object]:
    number = STAGES.index(name)
    question = bets.of_step(str(number), root)
    bet = {"asked": question.asked, "here": list(question.here), "changed": dict(question.changed)}
    return {
        "name": name,
        "commit": walked.stages[name],
        "title": STEPS[number - 1].replace("-", " ") if number else "the server as it grew",
        "rung": RUNGS.get(number, ""),
        "page": f"../steps/{folder_name(number)}/README.html",
        "bet": bet if number else None,
    }


def _commits(walked: Way, files: dict[str, Versions]) -> Iterator[dict[str, object]]:
    """Each commit with its subject and the files that it changes, as the numbers of a file and of its version."""
    numbers: dict[str, int] = {}
    before: dict[str, str] = {}
    for commit in walked.commits:
        now = _tree(walked.git, commit)
        changed = {}
        for path in sorted({path for path, _ in before.items() ^ now.items()}):
            number = numbers.setdefault(path, len(numbers))
            versions = files.setdefault(path, {})
            changed[number] = versions.setdefault(now[path], len(versions)) if path in now else GONE
        before = now
        yield {"id": commit[:10], "subject": walked.git("log", "-1", "--format=%s", commit), "files": changed}


def _tree(git: Git, commit: str) -> dict[str, str]:
    """The files of a commit, with git's name for what is in them."""
    lines = [line.split(None, 3) for line in git("ls-tree", "-r", commit).splitlines()]
    return {path: name for _, _, name, path in lines}


def _file(path: str, texts: Sequence[str]) -> dict[str, object]:
    """A file's distinct lines, and each version as runs of them: first, how many, first, how many, …"""
    numbers: dict[str, int] = {}
    versions = []
    for text in texts:
        runs: list[int] = []
        for line in colours.lines(path, text):
            number = numbers.setdefault(line, len(numbers))
            if runs and runs[-2] + runs[-1] == number:
                runs[-1] += 1
            else:
                runs += [number, 1]
        versions.append(runs)
    return {"lines": [*numbers], "versions": versions}


def _pair(walked: Way, old: int, new: int, numbers: Mapping[str, int]) -> Iterator[dict[str, object]]:
    """What differs between two commits: each file with its hunks and the pieces that have only moved.

    A file is its number. What is left out is empty, and `old` is then the file itself: this is most of the Road's size.
    """
    ends = walked.commits[old], walked.commits[new]
    compared = moves.diff(walked.git, *ends)
    hunks = {file.new if file.new != NOTHING else file.old: file.hunks for file in compared}
    moved = moves.pieces(compared)
    for change in changes(walked.git, *ends):
        parts: dict[str, object] = {
            "old": numbers[change.old] if change.old != change.path else 0,
            "added": change.added,
            "removed": change.removed,
            "hunks": hunks.get(change.path, []),
            "from": _listed(moved.get((change.path, "+"), []), numbers),
            "to": _listed(moved.get((change.old, "-"), []), numbers),
        }
        always = {"kind": change.kind.value, "path": numbers[change.path]}
        yield always | {name: value for name, value in parts.items() if value}


def _listed(pieces: Sequence[Piece], numbers: Mapping[str, int]) -> list[list[int]]:
    """Each piece as first, count, and the number of the file and the line of its other place: -1 where it has none."""
    return [[piece.first, piece.count, numbers.get(piece.file, GONE), piece.line] for piece in pieces]
