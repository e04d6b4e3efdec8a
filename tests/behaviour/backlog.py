"""A backlog of more deliveries than a test has time to post."""

from harness.databases import Database
from harness.world import Client


def plant(database: Database, client: Client, count: int) -> None:
    """Copies the client's only delivery, and its event, `count` times: a backlog that would take long to post."""
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    (row,) = database.rows(
        "SELECT d.id, d.event_id FROM webhooks_delivery d JOIN clients_client c ON c.id = d.client_id WHERE c.slug = ?",
        client.slug,
    )
    of_event = ", ".join(_copied(database, "webhooks_event", row["event_id"], "idempotency_key"))
    of_delivery = _copied(database, "webhooks_delivery", row["id"], "event_id")
    database.execute(
        f"{numbers} INSERT INTO webhooks_event (public_id, {of_event})"
        f" SELECT 'evt_{row['id']:020}' || (100000 + i), {of_event} FROM n, webhooks_event WHERE id = {row['event_id']}"
    )
    columns = ", ".join(f"d.{name}" for name in of_delivery)
    database.execute(
        f"INSERT INTO webhooks_delivery (public_id, event_id, {', '.join(of_delivery)})"
        f" SELECT 'dlv_' || substr(e.public_id, 5), e.id, {columns} FROM webhooks_event e, webhooks_delivery d"
        f" WHERE d.id = {row['id']} AND e.public_id LIKE 'evt_{row['id']:020}%'"
    )


def _copied(database: Database, table: str, key: int, *others: str) -> list[str]:
    """The columns of a row that its copies have, too: all but its keys and the others named."""
    (row,) = database.rows(f"SELECT * FROM {table} WHERE id = ?", key)
    return [column for column in row if column not in ("id", "public_id", *others)]
