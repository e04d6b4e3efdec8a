"""Plants a backlog by SQL: copies the rows of one event until the given number of deliveries is pending."""

from datetime import UTC, datetime, timedelta

from workshop.harness.databases import Database

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"


def plant(database: Database, deliveries: int) -> None:
    """Copies the only event, and its delivery to each client, until `count` deliveries are pending.

    The events date from an hour ago, one each millisecond: their deliveries are due, the oldest first.
    """
    ((event, recipients),) = database.execute("SELECT event_id, count(*) FROM webhooks_delivery GROUP BY event_id")
    events, accepted = deliveries // recipients, datetime.now(UTC) - timedelta(hours=1)
    of_event = {name: name for name in database.columns("webhooks_event")}
    of_event["public_id"] = "substr(public_id, 1, 14) || substr(CAST(10000000000000000 + i AS text), 2)"
    of_event["idempotency_key"] = "NULL"
    of_event["created_at"] = database.moment("i")
    database.execute(
        f"{NUMBERS.format(count=events - 1)} INSERT INTO webhooks_event ({', '.join(of_event)})"
        f" SELECT {', '.join(of_event.values())} FROM n, webhooks_event WHERE id = {event}",
        accepted.isoformat(" "),
    )
    of_delivery = {name: f"d.{name}" for name in database.columns("webhooks_delivery")}
    of_delivery["public_id"] = (
        "substr(d.public_id, 1, 14) || substr(CAST(10000000000000000 + e.id * 1000 + d.id AS text), 2)"
    )
    of_delivery["event_id"] = "e.id"
    of_delivery["created_at"] = of_delivery["next_attempt_at"] = "e.created_at"
    database.execute(
        f"INSERT INTO webhooks_delivery ({', '.join(of_delivery)}) SELECT {', '.join(of_delivery.values())}"
        " FROM webhooks_event e, webhooks_delivery d"
        f" WHERE d.event_id = {event} AND e.id <> {event} ORDER BY e.id, d.id"
    )
    database.analyze()
