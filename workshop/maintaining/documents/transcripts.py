"""Commands that a page shows with their output: each is run, and its output is compared.

A block of commands is below a comment that names the stage of walk/ and the changes made there:

    <!-- run: step-05 rename.patch -->
    ```
    $ (cd walk && ../.venv/bin/python manage.py check)
    System check identified no issues (0 silenced).
    ```

Every block starts in the repository's folder, like a new terminal there. It runs in a copy, so it may change any file.
The patches are in `tries/` below the page's folder, and apply in `walk/`. `here` instead of a stage needs no walk/.
`needs: postgres` at the end skips the block if no PostgreSQL answers.

A line that is `…` matches any number of lines, and `…` inside a line matches any text. An event's or a delivery's id,
and a time in seconds in parentheses, may differ each time.
"""

import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workshop import ROOT
from workshop.base.calls import output_of
from workshop.base.counting import counted
from workshop.base.git import Git
from workshop.base.names import stage_name
from workshop.base.problems import CommandFailed, Problem
from workshop.harness.testing import why_no_postgres
from workshop.maintaining.documents.excerpts import block_below
from workshop.walk.walk import Walk

MARK = re.compile(r"<!--\s*run:")
COMMENT = re.compile(r"<!-- run: (?P<stage>\S+)(?P<patches>(?: \S+\.patch)*)(?: needs: (?P<needs>postgres))? -->")
PAGES = ("README.md", "CONTRIBUTING.md", "docs/**/*.md", "steps/**/*.md", "exercises/*/*.md", "solutions/*/*.md")
TRIES = "tries"
PROMPT = "$ "
GAP = "…"
HERE = "here"
SECONDS_FOR_A_COMMAND = 300
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
        self.root, self.folder = root, folder
        if not folder.exists():
            self._fill()
        self.walk = Walk(folder, folder / "walk")

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
            file = self.folder / transcript.page.parent / TRIES / patch
            if not file.exists():
                raise CommandFailed(f"there is no {file.relative_to(self.folder)}")
            git_apply = git.command("apply", "--whitespace=nowarn", str(file))
            output_of(git_apply, f"{patch} does not apply at {name}", git.folder, git.environment())

    def shell(self) -> "Shell":
        return Shell(self.folder)

    def _fill(self) -> None:
        """Copies the repository's files in their present state, and uses its environment."""
        listed = Git(self.root).raw("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        for name in filter(None, listed.decode().split("\0")):
            source, target = self.root / name, self.folder / name
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        (self.folder / ".venv").symlink_to(self.root / ".venv")
        cache = self.root / "var" / "stages"
        if cache.is_dir():
            shutil.copytree(cache, self.folder / "var" / "stages", symlinks=True)


class Shell:
    """A shell in the repository's folder, without the reader's own variables."""

    def __init__(self, folder: Path) -> None:
        kept = {
            name: os.environ[name]
            for name in ("PATH", "HOME", "LANG", "TMPDIR", "TEST_POSTGRES_URL")
            if name in os.environ
        }
        self._end = f"end-of-answer-{os.urandom(8).hex()}"
        self._process = subprocess.Popen(
            ["sh"],
            cwd=folder,
            env=kept | {"NO_COLOR": "1", "COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1", "TERM": "dumb"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def answer(self, command: str) -> tuple[list[str], int]:
        """A command's output, line by line, and its exit code. Raises CommandFailed if it does not end."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{command}\nprintf '\\n%s %s\\n' {self._end} $?\n".encode())
        self._process.stdin.flush()
        deadline, said = time.monotonic() + SECONDS_FOR_A_COMMAND, b""
        ended = re.compile(rb"\n" + self._end.encode() + rb" (\d+)\n")
        while not (found := ended.search(said)):
            ready, _, _ = select.select([self._process.stdout], [], [], max(deadline - time.monotonic(), 0))
            if not ready:
                raise CommandFailed(f"did not end in {SECONDS_FOR_A_COMMAND} seconds")
            chunk = os.read(self._process.stdout.fileno(), 65536)
            if not chunk:
                raise CommandFailed("ended the shell")
            said += chunk
        text = said[: found.start()].decode(errors="replace")
        return [line.rstrip() for line in text.splitlines()], int(found[1])

    def close(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()


def pages(root: Path = ROOT) -> list[Path]:
    """The documents that may show commands, as paths in the repository."""
    return sorted({path.relative_to(root) for pattern in PAGES for path in root.glob(pattern)})


def read(page: Path, text: str) -> Iterator[Transcript | Problem]:
    """The blocks of commands of a page, and a problem for each block whose marker is missing or wrong."""
    lines = text.splitlines()
    fenced = ""
    mark: tuple[int, str] | None = None
    for at, line in enumerate(lines):
        ticks = re.match(r"`{3,}", line)
        if fenced:
            if ticks and line.startswith(fenced) and line.strip("`") == "":
                fenced = ""
            continue
        if ticks:
            fenced = ticks[0]
            block = block_below(lines, at) if fenced == "```" else None  # a longer fence shows what a page may contain
            if block is None:
                continue
            commands = _commands(block[0], block[1])
            if mark is not None:
                yield _transcript(page, mark, commands)
            elif commands:
                yield Problem(page, at + 1, "a block with commands needs <!-- run: STAGE PATCH… --> above it")
            mark = None
        elif MARK.match(line.strip()):
            mark = at + 1, line.strip()
        elif line.strip():
            if mark is not None:
                yield Problem(page, mark[0], "no block of commands follows this comment")
            mark = None


def transcripts(root: Path = ROOT) -> list[Transcript]:
    """Every block of commands of every page. Raises CommandFailed if a block has no valid marker."""
    found = [block for page in pages(root) for block in read(page, (root / page).read_text(encoding="utf-8"))]
    for block in found:
        if isinstance(block, Problem):
            raise CommandFailed(str(block))
    return [block for block in found if isinstance(block, Transcript)]


def marked(root: Path = ROOT) -> Iterator[Problem]:
    """A problem for each block of commands without a valid marker."""
    for page in pages(root):
        for block in read(page, (root / page).read_text(encoding="utf-8")):
            if isinstance(block, Problem):
                yield block


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


def differences(transcript: Transcript, playground: Playground) -> Iterator[Problem]:
    """Runs the block; a problem for each command whose output differs from the page."""
    return (line for line in play(transcript, playground) if isinstance(line, Problem))


def play(
    transcript: Transcript, playground: Playground, root: Path = ROOT, *, write: bool = False
) -> Iterator[str | Problem]:
    """Runs the block; a problem for each command whose output differs from the page.

    With `write`, lines that differ only in digits are first updated in the page; yields those lines, too.
    """
    file = root / transcript.page
    lines = file.read_text(encoding="utf-8").splitlines() if write else []
    for command, answer, code in _run(transcript, playground):
        printed = list(command.answer)
        if write and not isinstance(answer, str) and not matches(printed, answer):
            first = command.line + command.text.count("\n")
            for offset, line in enumerate(printed):
                same = {_plain(each) for each in answer if _shape(each) == _shape(line)}
                if len(same) == 1 and (now := same.pop()) != line:
                    lines[first + offset] = printed[offset] = now
                    yield f"{transcript.page.as_posix()}:{first + offset + 1}: {now}"
        said = _wrong(printed, answer, code)
        if said:
            yield Problem(transcript.page, command.line, f"`{_short(command)}` {said}")
    if write:
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _wrong(printed: Sequence[str], answer: list[str] | str, code: int) -> str:
    """The difference between an output and the page, in words; empty if they are the same."""
    if isinstance(answer, str):
        return answer
    if not printed and code:
        return f"ended with {code}: {' / '.join(answer[-3:])}"
    if matches(printed, answer):
        return ""
    return "answers otherwise:\n" + ("\n".join(f"      {line}" for line in answer[-40:]) or "      (nothing)")


def matches(printed: Sequence[str], answer: Sequence[str]) -> bool:
    """Whether an output matches the page, with `…` for the parts that the page leaves out."""
    wanted = [_pattern(line) for line in printed]
    return re.fullmatch("".join(wanted), "".join(f"{_plain(line)}\n" for line in _trimmed(answer))) is not None


def _run(transcript: Transcript, playground: Playground) -> Iterator[tuple[Command, list[str] | str, int]]:
    try:
        playground.stand(transcript)
    except CommandFailed as problem:
        yield replace(transcript.commands[0], line=transcript.line), f"cannot start: {problem}", 1
        return
    shell = playground.shell()
    try:
        for command in transcript.commands:
            try:
                answer, code = shell.answer(command.text)
            except CommandFailed as problem:
                yield command, str(problem), 1
                return
            yield command, answer, code
    finally:
        shell.close()


def _transcript(page: Path, mark: tuple[int, str], commands: Sequence[Command]) -> Transcript | Problem:
    line, comment = mark
    named = COMMENT.fullmatch(comment)
    if not named:
        return Problem(page, line, f"write it as <!-- run: STAGE PATCH… needs: postgres -->, not {comment}")
    if not commands:
        return Problem(page, line, "the block below has no line that begins with `$ `")
    patches = tuple(named["patches"].split())
    return Transcript(page, line, named["stage"], patches, tuple(commands), named["needs"] or "")


def _commands(block: Sequence[str], first: int) -> list[Command]:
    """The commands of a block and the output below each; `first` is the number of the block's first line."""
    found: list[Command] = []
    at = 0
    while at < len(block):
        if not block[at].startswith(PROMPT):
            at += 1
            continue
        begun, text = at, block[at].removeprefix(PROMPT)
        at += 1
        while at < len(block) and _is_open(text):
            text += "\n" + block[at]
            at += 1
        answer = []
        while at < len(block) and not block[at].startswith(PROMPT):
            answer.append(block[at].rstrip())
            at += 1
        found.append(Command(first + begun, text, tuple(answer)))
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


def _trimmed(lines: Sequence[str]) -> list[str]:
    text = list(lines)
    while text and not text[-1]:
        text.pop()
    while text and not text[0]:
        text.pop(0)
    return text


def _shape(line: str) -> str:
    return re.sub(r"\d[\d,.]*", "0", _plain(line))


def _short(command: Command) -> str:
    first = command.text.splitlines()[0]
    return first if len(first) <= 80 else first[:79] + "…"


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {"every command of a page has a marker": marked}
