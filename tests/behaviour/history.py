"""The deliveries and their attempts, from the API."""

from datetime import datetime
from typing import Any

from harness.http import Api
from harness.world import Client


def deliveries_of(api: Api, client: Client) -> list[dict[str, Any]]:
    """The client's deliveries with their attempts, oldest first."""
    page = api.get(f"/v1/deliveries?client={client.slug}&limit=200").json()
    assert page["next"] is None
    return [api.get(f"/v1/deliveries/{row['id']}").json() for row in reversed(page["results"])]


def delivery_of(api: Api, client: Client) -> dict[str, Any]:
    """The client's only delivery."""
    (delivery,) = deliveries_of(api, client)
    return delivery


def attempt_of(api: Api, client: Client) -> dict[str, Any]:
    """The only attempt of the client's only delivery."""
    (attempt,) = delivery_of(api, client)["attempts"]
    return attempt


def errors_of(delivery: dict[str, Any]) -> list[str | None]:
    """The errors of its attempts, in their order."""
    return [attempt["error"] for attempt in delivery["attempts"]]


def attempts_by_name(api: Api, clients: dict[Any, Client]) -> dict[Any, dict[str, Any]]:
    """The only attempt to each of these clients, which have one delivery each."""
    rows = api.get("/v1/deliveries?limit=200").json()["results"]
    ids = {row["client"]: row["id"] for row in rows}
    assert len(ids) == len(rows), "a client has two deliveries"
    attempts = {}
    for name, client in clients.items():
        (attempts[name],) = api.get(f"/v1/deliveries/{ids[client.slug]}").json()["attempts"]
    return attempts


def errors_by_name(api: Api, clients: dict[Any, Client]) -> dict[Any, str | None]:
    """The outcome of the only attempt to each of these clients."""
    return {name: attempt["error"] for name, attempt in attempts_by_name(api, clients).items()}


def moment(text: str) -> datetime:
    """A time of the API."""
    return datetime.fromisoformat(text)
