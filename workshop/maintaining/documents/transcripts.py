"""Commands that a page shows with their output: each is run, and its output is compared.

A block of commands is below a comment that names the stage of walk/ and the changes made there:

    <!-- run: step-05 rename.patch -->
    ```
    $ (cd walk && ../.venv/bin/python manage.py check)
    System check identified no issues (0 silenced).
    ```

Every command starts in the repository's folder, like in a new terminal there. It runs in a copy, so it may change any
file, and the next command of the block finds the change.
The patches are in `tries/` below the page's folder, and apply in `walk/`. `here` instead of a stage needs no walk/.
`needs: postgres` at the end skips the block if no PostgreSQL answers.

A line that is `…` matches any number of lines, and `…` inside a line matches any text. An event's or a delivery's id,
and a time in seconds in parentheses, may differ each time.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from workshop import ROOT
from workshop.base.counting import counted
from workshop.base.files import tracked
from workshop.base.names import stage_name
from workshop.base.problems import CommandFailed, Problem
from workshop.base.road import CACHE
from workshop.harness.testing import why_no_postgres
from workshop.maintaining.documents.markdown import Block, Page, pages
from workshop.walk.walk import Walk

COMMENT = re.compile(r"<!-- run: (?P<stage>\S+)(?P<patches>(?: \S+\.patch)*)(?: needs: (?P<needs>postgres))? -->")
TRIES = "tries"
PROMPT = "$ "
GAP = "…"
HERE = "here"
SECONDS_FOR_A_COMMAND = 300
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "TEST_POSTGRES_URL")
SHELL = {"NO_COLOR": "1", "COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1", "TERM": "dumb"}
VARIES = (
    (re.compile(r"\b(evt|dlv)_[0-9A-HJKMNP-TV-Z]{26}\b"), r"\1_ID"),
    (re.compile(r"\(\d+(?:\.\d+)? s\)"), "(N s)"),
)
PROGRESS = re.compile(r" +\[ *\d+%\]$")
# The padding and the time in pytest's last line, which no page shows.
PYTEST_END = re.compile(
    r"^=* ?(\d+ (?:passed|failed|skipped|deselected|error)\b.*?)(?: in [\d.]+s(?: \([\d:]+\))?)? ?=*$"
)


@dataclass(frozen=True)
class Command:
    """A command of a page and the output below it. `line` is the line of the command, counted from 1."""

    line: int
    text: str
    answer: Sequence[str]

    @property
    def name(self) -> str:
        first = self.text.splitlines()[0]
        return first if len(first) <= 80 else first[:79] + "…"


@dataclass(frozen=True)
class Transcript:
    """A block of commands. `stage` is the stage of walk/, or `here`; `patches` are the changes made there."""

    page: Path
    line: int
    stage: str
    patches: Sequence[str]
    commands: Sequence[Command]
    needs: str = ""

    @property
    def name(self) -> str:
        return f"{self.page.parent.name}/{self.page.stem}:{self.line}"


class Playground:
    """A copy of the repository in which a page's commands run, with a walk/ of its own."""

    def __init__(self, folder: Path, root: Path = ROOT) -> None:
        self.folder = folder
        self.walk = Walk(folder, folder / "walk")
        if not folder.exists():
            self._fill(root)

    def stand(self, transcript: Transcript) -> None:
        """Puts walk/ at the block's stage, with its patches. Raises CommandFailed if a patch does not apply."""
        if transcript.stage == HERE:
            return
        name = stage_name(transcript.stage)
        if not self.walk.is_laid_out:
            self.walk.lay_out()
        git = self.walk.git
        git("reset", "--quiet", "--hard", f"refs/tags/{name}")
        git("clean", "-fdxq")
        self.walk.go(name)
        for patch in transcript.patches:
            git("apply", "--whitespace=nowarn", str(self.folder / transcript.page.parent / TRIES / patch))

    def _fill(self, root: Path) -> None:
        """Copies the repository's files in their present state, and uses its environment."""
        for name in tracked(root):
            if (root / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, self.folder / name)
        (self.folder / ".venv").symlink_to(root / ".venv")
        cache = root / CACHE
        if cache.is_dir():
            shutil.copytree(cache, self.folder / CACHE, symlinks=True)


def answer(command: str, folder: Path) -> tuple[list[str], int]:
    """A command's output, line by line, and its exit code, in a shell without the reader's own variables.

    Raises CommandFailed if it does not end. Processes that it has started end with it.
    """
    ours = {name: os.environ[name] for name in KEPT if name in os.environ} | SHELL
    with subprocess.Popen(
        ["sh", "-c", command],
        cwd=folder,
        env=ours,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as shell:
        try:
            said, _ = shell.communicate(timeout=SECONDS_FOR_A_COMMAND)
        except subprocess.TimeoutExpired:
            raise CommandFailed(f"did not end in {SECONDS_FOR_A_COMMAND} seconds") from None
        finally:
            with suppress(ProcessLookupError, PermissionError):  # macOS refuses a group whose processes have ended
                os.killpg(shell.pid, signal.SIGKILL)
    return [line.rstrip() for line in said.decode(errors="replace").splitlines()], shell.returncode


def read(page: Path, text: str) -> Iterator[Transcript | Problem]:
    """The blocks of commands of a page, and a problem for each block whose marker is missing or wrong."""
    shown = Page(text)
    unmarked = dict(shown.blocks)
    for line, comment, block in shown.marked("run"):
        named, commands = COMMENT.fullmatch(comment), []
        if block:
            del unmarked[block.first - 1]
            commands = _commands(block)
        if not block:
            yield Problem(page, line, "no block of commands follows this comment")
        elif not named:
            yield Problem(page, line, f"write it as <!-- run: STAGE PATCH… needs: postgres -->, not {comment}")
        elif not commands:
            yield Problem(page, line, "the block below has no line that begins with `$ `")
        else:
            yield Transcript(page, line, named["stage"], named["patches"].split(), commands, named["needs"] or "")
    for at, block in unmarked.items():
        if block.fence == "```" and _commands(block):  # a longer fence shows what a page may contain
            yield Problem(page, at, "a block with commands needs <!-- run: STAGE PATCH… --> above it")


def transcripts(root: Path = ROOT) -> list[Transcript]:
    """Every block of commands of every page. Raises CommandFailed if a block has no valid marker."""
    for problem in marked(root):
        raise CommandFailed(str(problem))
    return [block for block in _read_all(root) if isinstance(block, Transcript)]


def marked(root: Path = ROOT) -> Iterator[Problem]:
    """A problem for each block of commands without a valid marker."""
    return (block for block in _read_all(root) if isinstance(block, Problem))


def _read_all(root: Path) -> Iterator[Transcript | Problem]:
    for page in pages(root):
        yield from read(page, (root / page).read_text(encoding="utf-8"))


def play_all(chosen: Sequence[Transcript], *, write: bool = False) -> Iterator[str | Problem]:
    """Runs blocks in one copy of the repository; yields a line for each, after it its problems or the lines rewritten."""
    with tempfile.TemporaryDirectory(prefix="workshop-") as folder:
        for transcript in chosen:
            playground = Playground(Path(folder) / "workshop")  # filled for the first block
            if transcript.needs and (reason := why_no_postgres()):
                yield f"{transcript.name}: not run, no PostgreSQL: {reason}"
                continue
            found = list(play(transcript, playground, write=write))
            count = sum(isinstance(each, Problem) for each in found)
            yield f"{transcript.name}: {counted(count, 'problem') if count else 'ok'}"
            yield from (each if isinstance(each, Problem) else f"  {each}" for each in found)


def play(
    transcript: Transcript, playground: Playground, root: Path = ROOT, *, write: bool = False
) -> Iterator[str | Problem]:
    """Runs the block; a problem for each command whose output differs from the page.

    With `write`, lines that differ only in digits are first updated in the page; yields those lines, too.
    """
    try:
        playground.stand(transcript)
    except CommandFailed as problem:
        yield Problem(transcript.page, transcript.line, f"cannot start: {problem}")
        return
    file = root / transcript.page
    for command in transcript.commands:
        try:
            said, code = answer(command.text, playground.folder)
        except CommandFailed as problem:
            yield Problem(transcript.page, command.line, f"`{command.name}` {problem}")
            return
        printed = command.answer
        if write and not matches(printed, said):
            printed = _renumbered(command.answer, said)
            lines, first = file.read_text(encoding="utf-8").splitlines(), command.line + command.text.count("\n")
            lines[first : first + len(printed)] = printed
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")
            changed = (at for at, line in enumerate(command.answer) if line != printed[at])
            yield from (f"{transcript.page.as_posix()}:{first + at + 1}: {printed[at]}" for at in changed)
        wrong = ""
        if not printed and code:
            wrong = f"ended with {code}: {' / '.join(said[-3:])}"
        elif not matches(printed, said):
            wrong = "answers otherwise:\n" + ("\n".join(f"      {line}" for line in said[-40:]) or "      (nothing)")
        if wrong:
            yield Problem(transcript.page, command.line, f"`{command.name}` {wrong}")


def matches(printed: Sequence[str], said: Sequence[str]) -> bool:
    """Whether an output matches the page, with `…` for the parts that the page leaves out."""
    text = "\n".join(map(_plain, said)).strip("\n")
    return re.fullmatch("".join(map(_pattern, printed)), f"{text}\n" if text else "") is not None


def _renumbered(printed: Sequence[str], said: Sequence[str]) -> list[str]:
    """The printed lines with the numbers of an output. A line without numbers of its own in the output stays."""
    found = []
    for line in printed:
        same = {_plain(other) for other in said if _shape(other) == _shape(line)}
        found.append(same.pop() if len(same) == 1 else line)
    return found


def _commands(block: Block) -> list[Command]:
    """The commands of a block and the output below each."""
    found: list[Command] = []
    for number, line in enumerate(block.lines, start=block.first):
        if found and not found[-1].answer and _is_open(found[-1].text):
            found[-1] = replace(found[-1], text=f"{found[-1].text}\n{line}")
        elif line.startswith(PROMPT):
            found.append(Command(number, line.removeprefix(PROMPT), []))
        elif found:
            found[-1] = replace(found[-1], answer=[*found[-1].answer, line.rstrip()])
    return found


def _is_open(text: str) -> bool:
    """Whether a command continues on the next line: an open quotation mark, or a backslash at the end."""
    try:
        shlex.split(text, comments=False)
    except ValueError:
        return True
    return text.endswith("\\")


def _pattern(line: str) -> str:
    if line.strip() == GAP:
        return r"(?:[^\n]*\n)*?"
    return ".*?".join(re.escape(part) for part in _plain(line).split(GAP)) + "\n"


def _plain(line: str) -> str:
    """A line without the parts that differ each time."""
    line = PROGRESS.sub("", line)
    if ended := PYTEST_END.match(line):
        line = ended[1]
    for varying, name in VARIES:
        line = varying.sub(name, line)
    return line


def _shape(line: str) -> str:
    return re.sub(r"\d[\d,.]*", "0", _plain(line))


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {"every command of a page has a marker": marked}
