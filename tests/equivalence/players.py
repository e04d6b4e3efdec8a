"""Starts one player for each stage, gives all the same history, and reports the first difference in their accounts."""

import difflib
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from harness.clock import Clock
from harness.databases import Postgres

PLAYING = Path(__file__).parent / "playing"
OUTSIDE = Path(__file__).parents[1] / "behaviour" / "outside"
ENCRYPTION_KEY = "c2FtZW5lc3Mgb2Ygc3RhZ2VzIGlzIHNob3duIGhlcmU="
NOBODY = "http://127.0.0.1:9"  # a proxy that does not exist
SECONDS_TO_START = 120
SECONDS_A_HISTORY = 240

History = Mapping[str, Any]


class Different(AssertionError):
    """Two stages gave different accounts of a history."""


class Player:
    """A process that plays histories against one stage; `playing/player.py` is the other end."""

    def __init__(self, stage: Path, scratch: Path, database_url: str) -> None:
        self.stage = stage
        self._log = scratch / "log"
        no_authorities = scratch / "no-authorities.pem"
        no_authorities.touch()
        clock = Clock(scratch / "clock")
        env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(scratch),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": str(OUTSIDE),
            "SSL_CERT_FILE": str(no_authorities),
            "BEHAVIOUR_CLOCK": str(clock.file),
            "DATABASE_URL": database_url,
            "SECRET_KEY": "the key of the histories, long enough for the checks of Django",
            "WEBHOOKS_ENCRYPTION_KEYS": ENCRYPTION_KEY,
            "WEBHOOKS_ALLOW_HTTP": "1",
            "WEBHOOKS_ALLOWED_NETWORKS": "127.0.0.0/8",
            "ALLOWED_HOSTS": "127.0.0.1",
            "DEBUG": "0",
            **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), NOBODY),
        }
        with (scratch / "errors").open("wb") as self._errors:
            self._popen = subprocess.Popen(
                [sys.executable, str(PLAYING / "player.py"), str(self._log)],
                cwd=stage,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
            )
        assert self._popen.stdin and self._popen.stdout
        self._requests, self._replies = self._popen.stdin, self._popen.stdout
        self._received = bytearray()

    def wait_until_ready(self) -> None:
        assert self._line(SECONDS_TO_START) == b"ready"

    def begin(self, history: bytes) -> None:
        self._requests.write(history + b"\n")
        self._requests.flush()

    def account(self) -> bytes:
        """The stage's account, as one line of JSON."""
        return self._line(SECONDS_A_HISTORY)

    def _line(self, within: float) -> bytes:
        deadline = time.monotonic() + within
        descriptor = self._replies.fileno()
        while b"\n" not in self._received[-1:]:
            readable, _, _ = select.select([descriptor], [], [], max(deadline - time.monotonic(), 0))
            data = os.read(descriptor, 1 << 20) if readable else b""
            if not data:
                how = "ended" if readable else f"said nothing for {within} s"
                raise RuntimeError(f"The player of {self.stage} {how}:\n{self._said()}")
            self._received += data
        line = bytes(self._received[:-1])
        self._received.clear()
        return line

    def _said(self) -> str:
        return "\n".join(
            file.read_text(errors="replace")[-4000:] for file in (Path(self._errors.name), self._log) if file.exists()
        )

    def stop(self) -> None:
        self._popen.kill()
        self._popen.wait()
        self._requests.close()
        self._replies.close()


@dataclass
class Company:
    """The players of several stages."""

    players: Sequence[Player]
    histories: int = 0
    steps: int = 0

    def play(self, history: History) -> list[list[dict[str, Any]]]:
        """Every player's account."""
        return [json.loads(account) for account in self._accounts(history)]

    def compare(self, history: History) -> bytes:
        """The common account of all players, as JSON. Raises Different if their accounts differ."""
        first, *others = self._accounts(history)
        self.histories += 1
        self.steps += len(history["steps"])
        for player, account in zip(self.players[1:], others, strict=True):
            if account != first:
                raise Different(report(history, self.players[0].stage, first, player.stage, account))
        return first

    def _accounts(self, history: History) -> list[bytes]:
        line = json.dumps(history).encode()
        for player in self.players:
            player.begin(line)
        return [player.account() for player in self.players]


@contextmanager
def company(stages: Sequence[Path]) -> Iterator[Company]:
    """Players for these stages, each with a database of its own; `DB=postgres` takes PostgreSQL."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    with ExitStack() as stack:
        players = []
        for number, stage in enumerate(stages):
            folder = tempfile.TemporaryDirectory(prefix=f"equivalence-{os.getpid()}-", dir=memory if usable else None)
            scratch = Path(stack.enter_context(folder))
            url = f"sqlite:///{quote(str(scratch))}/webhooks.sqlite3"
            if os.environ.get("DB", "sqlite") == "postgres":
                database = Postgres(f"equivalence_{os.getpid()}_{id(stack) % 10**6}_{number}")
                stack.callback(database.drop)
                url = database.url
            player = Player(stage, scratch, url)
            stack.callback(player.stop)
            players.append(player)
        for player in players:
            player.wait_until_ready()
        yield Company(players)


def report(history: History, one: Path, first: bytes, other: Path, second: bytes) -> str:
    """The steps up to the first difference between two stages, and both accounts of it."""
    told = list(zip(json.loads(first), json.loads(second), strict=True))
    number = next(number for number, (here, there) in enumerate(told) if here != there)
    texts = [json.dumps(entry, indent=1, sort_keys=True, ensure_ascii=False).splitlines() for entry in told[number]]
    texts = [[part for line in text for part in _in_parts(line)] for text in texts]
    difference = list(difflib.unified_diff(*texts, str(one), str(other), n=2, lineterm=""))
    steps = [json.dumps(step, ensure_ascii=False) for step in history["steps"][: number + 1]]
    return "\n".join(
        [
            f"{one.name} and {other.name} differ after step {number + 1} of a history that begins at {history['at']}:",
            *(f"{n:>4} {text[:1000]}" for n, text in enumerate(steps, 1)),
            *(line[:1500] for line in difference[:60]),
        ]
    )


def _in_parts(line: str) -> list[str]:
    """A page is one string of JSON, with thousands of characters: its own lines are compared."""
    return [line] if len(line) < 1000 else line.split("\\n")
