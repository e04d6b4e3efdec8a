"""The requests at the receiver: each as it arrived, whether its signature is valid, and the answer."""

import hmac
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook, WebhookVerificationError

from workshop.harness.clients import Answer, Client
from workshop.harness.conduct import Conduct, Silence, answer_of

KEPT = 300  # requests of one client; older ones are forgotten
TOLERANCE = timedelta(minutes=5)  # of a signature's time, as Standard Webhooks has it
NO_TIME = timedelta()


@dataclass(frozen=True)
class Received:
    """One request to one client's endpoint."""

    slug: str
    at: datetime
    headers: dict[str, str]
    body: bytes
    refusal: str  # why the signature is invalid; empty if it is valid
    answer: Answer | Silence

    @property
    def webhook_id(self) -> str:
        return self.headers.get("webhook-id", "")

    @property
    def is_verified(self) -> bool:
        return not self.refusal

    @property
    def is_acknowledged(self) -> bool:
        return isinstance(self.answer, Answer) and 200 <= self.answer.status < 300

    @property
    def text(self) -> str:
        """The body as text for people."""
        return self.body.decode("utf-8", "replace")


class Inbox:
    """The newest requests to each client, safe to use from the receiver's threads and the demo's.

    `ahead` is the distance of the senders' clock from the machine's, and `heard` is called with each request, before
    its answer is sent.
    """

    def __init__(self, clients: Sequence[Client], ahead: Callable[[], timedelta] = lambda: NO_TIME) -> None:
        self.clients = {client.slug: client for client in clients}
        self.heard: Callable[[Received], None] = lambda received: None
        self._ahead = ahead
        self._secrets: dict[str, str] = {}
        self._conduct: dict[str, Conduct] = {}
        self._received: dict[str, deque[Received]] = defaultdict(lambda: deque(maxlen=KEPT))
        self._first: dict[str, str] = {}  # the id of each client's very first delivery
        self._failures: Counter[str] = Counter()  # answers of `fails_first` that a client has given
        self._count = 0
        self._changed = threading.Condition()

    def trust(self, slug: str, secret: str) -> None:
        """Sets the secret for checking this client's signatures."""
        self._secrets[slug] = secret

    def behave(self, slug: str, conduct: Conduct) -> None:
        """Sets the behaviour of this client's endpoint from the next request on."""
        self._conduct[slug] = conduct

    def receive(self, slug: str, headers: dict[str, str], body: bytes) -> Answer | Silence:
        """Keeps the request and returns the client's answer to it."""
        headers = {name.lower(): value for name, value in headers.items()}
        ahead = self._ahead()
        refusal = why_refused(self._secrets.get(slug, ""), headers, body, ahead)
        with self._changed:
            answer = self._answer(slug, headers.get("webhook-id", ""), refusal)
            received = Received(slug, datetime.now(UTC) + ahead, headers, body, refusal, answer)
            self._received[slug].append(received)
            self._count += 1
            self._changed.notify_all()
        self.heard(received)
        return answer

    def _answer(self, slug: str, webhook_id: str, refusal: str) -> Answer | Silence:
        conduct, client = self._conduct.get(slug, Conduct.USUAL), self.clients[slug]
        first = self._first.setdefault(slug, webhook_id)
        if refusal and conduct.checks_signatures:
            return Answer(401, "text/plain", refusal)
        if conduct is Conduct.USUAL and webhook_id == first and self._failures[slug] < len(client.fails_first):
            self._failures[slug] += 1
            return client.fails_first[self._failures[slug] - 1]
        return answer_of(conduct, client)

    def of(self, slug: str) -> list[Received]:
        """The client's requests, oldest first."""
        with self._changed:
            return list(self._received[slug])

    def acknowledged(self, slug: str) -> set[str]:
        """The ids of the events that the client has acknowledged."""
        return {request.webhook_id for request in self.of(slug) if request.is_acknowledged}

    def count(self) -> int:
        """The number of requests to all clients together, with those that are no longer kept."""
        with self._changed:
            return self._count

    def wait_for_more_than(self, count: int, seconds: float) -> None:
        """Returns when there are more requests than that, at the latest after these seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.count() > count, seconds)


def why_refused(secret: str, headers: dict[str, str], body: bytes, ahead: timedelta = NO_TIME) -> str:
    """The objection of the public `standardwebhooks` verifier to the request; empty if there is none.

    Its JSON parsing is off: the signature is over bytes, and half of the formats are no JSON. Its `verify` reads the
    machine's clock, so for a sender whose clock is ahead its `sign` is used instead.
    """
    if not secret:
        return "no secret is known for this client"
    try:
        if ahead:
            _verify_at(datetime.now(UTC) + ahead, Webhook(secret), headers, body)
        else:
            Webhook(secret).verify(body, headers, json_parse=False)
    except WebhookVerificationError as refused:
        return str(refused)
    except ValueError as malformed:
        return f"not a signature: {malformed}"
    return ""


def _verify_at(now: datetime, webhook: Webhook, headers: dict[str, str], body: bytes) -> None:
    """As the library's `verify`, at another time than the machine's. Raises as it does."""
    given, stamp = headers.get("webhook-signature", ""), headers.get("webhook-timestamp", "")
    if not (given and stamp and headers.get("webhook-id")):
        raise WebhookVerificationError("Missing required headers")
    if not stamp.isdecimal() or len(stamp) > 11:
        raise WebhookVerificationError("Invalid Signature Headers")
    signed_at = datetime.fromtimestamp(int(stamp), UTC)
    if abs(now - signed_at) > TOLERANCE:
        raise WebhookVerificationError(f"Message timestamp too {'old' if signed_at < now else 'new'}")
    expected = webhook.sign(headers["webhook-id"], signed_at, body.decode())
    if not any(hmac.compare_digest(expected.encode(), each.encode()) for each in given.split(" ")):
        raise WebhookVerificationError("No matching signature found")
