"""Proves that an exercise works as described: `./ws dev check`. Each problem is one line that says what to fix.

`form` reads only the files; `behaviour` judges start, solution, alternatives and wrong solutions.
"""

import tempfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from workshop.base import leftovers
from workshop.base.counting import counted
from workshop.base.problems import CommandFailed
from workshop.exercises import hints, jobs, trees
from workshop.exercises.catalogue import HINT_LEVELS, Exercise, Light
from workshop.exercises.judge import Judge, Verdict
from workshop.maintaining.exercises import readme

MOST_MINUTES, LEAST_MINUTES = 25, 10
MOST_READ_FIRST, MOST_READ = 120, 250
MOST_FILES_EDITED, MOST_LINES_EDITED = 3, 80
FEWEST_WRONG = 3
MOST_HUNK_LINES = 16
SHORTEST_TELLING_LINE = 16  # characters; a shorter line could be in any solution
STRUCTURE = ("class ", "def ", "@", "import ", "from ", "#", '"""')  # lines that a skeleton may share with the solution
PARTS = {"README.md", "exercise.toml", "questions.toml", "start", "checks", "wrong"}
OF_THE_TEMPLATE = "WRITE:"
NOT_READ = ("migrations/", "manage.py")
SECONDS_A_JOB = 60  # a learner waits ten; here the machine may be busy with other tests


def form(exercise: Exercise) -> Iterator[str]:
    """The problems that show without running any code."""
    yield from readme.problems(exercise)
    yield from _files(exercise)
    yield from _limits(exercise)
    yield from _hints(exercise)
    yield from _template(exercise)


def behaviour(exercise: Exercise, judge: Judge) -> Iterator[str]:
    """The problems with the lights: on the start, the solutions, and the wrong solutions."""
    defined = set(jobs.checkers(exercise.folder)) if exercise.of_light(Light.ARCHITECTURE) else set()
    listed = {check.id for check in exercise.of_light(Light.ARCHITECTURE)}
    for name in sorted(defined ^ listed):
        yield f"checks/architecture.py and exercise.toml differ: {name} is in one of them only"
    expected = frozenset(check.id for check in exercise.checks if check.red_at_start)
    if not expected:
        yield "no check is red at the start, so there is nothing to do"
    yield from _judged(exercise, judge, "start", None, expected)
    yield from _judged(exercise, judge, "the solution", exercise.solution, frozenset())
    for alternative in exercise.alternatives:
        yield from _judged(exercise, judge, f"alternative {alternative.name}", alternative, frozenset())
    for wrong in exercise.wrong:
        overlay = exercise.folder / "wrong" / wrong.name
        yield from _judged(exercise, judge, f"wrong/{wrong.name}", overlay, wrong.red, wrong.refused_by)


def _judged(
    exercise: Exercise,
    judge: Judge,
    what: str,
    overlay: Path | None,
    expected: frozenset[str],
    first: str | None = None,
) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="exercise-") as scratch:
        project = Path(scratch)
        try:
            trees.lay(project, exercise.start, overlay)
        except FileNotFoundError as missing:
            yield f"{what}: {Path(str(missing.filename)).name} is to be removed and not there"
            return
        before = trees.contents(project)
        verdict = judge.judge(exercise, project)
        yield from (f"{what}: {problem}" for problem in _of_verdict(verdict, expected, first))
        if trees.contents(project) != before:
            yield f"{what}: the checks change the folder that they look at"


def _of_verdict(verdict: Verdict, expected: frozenset[str], first: str | None) -> Iterator[str]:
    red = {result.check.id: result for result in verdict.red}
    for result in red.values():
        if result.broken:
            yield f"{result.check.id} could not run: {result.message()}"
        elif result.check.id not in expected:
            yield f"{result.check.id} must be green and is red: {result.message()}"
    for missing in sorted(expected - set(red)):
        yield f"{missing} must be red and is green"
    if first and red and next(iter(red)) != first:
        yield f"the first red check must be {first}, which refuses it, and is {next(iter(red))}"


def _files(exercise: Exercise) -> Iterator[str]:
    for path in sorted(exercise.folder.iterdir()):
        if path.name not in PARTS and not leftovers.is_leftover(path.name):
            yield f"stray: {path.name}"
    if not exercise.solution.is_dir():
        yield f"solutions/{exercise.name} is missing"
    if len(exercise.wrong) < FEWEST_WRONG:
        yield f"{counted(len(exercise.wrong), 'wrong solution')}; at least {FEWEST_WRONG}, the ones people really write"
    there = {path.name for path in (exercise.folder / "wrong").glob("*") if not leftovers.is_leftover(path.name)}
    for name in sorted(there ^ {wrong.name for wrong in exercise.wrong}):
        yield f"wrong/{name} and exercise.toml differ: it is in one of them only"
    start = trees.contents(exercise.start)
    for overlay in _overlays(exercise):
        for name in trees.overlay_files(overlay):
            if start.get(name) == (overlay / name).read_bytes():
                yield f"stray: {_short(exercise, overlay)}/{name} is the same as in start/"
    for reference in [check.hints.hunk for check in exercise.checks if check.hints.hunk]:
        try:
            lines = len(hints.hunk(exercise, reference).splitlines())
            if not 1 <= lines <= MOST_HUNK_LINES:
                yield f"the hunk {reference} has {counted(lines, 'line')}; 1 to {MOST_HUNK_LINES}, or it is the whole solution"
        except CommandFailed as problem:
            yield str(problem)


def _limits(exercise: Exercise) -> Iterator[str]:
    if not LEAST_MINUTES <= exercise.minutes <= MOST_MINUTES:
        yield f"{counted(exercise.minutes, 'minute')}; an exercise takes {LEAST_MINUTES} to {MOST_MINUTES}"
    start = trees.contents(exercise.start)
    first = 0
    for reading in exercise.readings():
        lines = len(trees.text(start.get(reading.file, b"")))
        if reading.last > lines:
            yield f"reading {reading.file}:{reading.last}: start/{reading.file} has {counted(lines, 'line')}"
        first += reading.last - reading.first + 1
    if first > MOST_READ_FIRST:
        yield f"{first} lines to read first; at most {MOST_READ_FIRST}"
    read = [name for name in start if name.endswith(".py") and not any(part in name for part in NOT_READ)]
    total = sum(len(trees.text(start[name])) for name in read)
    if total > MOST_READ:
        yield f"start/ has {total} lines of Python; at most {MOST_READ}"
    for overlay in [exercise.solution, *exercise.alternatives]:
        gone = set(trees.removed(overlay))
        after = {name: data for name, data in start.items() if name not in gone}
        after |= {name: (overlay / name).read_bytes() for name in trees.overlay_files(overlay)}
        change = trees.change(start, {name: data for name, data in after.items() if name not in exercise.bonus})
        where = _short(exercise, overlay)
        if len(change.files) > MOST_FILES_EDITED:
            yield f"{where} edits {len(change.files)} files; at most {MOST_FILES_EDITED}"
        if change.lines > MOST_LINES_EDITED:
            yield f"{where} writes {change.lines} lines; at most {MOST_LINES_EDITED}"
        for name in change.files:
            if not any(fnmatch(name, pattern) for pattern in exercise.edit):
                yield f"{where} edits {name}, which `edit` does not allow"


def _hints(exercise: Exercise) -> Iterator[str]:
    telling = sorted(_telling_lines(exercise))
    for check in exercise.checks:
        below = [(level, text) for level, text in zip(HINT_LEVELS, check.hints.texts, strict=False) if level != "hunk"]
        for level, text in [("message", check.message), *below]:
            for line in [line for line in telling if line in _squeeze(text)]:
                yield f"{check.id}: {level} gives a line of the solution away: {line}"


def _telling_lines(exercise: Exercise) -> set[str]:
    """The solution's own lines, without white space: not in start/, long enough, and not structure alone."""
    solution = {name: (exercise.solution / name).read_bytes() for name in trees.overlay_files(exercise.solution)}
    known, lines = (
        {_squeeze(line) for data in files.values() for line in trees.text(data)}
        for files in (trees.contents(exercise.start), solution)
    )
    return {line for line in lines - known if len(line) >= SHORTEST_TELLING_LINE and not line.startswith(STRUCTURE)}


def _template(exercise: Exercise) -> Iterator[str]:
    for folder, label in ((exercise.folder, "exercises"), (exercise.solution, "solutions")):
        for name, data in trees.contents(folder).items():
            for number, line in enumerate(trees.text(data), start=1):
                if OF_THE_TEMPLATE in line:
                    yield f"{label}/{exercise.name}/{name}:{number} is still to write"


def _overlays(exercise: Exercise) -> list[Path]:
    wrong = [exercise.folder / "wrong" / wrong.name for wrong in exercise.wrong]
    return [path for path in (exercise.solution, *exercise.alternatives, *wrong) if path.is_dir()]


def _short(exercise: Exercise, path: Path) -> str:
    return path.relative_to(exercise.root).as_posix()


def _squeeze(line: str) -> str:
    return " ".join(line.split())
