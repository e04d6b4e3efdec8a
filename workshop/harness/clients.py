"""The demo's clients and events: one client for each format version, and a client that fails twice first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answer:
    """A client endpoint's answer to a delivery; with `hints_first`, an interim 103 comes before it."""

    status: int
    content_type: str = ""
    body: str = ""
    hints_first: bool = False

    def __str__(self) -> str:
        return f"{'103, then ' if self.hints_first else ''}{self.status} {self.body}".strip()

    def after_hints(self) -> "Answer":
        return replace(self, hints_first=True)


@dataclass(frozen=True)
class Client:
    """A subscriber: its event types, its format, and its acknowledgement."""

    slug: str
    name: str
    format: str
    version: int
    acknowledges: Answer
    options: dict[str, Any] = field(default_factory=dict)
    event_types: tuple[str, ...] = ("payment.*",)
    fails_first: tuple[Answer, ...] = ()  # answers to its very first delivery, before it recovers

    @property
    def title(self) -> str:
        return f"{self.format}@{self.version}"

    def registration(self, receiver_url: str) -> dict[str, Any]:
        """The body of `POST /v1/clients`."""
        return {
            "slug": self.slug,
            "name": self.name,
            "endpoint_url": f"{receiver_url}/hooks/{self.slug}",
            "event_types": list(self.event_types),
            "format": {"name": self.format, "version": self.version, "options": self.options},
        }


CLIENTS = (
    Client(
        "nordlys-books",
        "Nordlys Books, Tromsø",
        "std_json",
        1,
        Answer(200, "application/json", '{"received":true}'),
        {
            "null_policy": "omit",
            "rename": {"payment_id": "id", "customer": "buyer"},
            "mask": ["customer.email", "customer.iban"],
            "event_aliases": {"payment.captured": "sale.completed"},
        },
        ("*",),
    ),
    Client(
        "kiosco-sol",
        "Kiosco del Sol, Madrid",
        "flat_camel",
        1,
        Answer(204),
        {"minor_units": {"JPY": 2, "KWD": 2, "CLF": 2}},
    ),
    Client(
        "kedai-kopi",
        "Kedai Kopi, Penang",
        "flat_camel",
        2,
        Answer(200),
        {"null_policy": "empty", "rename": {"customerName": "buyer"}, "mask": ["customer.email"]},
    ),
    Client(
        "limmat-bank",
        "Limmatbank, Zürich",
        "xml_bank",
        1,
        Answer(200, "application/xml", '<Ack code="0"/>'),
        {"timezone": "Europe/Zurich", "mask": ["customer.iban"]},
    ),
    Client(
        "himal-travel",
        "Himal Travel, Kathmandu",
        "form_legacy",
        1,
        Answer(200, "text/plain", "[accepted]"),
        {"timezone": "Asia/Kathmandu", "event_aliases": {"payment.captured": "PAYMENT_OK"}},
    ),
    Client(
        "aotea-cloud",
        "Aotea Cloud, Wellington",
        "cloudevents",
        1,
        Answer(202),
        {"mask": ["customer.name", "customer.email"]},
        ("*",),
    ),
    Client(
        "ops-channel",
        "The operators' channel",
        "slack_blocks",
        1,
        Answer(200, "text/plain", "ok"),
        {"threshold": {"EUR": "1000", "USD": "1000", "CHF": "1000", "JPY": "100000"}},
    ),
    Client(
        "contas-claras",
        "Contas Claras, Recife",
        "csv",
        1,
        Answer(201),
        {
            "timezone": "America/Recife",
            "rename": {"customer[name]": "cliente", "amount": "valor"},
            "mask": ["customer.name", "customer.email", "customer.iban"],
        },
    ),
    Client(
        "harbour-repairs",
        "Harbour Repairs, Galway: fails twice, then answers",
        "std_json",
        1,
        Answer(200),
        event_types=("payout.paid",),
        fails_first=(
            Answer(500, "text/plain", "Internal error"),
            Answer(503, "text/plain", "Back soon"),
        ),
    ),
)


def events() -> list[dict[str, Any]]:
    """The events that are posted, in order."""
    listed: list[dict[str, Any]] = json.loads(Path(__file__).with_name("events.json").read_text(encoding="utf-8"))
    return listed


def expected(client: Client, events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events that must reach this client, calculated here without asking the server."""
    return [event for event in events if _wants(client, event["type"]) and _goes_out(client, event)]


def _wants(client: Client, event_type: str) -> bool:
    group = event_type.split(".")[0] + ".*"
    return not {event_type, group, "*"}.isdisjoint(client.event_types)


def _goes_out(client: Client, event: dict[str, Any]) -> bool:
    if client.format != "slack_blocks" or event["type"] == "payment.failed":
        return True
    threshold = client.options["threshold"].get(event["data"]["currency"])
    return threshold is not None and Decimal(event["data"]["amount"]) >= Decimal(threshold)
