"""Celery's consumer of the broker's messages, for CELERY_WORKER_CONSUMER."""

from celery.worker import consumer


class Consumer(consumer.Consumer):
    """Closes the connection to a broker that answers and refuses to write, as a replica does.

    Celery connects to such a broker five times a second. Its own `connect` leaves each connection open, until the
    process has no file descriptors left.
    """

    def connect(self):
        connection = self.connection_for_read(heartbeat=self.amqheartbeat)
        try:
            if self.hub:
                connection.transport.register_with_event_loop(connection.connection, self.hub)
        except Exception:
            connection.release()
            raise
        return connection
