"""slack_blocks: a chat message about failures and about large amounts."""

from decimal import Decimal

from webhooks.domain.event import Event, EventType
from webhooks.domain.money import Money

from .format import Ack, Format, Options, Platform
from .json_text import compact_json
from .options import EVENT_ALIASES, MASK, THRESHOLD, aliased, visible

CURRENCY_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
TEXT_LENGTH = 3000


def skip_reason(event: Event, options: Options) -> str | None:
    """Failures are sent, and amounts from the threshold up; without a threshold for the currency, no amount is sent."""
    threshold = options.get("threshold", {}).get(event.money.currency)
    is_large = threshold is not None and event.money.amount >= Decimal(threshold)
    return None if event.type is EventType.PAYMENT_FAILED or is_large else "below_threshold"


def render(event: Event, options: Options, platform: Platform) -> bytes:
    name = visible(event.customer, options).name
    text = f"*{aliased(event.type, options)}* {amount(event.money)} {event.payment_id} {name}"
    if event.failure:
        text += f" – {event.failure.code}: {event.failure.message}"
    text = cut(escaped(text))
    return compact_json({"text": text, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]})


def amount(money: Money) -> str:
    """`$1,234.50`, or `KWD 1,234.500` if the currency has no sign."""
    sign = CURRENCY_SIGNS.get(money.currency, money.currency + " ")
    return f"{sign}{Decimal(money.text):,}"


def escaped(text: str) -> str:
    """The three characters that Slack's mrkdwn reserves."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str) -> str:
    """At most 3,000 characters of an escaped text, never cut inside an entity."""
    head = text[:TEXT_LENGTH]
    entity = head.rfind("&")
    return head if ";" in head[entity:] or entity < 0 else head[:entity]


FORMATS = [
    Format(
        name="slack_blocks",
        version=1,
        content_type="application/json",
        options=(THRESHOLD, MASK, EVENT_ALIASES),
        render=render,
        ack=Ack("2xx ok", lambda text: text == b"ok"),
        skip_reason=skip_reason,
    )
]
