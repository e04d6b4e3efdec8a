"""The endpoints of a soak's clients: what each answers to its first, second, third request, drawn from the seed."""

import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.receiver import Answer

HANGS = 20.0  # seconds: longer than an attempt may take


@dataclass(frozen=True)
class Kind:
    """A kind of client: its format, its answer when all is well, and how often it answers one of its mishaps."""

    format: str = "std_json"
    options: Mapping[str, Any] = field(default_factory=dict)
    event_types: Sequence[str] = ("*",)
    ack: bytes = b""
    slowest: float = 0.0  # seconds
    trouble: float = 0.0  # the share of answers that are mishaps
    mishaps: Sequence[Answer] = ()
    interim: tuple[int, ...] = ()  # before its answer when all is well


FAILURES = (
    Answer(500),
    Answer(503),
    Answer(503, headers={"Retry-After": "3"}),
    Answer(429, headers={"Retry-After": "120"}),
    Answer.reset(),
    Answer.close(),
    Answer.garbage(),
    Answer.redirect("http://169.254.169.254/latest/meta-data/", 307),
    Answer(200, size=70_000),
)
# None of these acknowledges, and none may be taken for the answer to the next request.
STRAY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
UNASKED = (
    Answer(500, interim=(103,), delay=0.3),
    Answer(500, interim=(102, 103, 103)),
    Answer(500, stray=STRAY),
    Answer(404, stray=STRAY * 3),
    Answer.garbage(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    Answer.garbage(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + STRAY),
)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
# Answers without an end or a bound. Each is cut off by the size or by the time that an attempt may take.
FLOODS = (
    Answer(endless=True),
    Answer(endless=True, body=b"x", body_drip=0.2),
    Answer.garbage(CHUNKED + b"-1\r\n" + b"x" * 300_000),
    Answer.garbage(CHUNKED + b"fffffffffff\r\n" + b"x" * 300_000),
    Answer.garbage(b"HTTP/1.1 200 OK\r\n" + b"X-Flood: yes\r\n" * 20_000 + b"\r\n"),
    Answer.garbage(b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 300_000 + b"\r\n\r\n"),
    Answer.garbage(b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000),
)
KINDS = {
    "fast": Kind(),
    "slow": Kind("flat_camel@1", slowest=0.4),
    "flaky": Kind("csv", slowest=0.05, trouble=0.3, mishaps=FAILURES),
    "hanging": Kind(
        "cloudevents", trouble=0.02, mishaps=(Answer(500, delay=HANGS), Answer(200, b"{}", body_drip=HANGS))
    ),
    "hinting": Kind(slowest=0.1, trouble=0.3, mishaps=UNASKED, interim=(102, 103)),
    "flooding": Kind("flat_camel@1", trouble=0.2, mishaps=FLOODS),
    "gone": Kind("flat_camel@2", trouble=0.01, mishaps=(Answer(410),)),
    "forgetful": Kind("form_legacy", ack=b"[accepted]", trouble=0.3, mishaps=(Answer(200), Answer(200, b"accepted"))),
    "bank": Kind(
        "xml_bank",
        {"timezone": "Europe/Berlin", "mask": ["customer.iban"]},
        ("payment.*",),
        b'<Ack code="0"/>',
        trouble=0.1,
        mishaps=(Answer(200, b'<Ack code="1"/>'), Answer(200, b"<Ack")),
    ),
    "picky": Kind("slack_blocks", {"threshold": {"USD": "10000"}}, ack=b"ok"),
    "dead": Kind(event_types=("payout.paid",), trouble=1.0, mishaps=(Answer(500), Answer(404))),
}


class Script(Sequence[Any]):
    """The endless script of one endpoint. The same seed and name give the same answers."""

    def __init__(self, kind: Kind, seed: int, name: str) -> None:
        self._kind, self._seed, self._name = kind, seed, name
        self._hurried = False

    def hurry(self) -> None:
        """From now on it hangs no more: what it would have answered after a long time it fails at once."""
        self._hurried = True

    def acknowledges(self, turn: int) -> bool:
        return not self._is_trouble(self._draws(turn))

    def __len__(self) -> int:
        return sys.maxsize

    def __getitem__(self, turn: Any) -> Any:
        draws = self._draws(turn)
        if not self._is_trouble(draws):
            delay = draws.uniform(0, self._kind.slowest)
            return Answer(200, self._kind.ack, delay=delay, interim=self._kind.interim)
        mishap = draws.choice(self._kind.mishaps)
        return Answer(500) if self._hurried and takes_long(mishap) else mishap

    def _draws(self, turn: int) -> random.Random:
        return random.Random(f"{self._seed} {self._name} {turn}")

    def _is_trouble(self, draws: random.Random) -> bool:
        return draws.random() < self._kind.trouble


def takes_long(answer: Answer) -> bool:
    return bool(answer.delay == HANGS or answer.body_drip)
