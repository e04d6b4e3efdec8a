"""Sending: requests are signed by Standard Webhooks 1.0 and posted by the guarded client."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property

from cryptography.fernet import InvalidToken
from django.utils.http import parse_http_date

from plumbing import outbound, secret_storage
from plumbing.addresses import Network
from plumbing.signing import signed_headers
from webhooks.application.ports import Clock, OutgoingRequest, SecretUnreadable
from webhooks.domain.answers import AttemptError, ClientAnswer, NoAnswer


class HttpSender:
    """The `Sender` port over HTTP. A process has one, so that connections stay open; threads may share `send`."""

    def __init__(self, allowed_networks: tuple[Network, ...], clock: Clock) -> None:
        self._allowed_networks = allowed_networks
        self._clock = clock

    @cached_property
    def _http(self) -> outbound.GuardedClient:
        """Only a process that sends makes a sender, because it loads the CA bundle."""
        return outbound.GuardedClient(self._allowed_networks)

    def send(self, request: OutgoingRequest) -> ClientAnswer | NoAnswer:
        try:
            secrets = [secret_storage.unseal(sealed) for sealed in request.secrets]
        except InvalidToken as error:
            raise SecretUnreadable from error
        headers = signed_headers(secrets, request.message_id, self._clock.now(), request.body)
        headers = {"Content-Type": request.content_type, **headers}
        answer = self._http.post(request.url, request.body, headers, request.client_key)
        failure = AttemptError(answer.error) if answer.error else None
        if answer.status is None:
            assert failure, "plumbing says why no response began"
            return NoAnswer(failure, answer.duration_ms)
        return ClientAnswer(answer.status, answer.body, failure, answer.duration_ms, retry_after(answer.headers))


def retry_after(headers: Mapping[str, str]) -> timedelta | datetime | None:
    """A valid Retry-After of RFC 9110, as seconds or as a date; None if there is none."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch("[0-9]+", value):
        return timedelta(seconds=min(int(value.lstrip("0")[:10] or 0), 10**9))
    try:
        return datetime.fromtimestamp(parse_http_date(value), UTC)
    except (ValueError, OverflowError, OSError):
        return None
