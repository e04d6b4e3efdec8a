"""Preview an event as a client would receive it. Nothing is stored or sent."""

from dataclasses import dataclass

from plumbing.logs import get_logger
from webhooks.domain.event import PostedEvent
from webhooks.domain.formats.format import Platform
from webhooks.domain.formats.registry import get_format
from webhooks.domain.keys import ClientKey

from .ports import Randomness, Recipients

log = get_logger(__name__)


class CannotRender(Exception):
    """The client's format cannot render this event."""


@dataclass(frozen=True)
class Preview:
    """The body that would be sent, or the reason why none would."""

    event_id: str
    content_type: str = ""
    body: bytes = b""
    skip_reason: str | None = None


@dataclass(frozen=True)
class PreviewEvent:
    """`preview_event(client_key, event)` renders like an accepted event. Raises CannotRender, NoSuchClient."""

    recipients: Recipients
    randomness: Randomness
    platform: Platform

    def __call__(self, client_key: ClientKey, posted: PostedEvent) -> Preview:
        recipient = self.recipients.one(client_key)
        event = posted.with_id(self.randomness.event_id())
        options = recipient.format_options
        try:
            chosen = get_format(recipient.format_name, recipient.format_version)
            if reason := chosen.skip_reason(event, options):
                return Preview(event.id, skip_reason=reason)
            return Preview(event.id, chosen.content_type, chosen.render(event, options, self.platform))
        except Exception as error:
            log.exception("render_failed", client=recipient.slug)
            raise CannotRender from error
