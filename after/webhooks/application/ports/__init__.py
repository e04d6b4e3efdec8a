"""What the use cases need from the world, named for what they need. One file a port; the adapters are elsewhere."""

from .clients import Clients, Recipient, Standing
from .clock import Clock
from .deliveries import Deliveries
from .doorbell import Doorbell
from .events import Earlier, Events, IdempotencyKeyTaken
from .randomness import Randomness
from .secrets import NewSecret, Secrets
from .sender import Outgoing, SecretUnreadable, Sender
from .transaction import Transaction

__all__ = [
    "Clients",
    "Clock",
    "Deliveries",
    "Doorbell",
    "Earlier",
    "Events",
    "IdempotencyKeyTaken",
    "NewSecret",
    "Outgoing",
    "Randomness",
    "Recipient",
    "SecretUnreadable",
    "Secrets",
    "Sender",
    "Standing",
    "Transaction",
]
