"""No command and no test needs a program that README.md does not name."""

import ast
import os
import re
import signal
from pathlib import Path

import pytest

from workshop import ROOT
from workshop.harness import processes

NAMED = {"git", "make", "sh"}  # README.md: git and make; every system that has make has sh
# Further programs of modules that skip a part, with a message, if the program is missing.
OPTIONAL = {
    "workshop/harness/processes.py": {"ps"},  # on macOS, which always has it
    "workshop/maintaining/fresh_machine.py": {"apt-get", "chroot", "debootstrap", "git", "setpriv", "tar", "unshare"},
    "tests/fire/engine.py": {"redis-server"},
    "tests/fire/disk.py": {"mount", "umount"},
}
STARTS = {"run", "Popen", "check_output", "check_call", "call", "output_of"}
TAKES_A_NAME = {"which", "_call"}


def test_no_other_program_is_called():
    called = {(file, program) for file in sources() for program in programs(ROOT / file)}

    assert {program for _, program in called} >= {"git", "sh"}
    assert [(file, name) for file, name in sorted(called) if name not in NAMED | OPTIONAL.get(file, set())] == []


def test_the_page_names_them():
    needed = re.search(r"You need (.+?)\.\n", (ROOT / "README.md").read_text(), re.DOTALL)

    assert needed
    assert {"git", "make", "Python"} <= set(re.findall(r"\w+", needed[1]))


def test_a_program_that_is_called_is_seen():
    source = (
        "subprocess.run(['lsof', '-i'])\ncommand = ['ps', '-e']\nsubprocess.run([*command, '-o'])\nshutil.which('jq')"
    )

    assert set(programs_in(source)) == {"lsof", "ps", "jq"}


def sources():
    found = [path for folder in ("workshop", "tests") for path in (ROOT / folder).rglob("*.py")]
    return sorted(str(path.relative_to(ROOT)) for path in found if path != Path(__file__))


def programs(file):
    return programs_in(file.read_text(encoding="utf-8"))


def programs_in(source):
    """Called programs: the first word of a list that is started, or is first named `command` or `call`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
            if name in TAKES_A_NAME or (name in STARTS and isinstance(node.args[0], ast.List | ast.Tuple)):
                yield from first_word(node.args[0])
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in {"command", "call", "asked"}:
            yield from first_word(node.value)


def first_word(node):
    node = node.elts[0] if isinstance(node, ast.List | ast.Tuple) and node.elts else node
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[a-z][a-z0-9-]+", node.value):
        yield node.value


# A fake of ps


def test_processes_are_found_by_their_parent_and_known_to_have_ended():
    read, _ = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(read, 1)
        os._exit(0)
    try:
        assert child in processes.descendants(os.getpid())
        assert processes.is_running(child)
    finally:
        os.kill(child, signal.SIGKILL)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)  # it has ended, and still waits for its parent

    assert not processes.is_running(child)
    assert next(process for process in processes.listed() if process.pid == child).has_ended
    os.waitpid(child, 0)


@pytest.mark.skipif(not processes.PROC.is_dir(), reason="macOS lists processes by ps")
def test_it_needs_no_ps(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")

    assert processes.listed()
