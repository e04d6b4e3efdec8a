"""Primary keys. Each is an `int`, but for the type checker a key of one kind is not a key of another."""

from typing import NewType

ClientKey = NewType("ClientKey", int)
EventKey = NewType("EventKey", int)
DeliveryKey = NewType("DeliveryKey", int)
