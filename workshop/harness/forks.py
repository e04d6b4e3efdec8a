"""A fork server: a process that loads the slow modules once, and forks for each request.

It reads one JSON object a line, with an `id`, and writes {"id", "pid"} when the child has begun and {"id", "exit"} when it
has ended. End of input ends every child that still runs. The exercises' judge uses it, and so do the tests of a stage.
Standard library only.
"""

import json
import os
import selectors
import signal
from collections.abc import Callable
from typing import Any


def serve(
    requests: int, replies: int, prepare: Callable[[dict[str, Any]], None] = lambda request: None
) -> dict[str, Any]:
    """Forks for each request that comes in at one descriptor. Returns in the children only, with their request.

    `prepare` sees each request before the fork: what it loads, the children have.
    """
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes)
    selector = selectors.DefaultSelector()
    selector.register(requests, selectors.EVENT_READ)
    selector.register(woken, selectors.EVENT_READ)
    running: dict[int, Any] = {}
    received = b""

    def reply(**message: Any) -> None:
        os.write(replies, json.dumps(message).encode() + b"\n")

    while True:
        for key, _ in selector.select():
            data = os.read(key.fd, 65536)
            if key.fd == woken:
                for pid in list(running):
                    ended, status = os.waitpid(pid, os.WNOHANG)
                    if ended:
                        reply(id=running.pop(pid), exit=os.waitstatus_to_exitcode(status))
                continue
            if not data:
                for pid in running:
                    os.killpg(pid, signal.SIGKILL)
                os._exit(0)
            *lines, received = (received + data).split(b"\n")
            for request in map(json.loads, lines):
                prepare(request)
                pid = os.fork()
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    selector.close()
                    for descriptor in (woken, wakes, requests, replies):
                        os.close(descriptor)
                    return dict(request)
                running[pid] = request["id"]
                try:
                    os.setpgid(pid, pid)
                except OSError:
                    pass  # the child has already made itself the group's leader
                reply(id=request["id"], pid=pid)


def stand_alone(stdout: str, stderr: str) -> None:
    """Gives a child a process group of its own, an empty stdin, and files for what it prints."""
    os.setpgid(0, 0)
    writing = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for number, path, flags in ((0, os.devnull, os.O_RDONLY), (1, stdout, writing), (2, stderr, writing)):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)


def take_over() -> tuple[int, int]:
    """The descriptors of this process's stdin and stdout, which only the fork server uses from now on."""
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return requests, replies
