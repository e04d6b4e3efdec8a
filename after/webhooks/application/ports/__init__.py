"""The ports: what the use cases need from the outside world. Each port has a file; the adapters are elsewhere."""

from .attempt_records import AttemptRecords
from .client_changes import ClientChanges, LockedClient
from .clients import Clients, ClientState, NoSuchClient
from .clock import Clock
from .doorbell import Doorbell
from .due_deliveries import DueDeliveries
from .events import Events, IdempotencyKeyTaken
from .outbox import Outbox
from .randomness import Randomness
from .recipients import Recipient, Recipients
from .retries import NoSuchDelivery, Retries
from .secrets import NewSecret, Secrets
from .sender import OutgoingRequest, SecretUnreadable, Sender
from .transaction import Transaction

__all__ = [
    "AttemptRecords",
    "ClientChanges",
    "ClientState",
    "Clients",
    "Clock",
    "Doorbell",
    "DueDeliveries",
    "Events",
    "IdempotencyKeyTaken",
    "LockedClient",
    "NewSecret",
    "NoSuchClient",
    "NoSuchDelivery",
    "Outbox",
    "OutgoingRequest",
    "Randomness",
    "Recipient",
    "Recipients",
    "Retries",
    "SecretUnreadable",
    "Secrets",
    "Sender",
    "Transaction",
]
