"""The demo's child processes, played by a manage.py of a few lines."""

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from workshop.demo import DemoFailed
from workshop.demo.processes import Programs, free_port, wait_until_ready

MANAGE = """
import os, signal, sys, time
command = sys.argv[1]
if command == "pid-and-wait":
    if "stubborn" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    open("pid", "w").write(str(os.getpid()))
    time.sleep(60)
if command == "greet":
    print(os.environ["WHO"])
print("Error: That port is already in use.", file=sys.stderr)
sys.exit(0 if command == "greet" else 3)
"""


@pytest.fixture
def programs(tmp_path):
    (tmp_path / "manage.py").write_text(MANAGE)
    return Programs(Path(sys.executable), tmp_path, dict(os.environ), tmp_path)


def await_pid(folder):
    """The pid that the program wrote once it was ready."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if (folder / "pid").exists() and (written := (folder / "pid").read_text()):
            return int(written)
    raise AssertionError("the program did not start in 10 s")


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, DemoFailed])
def test_leaving_the_block_ends_every_program_whatever_the_reason(programs, tmp_path, error):
    try:
        with programs:
            programs.start("worker", "pid-and-wait")
            pid = await_pid(tmp_path)
            if error:
                raise error
    except (KeyboardInterrupt, DemoFailed):
        pass

    assert not is_running(pid)


def test_a_program_that_ignores_the_request_to_end_is_killed(programs, tmp_path, monkeypatch):
    monkeypatch.setattr("workshop.demo.processes.SECONDS_TO_STOP", 0.2)

    with programs:
        programs.start("worker", "pid-and-wait", "stubborn")
        pid = await_pid(tmp_path)

    assert not is_running(pid)


def test_a_server_that_ends_by_itself_is_reported_with_its_last_words(programs):
    with programs, pytest.raises(DemoFailed) as failed:
        wait_until_ready(programs.start("server", "runserver"), "http://127.0.0.1:1", seconds=10)

    assert "The server ended with exit code 3" in str(failed.value)
    assert "That port is already in use." in str(failed.value)


def test_a_server_that_never_answers_is_given_up(programs):
    with programs, pytest.raises(DemoFailed, match="not ready after 0 s"):
        wait_until_ready(programs.start("server", "pid-and-wait"), "http://127.0.0.1:1", 0.3)


def test_a_command_returns_what_it_printed_and_sees_its_environment(programs):
    assert programs.call("greet", WHO="Zoë") == "Zoë"


def test_a_command_that_fails_is_reported_with_its_last_words(programs):
    with pytest.raises(DemoFailed, match=r"manage.py migrate failed.*\n.*already in use"):
        programs.call("migrate")


def test_the_preferred_port_is_taken_while_it_is_free():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        other = free_port(port)

    assert other != port
    assert free_port(port) == port
