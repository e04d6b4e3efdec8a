"""One fake for each port, file by file as in webhooks/adapters. tests/contracts keeps them honest."""

from .clients import FakeClients
from .clock import FakeClock
from .deliveries import FakeDeliveries
from .doorbell import FakeDoorbell
from .events import FakeEvents
from .randomness import FakeRandomness
from .secrets import FakeSecrets
from .sender import FakeSender
from .store import NotInATransaction, Store, TransactionLost
from .transaction import FakeTransaction

__all__ = [
    "FakeClients",
    "FakeClock",
    "FakeDeliveries",
    "FakeDoorbell",
    "FakeEvents",
    "FakeRandomness",
    "FakeSecrets",
    "FakeSender",
    "FakeTransaction",
    "NotInATransaction",
    "Store",
    "TransactionLost",
]
