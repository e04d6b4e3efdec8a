"""The demo's child processes, played by a manage.py of a few lines."""

import os
import socket
import time

import pytest

from workshop.base.problems import CommandFailed
from workshop.harness.programs import Programs, listening_at

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


SETTINGS = """
from django.http import HttpResponse
from django.urls import path

SECRET_KEY = "for-a-minute"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = __name__
urlpatterns = [path("readyz", lambda request: HttpResponse())]
"""


@pytest.fixture
def programs(tmp_path):
    (tmp_path / "manage.py").write_text(MANAGE)
    return Programs(tmp_path, dict(os.environ), tmp_path)


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


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, CommandFailed])
def test_leaving_the_block_for_any_reason_ends_every_program(programs, tmp_path, error):
    try:
        with programs:
            programs.start("worker", "pid-and-wait")
            pid = await_pid(tmp_path)
            if error:
                raise error
    except (KeyboardInterrupt, CommandFailed):
        pass

    assert not is_running(pid)


def test_a_program_that_ignores_the_request_to_end_is_killed(programs, tmp_path, monkeypatch):
    monkeypatch.setattr("workshop.harness.programs.SECONDS_TO_STOP", 0.2)

    with programs:
        programs.start("worker", "pid-and-wait", "stubborn")
        pid = await_pid(tmp_path)

    assert not is_running(pid)


def test_a_server_that_ends_by_itself_is_reported_with_its_last_words(programs):
    with programs, pytest.raises(CommandFailed) as failed:
        programs.wait_until_ready(programs.start("server", "runserver"), "http://127.0.0.1:1", seconds=10)

    assert "The server ended with exit code 3" in str(failed.value)
    assert "That port is already in use." in str(failed.value)


def test_a_server_that_never_answers_is_given_up(programs):
    with programs, pytest.raises(CommandFailed, match="not ready after 0 s"):
        programs.wait_until_ready(programs.start("server", "pid-and-wait"), "http://127.0.0.1:1", 0.3)


def test_a_command_returns_what_it_printed_and_sees_its_environment(programs):
    assert programs.call("greet", WHO="Zoë") == "Zoë"


def test_a_command_that_fails_is_reported_with_its_last_words(programs):
    with pytest.raises(CommandFailed, match=r"manage.py migrate failed.*\n.*already in use"):
        programs.call("migrate")


def test_the_preferred_port_is_taken_while_it_is_free():
    with listening_at(0) as taken, listening_at(taken.getsockname()[1]) as other:
        port = taken.getsockname()[1]
        assert other.getsockname()[1] != port

    with listening_at(port) as free:
        assert free.getsockname()[1] == port


def test_no_other_program_can_take_the_port_before_the_server_has_it():
    with listening_at(0) as listening, pytest.raises(OSError, match="in use"):
        socket.create_server(listening.getsockname())


def test_the_socket_belongs_to_the_server_alone(programs, tmp_path):
    """When the server ends, nothing answers: not even the demo itself holds the socket open."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.py").write_text(SETTINGS)
    listening = listening_at(0)
    address = listening.getsockname()
    url = "http://{}:{}".format(*address)

    with programs:
        programs.wait_until_ready(programs.serve("server", listening), url)

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5)
