"""The learner's editor opens the place to fix: after one question by itself, or on a key, and never through a shell."""

import os
import subprocess
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_ws import COMMAND, SECONDS, SIZELESS, Terminal

from workshop import ROOT
from workshop.__main__ import cli
from workshop.base import environment
from workshop.base.problems import CommandFailed
from workshop.exercises import catalogue, editor
from workshop.exercises.editor import Editor, find
from workshop.exercises.places import Place
from workshop.exercises.workfolder import WorkFolder

PLACE = Place(Path("/my work/a file.py"), 8)
QUESTION = "Shall code open the first place to fix by itself"
RECORDING = """#!/bin/sh
printf '%s\\n' "$@" >> "$0.called"
"""
IN_THE_TERMINAL = """#!/bin/sh
echo ready
read line
printf '%s\\n' "$@" "$line" >> "$0.called"
"""


@pytest.fixture
def work(tmp_path):
    """The third exercise in a folder whose name has a space, with an answer that is red in two files."""
    work = WorkFolder(tmp_path / "my work")
    work.lay(catalogue.find("3"))
    return work


@pytest.fixture
def programs(tmp_path):
    """A folder on PATH, and a way to put a program there that records its arguments."""
    folder = tmp_path / "programs"
    folder.mkdir()

    def put(name, text=RECORDING):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
        return folder / name

    put.path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return put


@pytest.fixture
def terminal(work, programs):
    opened = []

    def open_one(**more):
        opened.append(Terminal(work, columns=200, **({"PATH": programs.path} | more)))
        return opened[-1]

    yield open_one
    for opened_terminal in opened:
        opened_terminal.close()


def calls(program, count):
    """The arguments of a recording program, once there are so many."""
    file, deadline = program.with_name(f"{program.name}.called"), time.monotonic() + SECONDS
    while not file.exists() or len(file.read_text().splitlines()) < count:
        assert time.monotonic() < deadline, f"{file.name} has not {count} lines"
        time.sleep(0.02)
    return file.read_text().splitlines()


def was_called(program):
    return program.with_name(f"{program.name}.called").exists()


def end(loop):
    loop.press("q")
    loop.await_text("./ws continues it")
    assert loop.process.wait(SECONDS) == 0


@pytest.mark.parametrize(
    ("value", "command"),
    [
        ("code --wait", ["code", "--goto", "/my work/a file.py:8"]),
        ("'/my apps/subl' -w -n", ["/my apps/subl", "-n", "/my work/a file.py:8"]),
        ("pycharm", ["pycharm", "--line", "8", "/my work/a file.py"]),
        ("gvim", ["gvim", "+8", "/my work/a file.py"]),
        ("vim -u NONE", ["vim", "-u", "NONE", "+8", "/my work/a file.py"]),
        ("hx", ["hx", "/my work/a file.py:8"]),
        ("their-own -w", ["their-own", "-w", "/my work/a file.py"]),
    ],
)
def test_each_editor_gets_the_file_and_the_line_in_its_own_form(value, command):
    assert find({"VISUAL": value}).command(PLACE) == command


@pytest.mark.parametrize("value", ["code", "pycharm", "vim", "hx"])
def test_a_place_without_a_line_is_a_file(value):
    assert find({"VISUAL": value}).command(Place(PLACE.file, 0)) == [value, "/my work/a file.py"]


def test_an_editor_with_a_window_comes_first_and_visual_before_editor(programs):
    programs("code")
    inside = {"TERM_PROGRAM": "vscode", "PATH": programs.path}

    assert find({}) is None
    assert find({"VISUAL": " "}) is None
    assert find({"VISUAL": "nano", "EDITOR": "vim"}) == Editor(("nano",))
    assert find({"VISUAL": "nano", "EDITOR": "gvim"}) == Editor(("gvim",))
    assert find(inside) == Editor(("code",))
    assert find(inside | {"EDITOR": "vim"}) == Editor(("code",))
    assert find(inside | {"VISUAL": "subl"}) == Editor(("subl",))
    assert find(inside | {"PATH": "/nowhere", "EDITOR": "vim"}) == Editor(("vim",))


def test_the_terminal_of_pycharm_opens_pycharm(programs):
    programs("pycharm")

    assert find({"TERMINAL_EMULATOR": "JetBrains-JediTerm", "PATH": programs.path}) == Editor(("pycharm",))


def test_no_name_of_a_file_and_no_value_of_visual_reaches_a_shell(programs, tmp_path):
    code = programs("code")
    file = tmp_path / f"$(touch {tmp_path / 'owned'}); it's `one`.py"

    found = find({"VISUAL": f"{code} ';' touch {tmp_path / 'owned'}"})
    found.open(Place(file, 3), os.environ)

    assert calls(code, 5) == [";", "touch", str(tmp_path / "owned"), "--goto", f"{file}:3"]
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("/nowhere/code", "/nowhere/code cannot be started: No such file or directory. Check VISUAL and EDITOR."),
        ("/nowhere/vim", "/nowhere/vim cannot be started: No such file or directory. Check VISUAL and EDITOR."),
        ("code 'x", "code 'x cannot be started: No such file or directory. Check VISUAL and EDITOR."),
        ("{folder}", "{folder} cannot be started: Permission denied. Check VISUAL and EDITOR."),
        ("{failing}", "gvim ended with exit code 3: no display."),
        ("{killed}", "vim ended with exit code 4."),
    ],
)
def test_an_editor_that_does_not_start_is_one_clear_line(programs, tmp_path, value, said):
    names = {
        "folder": tmp_path,
        "failing": programs("gvim", "#!/bin/sh\necho 'no display.' >&2\nexit 3\n"),
        "killed": programs("vim", "#!/bin/sh\nexit 4\n"),
    }

    with pytest.raises(CommandFailed) as failed:
        find({"VISUAL": value.format(**names)}).open(PLACE, os.environ)

    assert str(failed.value) == said.format(**names)


def test_the_loop_asks_once_and_opens_what_is_new_in_a_file_with_a_space(terminal, work, programs):
    code, invoice = programs("code"), work.folder / "shop" / "invoice.py"
    loop = terminal(VISUAL="code --wait")
    loop.await_text(QUESTION)
    assert not was_called(code)

    loop.press("y")
    assert calls(code, 2) == ["--goto", f"{invoice}:8"]

    # The first check stays red, then another check is the first, in another file.
    invoice.write_text("# A line more.\n" + invoice.read_text())
    assert "shop/invoice.py:9 divides" in loop.await_text("Keys:")
    (work.folder / "shop" / "views.py").write_text("no Python\n")
    loop.await_text("Your project does not start")
    assert calls(code, 4) == ["--goto", f"{invoice}:8", "--goto", f"{work.folder / 'shop' / 'views.py'}:1"]
    end(loop)

    again = terminal(VISUAL="code --wait")
    again.await_text("Keys:")
    calls(code, 6)
    end(again)
    assert QUESTION not in again.said
    assert work.read().editor == "always"


def test_never_is_never_until_a_command_says_otherwise(terminal, work, programs, monkeypatch):
    code = programs("code")
    loop = terminal(TERM_PROGRAM="vscode")
    loop.await_text(QUESTION)
    loop.press("n")
    loop.await_text("only when you press e.")
    end(loop)

    again = terminal(TERM_PROGRAM="vscode")
    again.await_text("Keys:")
    again.press("h")
    again.await_text("Hint 1 of 5")
    end(again)
    assert "Shall" not in again.said and not was_called(code)
    assert work.read().editor == "never"

    monkeypatch.setenv("WS_WORK", str(work.folder))
    monkeypatch.setattr(environment, "_shell", {"VISUAL": "code"})
    wishes = {wish: CliRunner().invoke(cli, ["editor", wish]).output for wish in ("always", "ask", "never")}
    assert "opens the first place to fix by itself" in wishes["always"]
    assert "asks whether it may" in wishes["ask"]
    assert "never opens a file by itself" in wishes["never"] and work.read().editor == "never"
    assert CliRunner().invoke(cli, ["editor"]).output == wishes["never"]


def test_another_key_than_yes_and_no_does_what_it_always_does(terminal, work, programs):
    code = programs("code")
    loop = terminal(VISUAL="code")
    loop.await_text(QUESTION)

    loop.press("h")
    loop.await_text("Hint 1 of 5")
    loop.press("n")
    loop.await_text("A check is still red. Press n again")
    end(loop)

    assert work.read().editor == "" and not was_called(code)


def test_an_editor_in_the_terminal_opens_on_a_key_and_gives_the_screen_back(terminal, work, programs):
    vim = programs("vim", IN_THE_TERMINAL)
    loop = terminal(VISUAL="vim")
    loop.await_text("Keys:")
    assert not was_called(vim)

    loop.press("e")
    loop.await_text("ready")
    loop.press("a line for the editor: q h\n")
    assert calls(vim, 3) == ["+8", str(work.folder / "shop" / "invoice.py"), "a line for the editor: q h"]
    loop.press("h")
    loop.await_text("Hint 1 of 5")
    end(loop)
    assert "Shall" not in loop.said


def test_ctrl_c_in_an_editor_does_not_end_the_loop(terminal, programs):
    vim = programs("vim", "#!/bin/sh\ntrap 'echo caught > \"$0.called\"; exit 0' INT\necho ready\nread line\n")
    loop = terminal(VISUAL="vim")
    loop.await_text("Keys:")

    loop.press("e")
    loop.await_text("ready")
    os.killpg(loop.process.pid, 2)

    assert calls(vim, 1) == ["caught"]
    loop.press("h")
    loop.await_text("Hint 1 of 5")
    end(loop)


def test_an_editor_that_fails_is_reported_once_and_the_loop_goes_on(terminal, work, programs):
    programs("code", "#!/bin/sh\necho 'no window here' >&2\nexit 1\n")
    with work.changing() as state:
        state.editor = "always"
    loop = terminal(VISUAL="code")
    loop.await_text("code ended with exit code 1: no window here.")

    (work.folder / "shop" / "views.py").write_text("no Python\n")
    loop.await_text("Your project does not start")
    loop.await_text("Keys:")
    by_itself = loop.said.count("ended with exit code")
    loop.press("e")
    loop.await_text("code ended with exit code 1: no window here.")
    end(loop)

    assert by_itself == 1 and "Traceback" not in loop.said


def test_without_an_editor_the_key_says_how_to_name_one(terminal):
    loop = terminal()
    loop.await_text("Keys:")

    loop.press("e")

    loop.await_text("No editor is known. Set VISUAL in your shell, such as export VISUAL=code")
    end(loop)


def test_in_a_pipe_nothing_is_asked_and_nothing_opens(work, programs):
    code = programs("code")
    with work.changing() as state:
        state.editor = "always"
    shell = SIZELESS | {"WS_WORK": str(work.folder), "PATH": programs.path, "VISUAL": "code"}

    for command in ("start", "check"):
        done = subprocess.run([*COMMAND, command], cwd=ROOT, env=shell, stdin=subprocess.DEVNULL, capture_output=True)
        assert b"RED" in done.stdout and b"Shall" not in done.stdout

    assert not was_called(code)


@pytest.mark.parametrize("known", [None, Editor(("vim",))])
@pytest.mark.parametrize(("wish", "answer"), [("always", "always"), ("never", "never"), ("", "ask")])
def test_the_kept_answer_is_shown_without_a_window_too(known, wish, answer):
    assert editor.described(known, wish).endswith(f" Your answer: {answer}.")


def test_an_editor_has_the_whole_shell_of_its_person(monkeypatch):
    monkeypatch.setattr(environment, "_shell", {"VISUAL": "code", "SSH_AUTH_SOCK": "/agent", "PATH": "/bin"})

    assert environment.of_the_person() == {"VISUAL": "code", "SSH_AUTH_SOCK": "/agent", "PATH": "/bin"}
    assert editor.find(environment.of_the_person()) == Editor(("code",))
