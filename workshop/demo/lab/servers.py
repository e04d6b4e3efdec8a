"""The same call to every server of the demo, and their answers as they are: a refusal is an answer too."""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import urllib3

from workshop.base.problems import CommandFailed
from workshop.demo.side import Side

SECONDS = 20
CONNECTIONS = 4


@dataclass(frozen=True)
class Said:
    """A server's answer to a call of its API. Without an answer the status is 0, and the body is the reason."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """The members of the body. Raises CommandFailed if it is not an object in JSON."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise CommandFailed(f"The server answered {self.status} without a JSON object: {self.body[:200]!r}")
        return found

    def shown(self) -> dict[str, Any]:
        """The answer for the page."""
        content_type = self.headers.get("Content-Type", "")
        skipped = self.headers.get("webhook-skipped")
        return {
            "status": self.status,
            "content_type": content_type,
            "body": base64.b64encode(self.body).decode(),
            **({"skipped": skipped} if skipped else {}),
        }


class Server:
    """The API of one side, called with an operator's key."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._http = urllib3.PoolManager(maxsize=CONNECTIONS, block=True, retries=False, timeout=SECONDS)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Said:
        """The answer, whatever its status."""
        about = {"Authorization": f"Bearer {self.side.key}", "Content-Type": "application/json", **headers}
        try:
            response = self._http.request(method, self.side.url + path, body=body, headers=about)
        except urllib3.exceptions.HTTPError as error:
            return Said(0, {"Content-Type": "text/plain"}, f"No answer to {method} {path}: {error}".encode())
        return Said(response.status, response.headers, response.data)

    def get(self, path: str) -> dict[str, Any]:
        """The members of a good answer. Raises CommandFailed for any other."""
        said = self.ask("GET", path)
        if not said.is_good:
            raise CommandFailed(f"{self.side.name}/ answered {said.status} to GET {path}.")
        return said.json()


def ask_all(
    servers: Sequence[Server], method: str, path: str, body: bytes | None = None, **headers: str
) -> dict[str, Said]:
    """The answer of each server, by the name of its side."""
    return {server.side.name: server.ask(method, path, body, **headers) for server in servers}


def accepted(answer: dict[str, Any]) -> Said:
    """The answer to a post that was accepted."""
    return Said(202, {"Content-Type": "application/json"}, as_bytes(answer))


def agree(answers: Iterable[Said], *own: str) -> bool:
    """Whether the servers answered the same, except for the id that each gave to the event, and for `own` members."""
    return len({(said.status, said.headers.get("Content-Type"), _compared(said, own)) for said in answers}) <= 1


def side_by_side(answers: Mapping[str, Said], aside: str, *own: str) -> dict[str, Any]:
    """The answers for the page; `aside` says what a good answer has that is not compared."""
    is_good = all(said.is_good for said in answers.values())
    return {
        "answers": {side: said.shown() for side, said in answers.items()},
        "agree": agree(answers.values(), *own),
        "aside": aside if is_good else "",
    }


def _compared(said: Said, own: Sequence[str]) -> bytes:
    if own and said.is_good:
        return as_bytes({name: value for name, value in said.json().items() if name not in own})
    own = said.headers.get("webhook-id") or (str(said.json().get("id", "")) if said.status == 202 else "")
    return said.body.replace(own.encode(), b"evt") if own else said.body


def as_bytes(content: Any) -> bytes:
    """The content as JSON. Half a surrogate pair goes out as it is; the servers refuse such bytes."""
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")
