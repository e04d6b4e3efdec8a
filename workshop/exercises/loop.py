"""The loop: watches work/, answers each save with the two lights, and reads single keys."""

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
from workshop.exercises.editor import Opening
from workshop.exercises.judge import Judge, Verdict
from workshop.exercises.session import Session

SECONDS_BETWEEN_LOOKS = 0.15
SECONDS_TO_SETTLE = 2  # after this time a folder is judged even if it still changes
SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Z])?")  # the bytes that an arrow or a function key sends
KEYS = "Keys: h hint, e edit, n next, c check again, l list, q quit."


def watch(session: Session) -> None:
    """Runs until the learner quits. Needs a terminal."""
    with Judge() as judge, _single_keys():
        Loop(session, judge).run()


class Loop:
    """The state between two keys: the last verdict, and whether `n` was pressed once already."""

    def __init__(self, session: Session, judge: Judge) -> None:
        self.session = session
        self.judge = judge
        self.exercise = session.resume()
        self.verdict: Verdict | None = None
        self.has_asked = False
        self.opening = Opening(session)
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
                        break  # a held-down n key does not run through all exercises
            except CommandFailed as problem:
                self.session.screen.say(str(problem))
                self._follow_another_terminal()

    def look(self, *, forgets_keys: bool = False) -> None:
        """Judges and shows. A file that is saved from now on counts for the next judgement.

        With `forgets_keys`, it drops the keys that were pressed meanwhile, before the line that asks for a key.
        """
        self.seen = signature(self.session.work.folder)
        self.has_asked = False
        self.verdict = self.session.check(self.judge, self.exercise)
        if forgets_keys:
            _forget_keys()
        self.session.show(self.verdict)
        self.session.screen.say()
        ready = "n compares your work with the solution. " if self.verdict.is_green else ""
        self.session.screen.say(f"{ready}{KEYS} ({self.verdict.seconds:.1f} s)", "dim")
        self.opening.follow(self.verdict)

    def press(self, key: str) -> None:
        """Does the action of a key. Other keys have none."""
        if self.opening.answers(key):
            return
        if key == "h" and self.verdict:
            self.session.hint(self.exercise, self.verdict)
        elif key == "n":
            self._next()
        elif key == "e":
            with _whole_lines():
                self.opening.open()
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
                self.session.screen.say("A check is still red. Press n again to go on anyway; your work will be saved.")
            return
        before = self.exercise
        self.exercise = self.session.next(self.exercise)
        self.has_asked = False
        if self.exercise.name != before.name:
            self.session.screen.title(self.exercise)
            self.look(forgets_keys=True)

    def _wait_until_settled(self) -> None:
        """Waits until nothing changes for a moment: editors write a file in several steps, and several files."""
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
    """A value that changes when a file below the folder is saved, added or removed."""
    found = set()
    for name in trees.files(folder):
        try:
            status = (folder / name).stat()
        except OSError:
            continue  # removed between the listing and this line
        found.add((name, status.st_mtime_ns, status.st_size))
    return frozenset(found)


def is_interactive() -> bool:
    """Whether input and output are a terminal; without one, the loop would print endless text."""
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
    """Inside `_single_keys`: gives the terminal to another program, such as a pager, for a while."""
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
    """Keys come one by one, without echo; afterwards the terminal is as before, however the loop ends.

    Ctrl-Z gives the terminal back to the shell, which changes its mode, so `fg` has to set it again.
    """
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)

    def leave(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    # SIGINT too: a script's background processes ignore it, and Ctrl-C must end the loop there as well.
    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(number: int, frame: FrameType | None) -> None:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # the process stops here until `fg` or `bg` continues it

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
