"""Puts a delivery into a state at once, for tests that are not about the way there."""

from harness.databases import Database
from harness.http import Api


def only_delivery(api: Api) -> dict:
    """The only delivery, as the API lists it."""
    (row,) = api.get("/v1/deliveries").json()["results"]
    return row


def end(database: Database, status: str, *delivery_ids: str) -> None:
    """The deliveries have ended in this state, after all eight attempts."""
    for delivery_id in delivery_ids:
        changed = database.execute(
            "UPDATE webhooks_delivery SET status = ?, next_attempt_at = NULL, lease_token = NULL,"
            " leased_until = NULL, attempt_count = 8, attempts_this_round = 8 WHERE public_id = ?",
            status,
            delivery_id,
        )
        assert changed == 1


def count_attempts(database: Database, delivery_id: str, count: int) -> None:
    """Gives the pending delivery a number of attempts."""
    changed = database.execute(
        "UPDATE webhooks_delivery SET attempt_count = ?, attempts_this_round = ?"
        " WHERE public_id = ? AND status = 'pending'",
        count,
        count,
        delivery_id,
    )
    assert changed == 1
