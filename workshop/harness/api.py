"""The calls of the server's API that the demo and the bench make."""

import json
from typing import Any

import urllib3

from workshop.base.problems import CommandFailed


class Api:
    """The server as an operator sees it. Many threads may use it; connections are kept."""

    def __init__(self, url: str, operator_key: str, connections: int = 1) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {operator_key}", "Content-Type": "application/json"}
        self._http = urllib3.PoolManager(maxsize=connections, block=True, retries=False, timeout=30)

    def create_client(self, registration: dict[str, Any]) -> dict[str, Any]:
        """The client with its API key and signing secret."""
        return self._call("POST", "/v1/clients", 201, registration)

    def post_event(self, event: dict[str, Any] | bytes, idempotency_key: str) -> dict[str, Any]:
        """Posts the event; returns its id and the number of its deliveries."""
        return self._call("POST", "/v1/events", 202, event, idempotency_key)

    def delivery(self, client: str, event: str) -> dict[str, Any]:
        """The delivery of one event to one client, with its attempts."""
        found = self._call("GET", f"/v1/deliveries?client={client}&event={event}", 200)["results"]
        if not found:
            raise CommandFailed(f"The server knows no delivery of {event} to {client}.")
        return self._call("GET", f"/v1/deliveries/{found[0]['id']}", 200)

    def retry(self, delivery: str) -> None:
        """Makes the delivery due now."""
        self._call("POST", f"/v1/deliveries/{delivery}/retry", 202)

    def _call(
        self, method: str, path: str, wanted: int, content: dict[str, Any] | bytes | None = None, key: str = ""
    ) -> dict[str, Any]:
        body = json.dumps(content).encode() if isinstance(content, dict) else content
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        try:
            response = self._http.request(method, self._url + path, body=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise CommandFailed(f"{method} {path} got no answer: {error}") from error
        if response.status != wanted:
            said = response.data[:500].decode(errors="replace")
            raise CommandFailed(f"{method} {path} answered {response.status} instead of {wanted}: {said}")
        return dict(response.json()) if response.data else {}
