"""A backlog of more deliveries than a test has time to post."""

from harness.databases import Database
from harness.world import Client


def plant(database: Database, client: Client, count: int) -> None:
    """Copies the client's only delivery, and its event, `count` times: a backlog that would take long to post."""
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    of_event = "type, occurred_at, payment_id, amount, currency, status, customer_id, customer_name, customer_email,"
    of_event += " customer_iban, reference, failure_code, failure_message, fingerprint, created_at"
    of_delivery = "client_id, status, skip_reason, body, content_type, ack_rule, mask, attempt_count,"
    of_delivery += " attempts_this_round, next_attempt_at, lease_token, leased_until, created_at"
    (row,) = database.rows(
        "SELECT d.id, d.event_id FROM webhooks_delivery d JOIN clients_client c ON c.id = d.client_id WHERE c.slug = ?",
        client.slug,
    )
    database.execute(
        f"{numbers} INSERT INTO webhooks_event (public_id, {of_event})"
        f" SELECT 'evt_{row['id']:020}' || (100000 + i), {of_event} FROM n, webhooks_event WHERE id = {row['event_id']}"
    )
    columns = ", ".join(f"d.{name.strip()}" for name in of_delivery.split(","))
    database.execute(
        f"INSERT INTO webhooks_delivery (public_id, event_id, {of_delivery})"
        f" SELECT 'dlv_' || substr(e.public_id, 5), e.id, {columns} FROM webhooks_event e, webhooks_delivery d"
        f" WHERE d.id = {row['id']} AND e.public_id LIKE 'evt_{row['id']:020}%'"
    )
