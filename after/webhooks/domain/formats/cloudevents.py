"""cloudevents: CloudEvents 1.0, structured mode, around the data of std_json."""

from webhooks.domain.event import Event

from .format import Format, Options, Platform
from .json_text import compact_json, timestamp
from .options import EVENT_ALIASES, MASK, NULL_POLICY, aliased
from .std_json import data_of


def render(event: Event, options: Options, platform: Platform) -> bytes:
    return compact_json(
        {
            "specversion": "1.0",
            "id": event.id,
            "source": platform.source,
            "type": aliased(event.type, options, otherwise=platform.type_prefix + event.type),
            "subject": event.payment_id,
            "time": timestamp(event.occurred_at),
            "datacontenttype": "application/json",
            "data": data_of(event, options),
        }
    )


FORMATS = [
    Format(
        name="cloudevents",
        version=1,
        content_type="application/cloudevents+json; charset=utf-8",
        options=(NULL_POLICY, MASK, EVENT_ALIASES),
        render=render,
    )
]
