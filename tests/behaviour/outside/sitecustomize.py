"""Loaded by Python itself in every process under test, before the stage: the test moves its clock and answers its names.

`BEHAVIOUR_CLOCK` is a file of two native 64-bit integers: an offset in nanoseconds, and the time at which the clock
stands still (0: it runs). It is mapped into memory, so a move takes effect in all processes at the next look at the
clock. The monotonic clock is left alone: waiting still takes as long as it takes.

`BEHAVIOUR_NAMES` is a folder with one file for each host name that a test answers itself.
"""

import fcntl
import json
import mmap
import os
import socket
import sys
import time


def move_the_clock(path: str) -> None:
    # time_machine imports pytest and dateutil if they are installed. A stage alone would load neither.
    unwanted = [name for name in ("pytest", "dateutil", "dateutil.parser") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(unwanted))
    import _time_machine
    import time_machine

    for name in unwanted:
        del sys.modules[name]

    with open(path, "r+b") as file:
        words = memoryview(mmap.mmap(file.fileno(), 16)).cast("q")

    class Clock(time_machine.Traveller):
        def time_ns(self) -> int:
            return words[1] or words[0] + _time_machine.original_time_ns()

    _time_machine.patch()
    time_machine.traveller_stack.append(Clock(0, None, tick=True))


def answer_names(folder: str) -> None:
    true_getaddrinfo = socket.getaddrinfo

    def getaddrinfo(host, port, *args, **kwargs):
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        answer = next_answer(folder, name) if isinstance(name, str) else None
        if answer is None:
            return true_getaddrinfo(host, port, *args, **kwargs)
        if answer["hang"]:
            time.sleep(answer["hang"])
        if not answer["addresses"]:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [found for address in answer["addresses"] for found in true_getaddrinfo(address, port, *args, **kwargs)]

    socket.getaddrinfo = getaddrinfo


def next_answer(folder: str, name: str):
    """The answer whose turn it is; the last one repeats. Two processes never take the same turn."""
    path = os.path.join(folder, name.lower().rstrip(".") + ".json")
    if "/" in name or "\0" in name or not os.path.exists(path):
        return None
    with open(path, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        script = json.load(file)
        answer = script["answers"][min(script["asked"], len(script["answers"]) - 1)]
        script["asked"] += 1
        file.seek(0)
        json.dump(script, file)
        file.truncate()
    return answer


if "BEHAVIOUR_CLOCK" in os.environ:
    move_the_clock(os.environ["BEHAVIOUR_CLOCK"])
if "BEHAVIOUR_NAMES" in os.environ:
    answer_names(os.environ["BEHAVIOUR_NAMES"])
