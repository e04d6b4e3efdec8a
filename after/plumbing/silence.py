"""Ends a connection to PostgreSQL over which no answer comes, so that nobody waits for it for good.

A server that is gone without a word is noticed by the kernel's keepalives (config/settings.py). A proxy on the way that
takes our bytes and hands none on keeps the kernel content, so the wait itself needs an end.
"""

from typing import Any

import psycopg
from django.conf import settings

MARGIN_SECONDS = 2  # the server's own end of a long statement, which says more, comes first


def end_silence(sender: object, connection: Any, **kwargs: object) -> None:
    """Gives each wait for the server an end, commits and rollbacks included. A receiver of connection_created."""
    if connection.vendor != "postgresql" or not settings.STATEMENT_SECONDS:
        return
    opened, patience = connection.connection, settings.STATEMENT_SECONDS + MARGIN_SECONDS
    wait = opened.wait

    def wait_for_so_long(*args: Any, **kwargs: Any) -> Any:
        if kwargs.get("timeout") is not None:
            return wait(*args, **kwargs)  # somebody who has an end of its own
        try:
            return wait(*args, **kwargs, timeout=patience)
        except psycopg.errors._WaitTimeout as error:
            # Closed, or the rollback that follows would wait as long.
            opened.close()
            raise psycopg.OperationalError(f"PostgreSQL did not answer within {patience} seconds.") from error

    opened.wait = wait_for_so_long
