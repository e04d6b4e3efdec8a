"""The text that a learner reads: plain lines without boxes, so it works in a pipe and in a screen reader."""

import os
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich.console import Console
from rich.text import Text

from workshop.exercises.catalogue import Exercise, Light
from workshop.exercises.judge import Result, Verdict
from workshop.exercises.progress import Progress

WIDEST = 100
CHECKING = "Checking ..."


class Screen:
    """Writes to a console, wrapped to its width."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    @property
    def width(self) -> int:
        return min(self.console.width, WIDEST)

    def say(self, text: str = "", style: str = "") -> None:
        """A paragraph."""
        wrapped = textwrap.fill(text, self.width, break_long_words=False, break_on_hyphens=False)
        self._line(wrapped, style)

    def show(self, text: str) -> None:
        """Text with its own line breaks: prose is wrapped line by line, code is unchanged."""
        for line in text.splitlines():
            if len(line) > self.width and not line.startswith(" "):
                self.say(line)
            else:
                self._line(line, "")

    def lines(self, lines: Iterable[str]) -> None:
        """Lines for a program that reads the output: they are never wrapped."""
        for line in lines:
            self._line(line, "")

    @contextmanager
    def checking(self) -> Iterator[None]:
        """In a terminal, shows that a check is running, until it ends. In a pipe it shows nothing."""
        stream = self.console.file
        if not stream.isatty():
            yield
            return
        stream.write(CHECKING)
        stream.flush()
        try:
            yield
        finally:
            stream.write("\r" + " " * len(CHECKING) + "\r")
            stream.flush()

    @contextmanager
    def paged(self) -> Iterator[None]:
        """In a terminal, the output inside this context goes through the reader's pager, if there is one."""
        if not self.console.file.isatty():
            yield
            return
        with self.console.capture() as captured:
            yield
        os.environ.setdefault("LESS", "FRX")  # texts that fit into the window are printed without a pager
        click.echo_via_pager(captured.get().rstrip("\n"), color=True)  # NO_COLOR has already removed the colours

    def title(self, exercise: Exercise) -> None:
        """The title of the exercise, and where to begin."""
        self.say()
        what = f"Exercise {exercise.number}" if exercise.dealt_after is None else "A request has come in"
        self.say(f"{what}: {exercise.title} ({exercise.minutes} minutes, {exercise.need.value})", "bold")
        self.say("Read work/README.md, then edit in work/ and save.")

    def verdict(self, verdict: Verdict) -> None:
        """The two lights, and the first thing to fix."""
        self.say()
        for light in Light:
            self._light(light, verdict.light(light))
        if verdict.red:
            self.failure(verdict.red[0])
        else:
            self.say()
            self.say("Both lights are green.", "bold green")

    def failure(self, result: Result) -> None:
        """One red check, in the learner's words, with the place."""
        self.say()
        self.say(f"First to fix: {result.check.id}", "bold")
        self.say(result.message())
        place = result.findings[0].place
        if place and place not in result.message():
            self.say(f"See {place}")

    def _light(self, light: Light, results: Sequence[Result]) -> None:
        if not results:
            return
        green = sum(result.is_green for result in results)
        unmade = sum(result.broken for result in results)
        shown = ("green", "bold green") if green == len(results) else ("RED  ", "bold red")
        count = f"  {green} of {len(results)} checks hold" + (f", {unmade} could not run" if unmade else "")
        self.console.print(Text.assemble(f"{light.value:<13}", shown, count))

    def listing(self, exercises: Sequence[Exercise], progress: Progress) -> None:
        """Every exercise with its state in a word; a word marks the current exercise."""
        for exercise in exercises:
            state = progress.state(exercise)
            if exercise.dealt_after is not None and state == "open" and exercise.name != progress.current:
                continue  # it comes unannounced
            here = ", current" if exercise.name == progress.current else ""
            facts = f"{exercise.minutes} minutes, {exercise.need.value}, {state}{here}"
            self.say(f"{exercise.number:>2}  {exercise.title}: {facts}", "bold" if here else "")

    def diff(self, lines: Iterable[str]) -> None:
        """A unified diff, coloured if the terminal has colours; + and - say the same."""
        styles = {"+": "green", "-": "red", "@": "cyan"}
        for line in lines:
            self._line(line, styles.get(line[:1], ""))

    def _line(self, line: str, style: str) -> None:
        self.console.print(Text(line, style), soft_wrap=True)
