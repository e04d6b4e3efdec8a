"""The requests at the receiver: each as it arrived, whether its signature is valid, and the answer."""

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from standardwebhooks import Webhook, WebhookVerificationError

from workshop.harness.clients import Answer, Client


@dataclass(frozen=True)
class Received:
    """One request to one client's endpoint."""

    slug: str
    at: datetime
    headers: dict[str, str]
    body: bytes
    refusal: str  # why the signature is invalid; empty if it is valid
    answer: Answer

    @property
    def webhook_id(self) -> str:
        return self.headers.get("webhook-id", "")

    @property
    def is_verified(self) -> bool:
        return not self.refusal

    @property
    def is_acknowledged(self) -> bool:
        return 200 <= self.answer.status < 300

    @property
    def text(self) -> str:
        """The body as text for people."""
        return self.body.decode("utf-8", "replace")


class Inbox:
    """Everything received, safe to use from the receiver's threads and the demo's."""

    def __init__(self, clients: Sequence[Client]) -> None:
        self.clients = {client.slug: client for client in clients}
        self._secrets: dict[str, str] = {}
        self._received: dict[str, list[Received]] = defaultdict(list)
        self._changed = threading.Condition()

    def trust(self, slug: str, secret: str) -> None:
        """Sets the secret for checking this client's signatures."""
        self._secrets[slug] = secret

    def receive(self, slug: str, headers: dict[str, str], body: bytes) -> Answer:
        """Keeps the request and returns the client's answer to it."""
        headers = {name.lower(): value for name, value in headers.items()}
        refusal = why_refused(self._secrets.get(slug, ""), headers, body)
        with self._changed:
            answer = self._answer(slug, headers.get("webhook-id", ""), refusal)
            moment = datetime.now(UTC)
            self._received[slug].append(Received(slug, moment, headers, body, refusal, answer))
            self._changed.notify_all()
        return answer

    def _answer(self, slug: str, webhook_id: str, refusal: str) -> Answer:
        if refusal:
            return Answer(401, "text/plain", refusal)
        client, earlier = self.clients[slug], self._received[slug]
        if client.fails_first and (not earlier or earlier[0].webhook_id == webhook_id):
            tries = sum(request.webhook_id == webhook_id for request in earlier)
            if tries < len(client.fails_first):
                return client.fails_first[tries]
        return client.acknowledges

    def of(self, slug: str) -> list[Received]:
        """The client's requests, oldest first."""
        with self._changed:
            return list(self._received[slug])

    def acknowledged(self, slug: str) -> set[str]:
        """The ids of the events that the client has acknowledged."""
        return {request.webhook_id for request in self.of(slug) if request.is_acknowledged}

    def count(self) -> int:
        """The number of requests to all clients together."""
        with self._changed:
            return sum(map(len, self._received.values()))

    def wait_for_more_than(self, count: int, seconds: float) -> None:
        """Returns when there are more requests than that, at the latest after these seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.count() > count, seconds)


def why_refused(secret: str, headers: dict[str, str], body: bytes) -> str:
    """The objection of the public `standardwebhooks` verifier to the request; empty if there is none.

    Its JSON parsing is off: the signature is over bytes, and half of the formats are no JSON.
    """
    if not secret:
        return "no secret is known for this client"
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
    except WebhookVerificationError as refused:
        return str(refused)
    except ValueError as malformed:
        return f"not a signature: {malformed}"
    return ""
