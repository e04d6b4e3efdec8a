"""What a soak borrows from the tests: the harness of tests/behaviour, and the books and the faults of tests/fire."""

import sys

from workshop import ROOT

sys.path.insert(0, str(ROOT / "tests" / "behaviour"))
sys.path.insert(0, str(ROOT / "tests" / "fire"))

from crowd import Traffic, traffic  # type: ignore[import-not-found]
from engine import Engine, Redis, why_no_celery  # type: ignore[import-not-found]
from faults import cut_connections, is_sqlite, nobody_can_write  # type: ignore[import-not-found]
from ledger import WAITING, Count, Ledger  # type: ignore[import-not-found]

from harness.clock import Clock  # type: ignore[import-not-found]
from harness.databases import Database, Postgres, Sqlite, Unreachable  # type: ignore[import-not-found]
from harness.http import Api, Response  # type: ignore[import-not-found]
from harness.processes import OUTSIDE, Process, Server, Stage  # type: ignore[import-not-found]
from harness.receiver import Answer, Box, Receiver  # type: ignore[import-not-found]
from harness.world import Client, create_client  # type: ignore[import-not-found]

__all__ = [
    "OUTSIDE",
    "WAITING",
    "Answer",
    "Api",
    "Box",
    "Client",
    "Clock",
    "Count",
    "Database",
    "Engine",
    "Ledger",
    "Postgres",
    "Process",
    "Receiver",
    "Redis",
    "Response",
    "Server",
    "Sqlite",
    "Stage",
    "Traffic",
    "Unreachable",
    "create_client",
    "cut_connections",
    "is_sqlite",
    "nobody_can_write",
    "traffic",
    "why_no_celery",
]
