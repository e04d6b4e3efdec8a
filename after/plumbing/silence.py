"""Ends a connection to PostgreSQL without an answer, so that no process waits for ever.

The kernel's keepalives (config/settings.py) notice a server that has disappeared. But if a proxy on the way takes our
bytes and forwards none, the kernel notices nothing, so the wait itself needs a limit.
"""

from typing import Any

import psycopg
from django.conf import settings

MARGIN_SECONDS = 2  # longer than the server's own limit, whose error says more


def end_silence(sender: object, connection: Any, **kwargs: object) -> None:
    """Limits each wait for the server, also in commits and rollbacks. A receiver of connection_created."""
    if connection.vendor != "postgresql" or not settings.STATEMENT_SECONDS:
        return
    opened, patience = connection.connection, settings.STATEMENT_SECONDS + MARGIN_SECONDS
    wait = opened.wait

    def wait_for_so_long(*args: Any, **kwargs: Any) -> Any:
        if kwargs.get("timeout") is not None:
            return wait(*args, **kwargs)  # a caller with a limit of its own
        try:
            return wait(*args, **kwargs, timeout=patience)
        except psycopg.errors._WaitTimeout as error:
            # Closed, because otherwise the following rollback would wait as long.
            opened.close()
            raise psycopg.OperationalError(f"PostgreSQL did not answer within {patience} seconds.") from error

    opened.wait = wait_for_so_long
