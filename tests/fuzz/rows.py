"""Fills the database, so that a caller with the right names meets every state of everything."""

from collections.abc import Callable
from dataclasses import dataclass

from delivery_states import end

from harness.answers import Answer
from harness.databases import Database
from harness.http import Api
from harness.receiver import Receiver

FORMATS = ("std_json", "flat_camel@1", "flat_camel@2", "xml_bank", "form_legacy", "cloudevents", "slack_blocks", "csv")
EXPENDABLE = 40


@dataclass(frozen=True)
class Rows:
    """The names of what is there, as dictionaries for schemathesis; and a client's key, with what it may see."""

    all: dict[str, list[str]]
    of_one_client: dict[str, list[str]]
    client_key: str


def fill(
    api: Api, create_client: Callable, accepted: Callable, receiver: Receiver, deliver: Callable, database: Database
) -> Rows:
    """A client for each format version, a disabled and a deleted client; deliveries in all five states."""
    clients = [create_client(slug=f"c-{number}", format=name) for number, name in enumerate(FORMATS)]
    disabled, deleted = create_client(slug="disabled"), create_client(slug="deleted")
    expendable = [create_client(slug=f"expendable-{number}", event_types=[]) for number in range(EXPENDABLE)]
    mine, failing = clients[0], clients[1]
    assert api.patch(disabled.url, {"status": "disabled"}).status == 200

    receiver.answer(f"/{failing.slug}", *[Answer(status=500)] * 3)
    first, *_ = [accepted(type=type) for type in ("payment.captured", "payment.failed", "payout.paid")]
    deliver()
    of_first = api.get(f"/v1/deliveries?event={first}").json()["results"]
    end(database, "dead", *[delivery["id"] for delivery in of_first if delivery["client"] in (mine.slug, failing.slug)])
    accepted()
    assert api.delete(deleted.url).status == 204

    deliveries = api.get("/v1/deliveries?limit=200").json()["results"]
    assert {delivery["status"] for delivery in deliveries} == {"pending", "delivered", "dead", "skipped", "cancelled"}
    own = [delivery for delivery in deliveries if delivery["client"] == mine.slug]
    return Rows(
        all={
            "slugs": [client.slug for client in (*clients, disabled, deleted)],
            "expendable_slugs": [client.slug for client in expendable],
            "events": sorted({delivery["event"] for delivery in deliveries}),
            "deliveries": [delivery["id"] for delivery in deliveries],
        },
        of_one_client={
            "slugs": [mine.slug],
            "expendable_slugs": [client.slug for client in expendable],
            "events": [delivery["event"] for delivery in own],
            "deliveries": [delivery["id"] for delivery in own],
        },
        client_key=mine.api_key,
    )
