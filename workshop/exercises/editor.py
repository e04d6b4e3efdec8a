"""The learner's editor: which one it is, and how it opens a file at a line.

An editor with a window of its own can open the first red place by itself, if the learner says yes. An editor in the
terminal would take the screen from the loop, so it opens on a key only. No command runs in a shell.
"""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workshop.base import environment
from workshop.base.problems import CommandFailed
from workshop.exercises.judge import Verdict
from workshop.exercises.places import Place, first_place
from workshop.exercises.progress import EDITOR_ALWAYS, EDITOR_NEVER
from workshop.exercises.session import Session

SECONDS_TO_FAIL = 0.5  # after this time a window is taken to be open
OF_VS_CODE = ("code", "codium", "cursor", "windsurf", "code-insiders")
# The arguments that open a file at a line, by the name of the program.
WITH_A_WINDOW = {
    **dict.fromkeys(OF_VS_CODE, ("--goto", "{file}:{line}")),
    **dict.fromkeys(("subl", "zed", "zeditor"), ("{file}:{line}",)),
    **dict.fromkeys(("pycharm", "charm", "idea", "kate", "mate"), ("--line", "{line}", "{file}")),
    **dict.fromkeys(("gvim", "mvim", "gedit", "xed"), ("+{line}", "{file}")),
}
IN_THE_TERMINAL = {
    **dict.fromkeys(("vi", "vim", "nvim", "nano", "emacs", "emacsclient", "micro", "joe"), ("+{line}", "{file}")),
    **dict.fromkeys(("hx", "helix"), ("{file}:{line}",)),
}
THAT_WAIT = {"--wait", "-w"}  # set for git; the loop does not wait for a window
NONE_KNOWN = "No editor is known. Set VISUAL in your shell, such as export VISUAL=code, and start ./ws again."


@dataclass(frozen=True)
class Editor:
    """A program with its own options, and whether it opens a window."""

    words: tuple[str, ...]

    @property
    def name(self) -> str:
        return Path(self.words[0]).name

    @property
    def has_window(self) -> bool:
        return self.name in WITH_A_WINDOW

    def command(self, place: Place) -> list[str]:
        """The call that opens a place. A program that is not known here gets the file without the line."""
        words = [word for word in self.words if not (self.has_window and word in THAT_WAIT)]
        known = WITH_A_WINDOW | IN_THE_TERMINAL
        at_line = known.get(self.name, ("{file}",)) if place.line else ("{file}",)
        return [*words, *(word.format(file=place.file, line=place.line) for word in at_line)]

    def open(self, place: Place, shell: Mapping[str, str]) -> None:
        """Opens a place in a window and returns, or in the terminal until the learner has closed it.

        Raises CommandFailed if the program cannot be started, or ends with an error.
        """
        (self._open_window if self.has_window else self._fill_terminal)(self.command(place), shell)

    def _open_window(self, command: list[str], shell: Mapping[str, str]) -> None:
        with tempfile.TemporaryFile() as said:
            nothing = subprocess.DEVNULL
            process = self._started(command, shell, stdin=nothing, stdout=nothing, stderr=said, start_new_session=True)
            try:
                code = process.wait(SECONDS_TO_FAIL)
            except subprocess.TimeoutExpired:
                return
            said.seek(0)
            if code:
                raise CommandFailed(self._ended_with(code, said.read().decode(errors="replace")))

    def _fill_terminal(self, command: list[str], shell: Mapping[str, str]) -> None:
        # Ctrl-C is for the editor. A handler, unlike SIG_IGN, is not inherited by the editor.
        kept = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            code = self._started(command, shell).wait()
        finally:
            signal.signal(signal.SIGINT, kept)
        if code:
            raise CommandFailed(self._ended_with(code, ""))

    def _started(self, command: list[str], shell: Mapping[str, str], **more: Any) -> "subprocess.Popen[bytes]":
        try:
            return subprocess.Popen(command, env=dict(shell), **more)
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else "") or error
            raise CommandFailed(f"{self.words[0]} cannot be started: {reason}. Check VISUAL and EDITOR.") from error

    def _ended_with(self, code: int, said: str) -> str:
        last = said.strip().splitlines()[-1:]
        return f"{self.name} ended with exit code {code}" + (f": {last[0].strip().rstrip('.')}." if last else ".")


def find(shell: Mapping[str, str]) -> Editor | None:
    """The editor of a shell: VISUAL, then the one whose terminal this is, then EDITOR; one with a window comes first."""
    known = [found for found in (_named(shell, "VISUAL"), _around(shell), _named(shell, "EDITOR")) if found]
    return next((editor for editor in known if editor.has_window), known[0] if known else None)


def described(editor: Editor | None, wish: str) -> str:
    """What the loop does with the learner's editor, and the answer that is kept for an editor with a window."""
    answer = f"Your answer: {wish or 'ask'}."
    if editor is None:
        return f"{NONE_KNOWN} {answer}"
    if not editor.has_window:
        return (
            f"Your editor is {editor.name}. It needs the terminal, so it opens only when you press e in ./ws. {answer}"
        )
    if wish == EDITOR_ALWAYS:
        return f"Your editor is {editor.name}. While ./ws runs, it opens the first place to fix by itself."
    if wish:
        return f"Your editor is {editor.name}. It never opens a file by itself, only when you press e in ./ws."
    return f"Your editor is {editor.name}. ./ws asks whether it may open the first place to fix by itself."


class Opening:
    """The loop's part: asks once, opens a red place that is new, and opens the present one on a key."""

    def __init__(self, session: Session, shell: Mapping[str, str] | None = None) -> None:
        self.session = session
        self.shell = environment.of_the_person() if shell is None else shell
        self.editor = find(self.shell)
        self.place: Place | None = None
        self.is_asking = False
        self._may_ask = True
        self._has_failed = False
        self._opened: tuple[str, Path] | None = None

    def follow(self, verdict: Verdict) -> None:
        """After each verdict: opens the first red place, if it is of another check or in another file than the last one.

        The first time it asks instead. A save that leaves the first check red does not move the learner's window.
        """
        self.is_asking = False
        self.place, before = first_place(verdict, self.session.work.folder), self._opened
        self._opened = (verdict.red[0].check.id, self.place.file) if self.place else None
        if not self.place or not self.editor or not self.editor.has_window or self._has_failed:
            return
        wish = self.session.work.read().editor
        if wish == EDITOR_ALWAYS and self._opened != before:
            self._open_by_itself()
        elif not wish and self._may_ask:
            self.is_asking = True
            self.session.screen.say(
                f"Shall {self.editor.name} open the first place to fix by itself from now on? Press y or n (never)."
                " ./ws editor changes your answer later.",
                "bold",
            )

    def answers(self, key: str) -> bool:
        """Whether a key is the answer to the question; the answer is kept. Any other key puts the question off."""
        if not self.is_asking:
            return False
        self.is_asking = self._may_ask = False
        wish = {"y": EDITOR_ALWAYS, "n": EDITOR_NEVER}.get(key)
        if wish is None:
            return False
        with self.session.work.changing() as state:
            state.editor = wish
        if wish == EDITOR_ALWAYS:
            self._open_by_itself()
        else:
            self.session.screen.say("./ws opens a place only when you press e.")
        return True

    def open(self) -> None:
        """Opens the present red place, in any editor. Raises CommandFailed."""
        if not self.editor:
            raise CommandFailed(NONE_KNOWN)
        if not self.place:
            raise CommandFailed("There is nothing to open: no check is red, or the first red check has no file.")
        self.editor.open(self.place, self.shell)

    def _open_by_itself(self) -> None:
        try:
            self.open()
        except CommandFailed as problem:
            self._has_failed = True  # one message is enough: the next save must not repeat it
            self.session.screen.say(f"{problem} ./ws opens nothing more in an editor until you start it again.")


def _named(shell: Mapping[str, str], variable: str) -> Editor | None:
    """The editor that a variable names. A value that is no command stays whole, so that the learner reads it again."""
    value = shell.get(variable, "").strip()
    try:
        words = shlex.split(value)
    except ValueError:
        words = [value]
    return Editor(tuple(words)) if words else None


def _around(shell: Mapping[str, str]) -> Editor | None:
    """The editor in whose terminal the loop runs."""
    inside: tuple[str, ...] = ()
    if shell.get("TERM_PROGRAM") == "vscode":
        inside = OF_VS_CODE
    elif shell.get("TERMINAL_EMULATOR", "").startswith("JetBrains"):
        inside = ("pycharm", "charm")
    there = (name for name in inside if shutil.which(name, path=shell.get("PATH", os.defpath)))
    return next((Editor((name,)) for name in there), None)
