"""The calls of the server's API that the demo makes."""

from typing import Any

import requests

from workshop.base.problems import CommandFailed


class Api:
    """The server as an operator sees it."""

    def __init__(self, url: str, operator_key: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {operator_key}"

    def create_client(self, registration: dict[str, Any]) -> dict[str, Any]:
        """The client with its API key and signing secret."""
        return self._call("POST", "/v1/clients", 201, json=registration)

    def post_event(self, event: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        """The event's id and how many deliveries it makes."""
        headers = {"Idempotency-Key": idempotency_key}
        return self._call("POST", "/v1/events", 202, json=event, headers=headers)

    def delivery(self, client: str, event: str) -> dict[str, Any]:
        """The delivery of one event to one client, with its attempts."""
        where = f"/v1/deliveries?client={client}&event={event}"
        found = self._call("GET", where, 200)["results"]
        if not found:
            raise CommandFailed(f"The server knows no delivery of {event} to {client}.")
        return self._call("GET", f"/v1/deliveries/{found[0]['id']}", 200)

    def retry(self, delivery: str) -> None:
        """Makes the delivery due now."""
        self._call("POST", f"/v1/deliveries/{delivery}/retry", 202)

    def _call(self, method: str, path: str, wanted: int, **arguments: Any) -> dict[str, Any]:
        try:
            answer = self._session.request(method, self._url + path, timeout=20, **arguments)
        except requests.RequestException as error:
            raise CommandFailed(f"{method} {path} got no answer: {error}") from error
        if answer.status_code != wanted:
            said = answer.text[:500]
            raise CommandFailed(f"{method} {path} answered {answer.status_code}, not {wanted}: {said}")
        content: dict[str, Any] = answer.json()
        return content
