"""One fake for each port, file by file as in webhooks/adapters. tests/contracts keeps them honest."""

from .clients import FakeClientChanges, FakeClients, FakeRecipients
from .clock import FakeClock
from .deliveries import FakeAttemptRecords, FakeDueDeliveries, FakeOutbox, FakeRetries
from .doorbell import FakeDoorbell
from .events import FakeEvents
from .randomness import FakeRandomness
from .secrets import FakeSecrets
from .sender import FakeSender
from .store import NotInATransaction, Store, TransactionLost
from .transaction import FakeTransaction

__all__ = [
    "FakeAttemptRecords",
    "FakeClientChanges",
    "FakeClients",
    "FakeClock",
    "FakeDoorbell",
    "FakeDueDeliveries",
    "FakeEvents",
    "FakeOutbox",
    "FakeRandomness",
    "FakeRecipients",
    "FakeRetries",
    "FakeSecrets",
    "FakeSender",
    "FakeTransaction",
    "NotInATransaction",
    "Store",
    "TransactionLost",
]
