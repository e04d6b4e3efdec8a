"""The loop: watches work/, answers each save with the two lights, and listens to single keys."""

import os
import re
import select
import signal
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from workshop.base.problems import CommandFailed
from workshop.exercises import trees
from workshop.exercises.catalogue import Exercise
from workshop.exercises.judge import Judge, Verdict
from workshop.exercises.session import Session

SECONDS_BETWEEN_LOOKS = 0.15
SECONDS_TO_SETTLE = 2  # what never stops changing is judged all the same
SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Z])?")  # what an arrow or a function key sends
KEYS = "Keys: h hint, n next, c check again, l list, q quit."


def watch(session: Session) -> None:
    """Runs until the learner quits. Needs a terminal."""
    with Judge() as judge, _single_keys():
        Loop(session, judge).run()


class Loop:
    """The state between two keys: what was judged last, and whether `n` has been asked once already."""

    def __init__(self, session: Session, judge: Judge) -> None:
        self.session = session
        self.judge = judge
        self.exercise = session.resume()
        self.verdict: Verdict | None = None
        self.has_asked = False
        self.seen = signature(session.work.folder)

    def run(self) -> None:
        self.session.screen.title(self.exercise)
        self.look()
        while True:
            keys = _keys(SECONDS_BETWEEN_LOOKS)
            try:
                if signature(self.session.work.folder) != self.seen:
                    self._wait_until_settled()
                    self._follow_another_terminal()
                    self.look()
                for key in keys:
                    if key == "q":
                        return
                    before = self.exercise
                    self.press(key)
                    if self.exercise.name != before.name:
                        break  # a finger that rests on n does not run through all exercises
            except CommandFailed as problem:
                self.session.screen.say(str(problem))
                self._follow_another_terminal()

    def look(self, *, forgets_keys: bool = False) -> None:
        """Judges and shows. What is saved from here on is new: the next look is for that.

        Keys that were pressed meanwhile are forgotten, where so wished, before the line that asks for one.
        """
        self.seen = signature(self.session.work.folder)
        self.has_asked = False
        self.verdict = self.session.check(self.judge, self.exercise)
        if forgets_keys:
            _forget_keys()
        self.session.screen.verdict(self.verdict)
        self.session.screen.say()
        ready = "n compares yours with the solution. " if self.verdict.is_green else ""
        self.session.screen.say(f"{ready}{KEYS} ({self.verdict.seconds:.1f} s)", "dim")

    def press(self, key: str) -> None:
        """What one key does. Other keys do nothing."""
        if key == "h" and self.verdict:
            self.session.hint(self.exercise, self.verdict)
        elif key == "n":
            self._next()
        elif key == "c":
            self.look()
        elif key == "l":
            self.session.screen.listing(self.session.exercises, self.session.work.read())

    def _next(self) -> None:
        is_green = self.verdict is not None and self.verdict.is_green
        if not self.has_asked:
            self.has_asked = True
            if is_green:
                with _whole_lines():
                    self.session.compare(self.exercise)
                self.session.screen.say("Press n again for the next exercise.")
            else:
                self.session.screen.say("Something is still red. Press n again to leave it; your work will be saved.")
            return
        before = self.exercise
        self.exercise = self.session.next(self.exercise)
        self.has_asked = False
        if self.exercise.name != before.name:
            self.session.screen.title(self.exercise)
            self.look(forgets_keys=True)

    def _wait_until_settled(self) -> None:
        """Until nothing changes for a moment: editors write a file in several steps, and several files."""
        deadline = time.monotonic() + SECONDS_TO_SETTLE
        before = signature(self.session.work.folder)
        while time.monotonic() < deadline:
            time.sleep(0.05)
            now = signature(self.session.work.folder)
            if now == before:
                return
            before = now

    def _follow_another_terminal(self) -> None:
        current: Exercise = self.session.current()
        if current.name != self.exercise.name:
            self.exercise = current
            self.session.screen.title(current)


def signature(folder: Path) -> frozenset[tuple[str, int, int]]:
    """What changes when a file below the folder is saved, added or removed."""
    found = set()
    for name in trees.files(folder):
        try:
            status = (folder / name).stat()
        except OSError:
            continue  # removed between the listing and this line
        found.add((name, status.st_mtime_ns, status.st_size))
    return frozenset(found)


def is_interactive() -> bool:
    """Whether there is a terminal on both sides; else the loop would be a page of text without an end."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _keys(seconds: float) -> str:
    """The keys that were pressed, in small letters, without arrows and the like. The end of input quits."""
    if not select.select([sys.stdin], [], [], seconds)[0]:
        return ""
    data = os.read(sys.stdin.fileno(), 64)
    if not data:
        return "q"
    return SEQUENCE.sub(b"", data).decode("ascii", errors="replace").lower()


def _forget_keys() -> None:
    termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


def _is_in_background(terminal: int) -> bool:
    try:
        return os.tcgetpgrp(terminal) != os.getpgrp()
    except OSError:
        return False  # a terminal that no shell shares


@contextmanager
def _whole_lines() -> Iterator[None]:
    """Inside `_single_keys`, a while in which another program has the terminal, such as a pager."""
    terminal = sys.stdin.fileno()
    single = termios.tcgetattr(terminal)
    whole = termios.tcgetattr(terminal)
    whole[3] |= termios.ICANON | termios.ECHO
    termios.tcsetattr(terminal, termios.TCSADRAIN, whole)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, single)


@contextmanager
def _single_keys() -> Iterator[None]:
    """Keys come one by one, unseen; the terminal is as it was afterwards, whatever ends the loop.

    Ctrl-Z gives it back to the shell, which changes it, so `fg` has to take it again.
    """
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)

    def leave(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    # SIGINT too: it is ignored in what a script starts in the background, and Ctrl-C ends the loop there as well.
    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(number: int, frame: FrameType | None) -> None:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # here it stands still until it is continued

    def go_on(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTSTP, stop)
        if not _is_in_background(terminal):  # `bg` leaves the terminal to the shell
            tty.setcbreak(terminal)

    handlers = {number: signal.signal(number, leave) for number in ending}
    handlers |= {
        signal.SIGTSTP: signal.signal(signal.SIGTSTP, stop),
        signal.SIGCONT: signal.signal(signal.SIGCONT, go_on),
    }
    try:
        tty.setcbreak(terminal)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
