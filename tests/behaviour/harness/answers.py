"""The answers of a receiver: all kinds of responses, and broken ones."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

FILLER = b"x" * 65536


class Gate:
    """Holds answers back until the test opens it (or ends)."""

    def __init__(self) -> None:
        self._opened = threading.Event()

    def open(self) -> None:
        self._opened.set()

    def wait(self) -> None:
        self._opened.wait(60)


@dataclass(frozen=True)
class Answer:
    """One scripted answer. Times are real seconds.

    `interim` statuses are answered at once, before the answer itself; `stray` bytes follow it over the open connection;
    `delay` before the first byte; `header_drip` and `body_drip` between any two bytes; `size` sends that many filler
    bytes; `endless` never stops sending; `content_length` may lie; `length` False sends none and closes;
    `gate` holds the answer back; `raw` is sent unchanged instead of a response, then the connection is closed;
    `instead` is "reset" (RST) or "close" (an orderly end without an answer).
    """

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] | dict[str, str] = ()
    delay: float = 0
    header_drip: float = 0
    body_drip: float = 0
    size: int = 0
    endless: bool = False
    content_length: int | None = None
    length: bool = True
    gate: Gate | None = None
    raw: bytes | None = None
    instead: str = ""
    interim: tuple[int, ...] = ()
    stray: bytes = b""

    @classmethod
    def redirect(cls, location: str, status: int = 302) -> "Answer":
        return cls(status, headers=(("Location", location),))

    @classmethod
    def reset(cls) -> "Answer":
        return cls(instead="reset")

    @classmethod
    def close(cls) -> "Answer":
        return cls(instead="close")

    @classmethod
    def garbage(cls, raw: bytes = b"\x00\xffnot http at all\r\n\r\n") -> "Answer":
        return cls(raw=raw)

    def hints(self) -> bytes:
        """The interim answers, each with a header of its own."""
        return b"".join(b"HTTP/1.1 %d Interim\r\nLink: </hooks.css>\r\n\r\n" % status for status in self.interim)

    def head(self) -> bytes:
        fields = list(self.headers.items() if isinstance(self.headers, dict) else self.headers)
        names = {name.lower() for name, _ in fields}
        if self.content_length is not None:
            fields.append(("Content-Length", str(self.content_length)))
        elif self.endless or not self.length:
            fields.append(("Connection", "close"))
        elif not names & {"content-length", "transfer-encoding"} and self.status != 204:
            fields.append(("Content-Length", str(self.size or len(self.body))))
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = "Unknown"
        lines = [f"HTTP/1.1 {self.status} {phrase}", *(f"{name}: {value}" for name, value in fields)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def chunks(self) -> Iterator[bytes]:
        if self.endless:
            while True:
                yield self.body or FILLER
        left = self.size
        while left > 0:
            yield FILLER[:left]
            left -= len(FILLER)
        if not self.size:
            yield self.body

    @property
    def leaves_open(self) -> bool:
        lies = self.content_length not in (None, self.size or len(self.body))
        return self.length and not self.endless and not lies
