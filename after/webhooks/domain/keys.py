"""Primary keys. Each is an `int`, and a key of one kind does not pass for one of another."""

from typing import NewType

ClientKey = NewType("ClientKey", int)
EventKey = NewType("EventKey", int)
DeliveryKey = NewType("DeliveryKey", int)
