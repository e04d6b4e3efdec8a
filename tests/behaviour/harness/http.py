"""The API as a caller sees it: the exact bytes of request and answer, without automatic headers."""

import json as json_module
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import Any

TIMEOUT = 25  # seconds; no call of the API takes as long
UNSET: Any = object()
Headers = Iterable[tuple[str, str | bytes]] | dict[str, str]


@dataclass(frozen=True)
class Response:
    status: int
    headers: HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json_module.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "")


class Api:
    """Calls one API server with one key (or none). Every request has a connection of its own.

    An answer of 500 fails the test at once: no input causes one.
    """

    def __init__(self, port: int, key: str | None, log: Callable[[], str] = lambda: "") -> None:
        self.port = port
        self.key = key
        self._log = log

    def as_key(self, key: str | None) -> "Api":
        return Api(self.port, key, self._log)

    def anonymous(self) -> "Api":
        return self.as_key(None)

    def get(self, target: str, **more: Any) -> Response:
        return self.request("GET", target, **more)

    def post(self, target: str, json: Any = UNSET, **more: Any) -> Response:
        return self.request("POST", target, json=json, **more)

    def patch(self, target: str, json: Any = UNSET, **more: Any) -> Response:
        return self.request("PATCH", target, json=json, **more)

    def delete(self, target: str, **more: Any) -> Response:
        return self.request("DELETE", target, **more)

    def request(
        self,
        method: str,
        target: str | bytes,
        *,
        json: Any = UNSET,
        body: bytes | None = None,
        headers: Headers = (),
        content_type: str | None = UNSET,
    ) -> Response:
        """`json` or `body`, not both; either gets `Content-Type: application/json` unless `content_type` says else.

        A `content_type` of None sends none. `target` and header values go out as they are (str as UTF-8).
        """
        if json is not UNSET:
            body = json_module.dumps(json).encode()
        lines = [method.encode(), b" ", _bytes(target), b" HTTP/1.1\r\n"]
        fields: list[tuple[str, str | bytes]] = [("Host", f"127.0.0.1:{self.port}"), ("Connection", "close")]
        if self.key is not None:
            fields.append(("Authorization", f"Bearer {self.key}"))
        if body is not None:
            fields.append(("Content-Length", str(len(body))))
        if content_type is UNSET:
            content_type = None if body is None else "application/json"
        if content_type is not None:
            fields.append(("Content-Type", content_type))
        fields += headers.items() if isinstance(headers, dict) else headers
        for name, value in fields:
            lines += [name.encode(), b": ", _bytes(value), b"\r\n"]
        return self.raw(b"".join([*lines, b"\r\n", body or b""]), method)

    def raw(self, data: bytes, method: str = "GET") -> Response:
        """Sends the bytes of a whole request and reads the response."""
        with socket.create_connection(("127.0.0.1", self.port), TIMEOUT) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                connection.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass  # answered before it had read everything
            answer = HTTPResponse(connection, method=method)
            try:
                answer.begin()
                response = Response(answer.status, answer.headers, answer.read())
            except (HTTPException, OSError) as exception:
                raise AssertionError(f"no response to {data[:200]!r}: {exception!r}\n{self._log()}") from exception
        assert response.status != 500, f"500 for {data[:400]!r}\n{response.body[:400]!r}\n{self._log()}"
        return response


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
