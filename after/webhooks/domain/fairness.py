"""Fairness: which clients come next when many wait for few slots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from .delivery import Endpoint
from .keys import ClientKey, DeliveryKey

IN_FLIGHT_PER_CLIENT = 10


@dataclass(frozen=True)
class ClientQueue:
    """A client's due deliveries by key, in the order of their times, at most ten."""

    endpoint: Endpoint
    keys: Sequence[DeliveryKey]


def fair_share(queues: Sequence[ClientQueue], slots: int, in_flight: Mapping[ClientKey, int]) -> list[DeliveryKey]:
    """The keys of the deliveries that can start now. `queues` come in the order of their waiting time.

    Clients with the fewest deliveries in flight come first; ties go to the longest wait. A client has at most ten in
    flight. Of more than ten slots, some are kept for clients with none, so that two hanging clients leave room.
    """
    turns = sorted(
        (under_way, place, key)
        for place, queue in enumerate(queues)
        for under_way, key in enumerate(queue.keys, start=in_flight.get(queue.endpoint.client_key, 0))
        if under_way < IN_FLIGHT_PER_CLIENT
    )
    first = [key for under_way, _, key in turns if not under_way]
    others = [key for under_way, _, key in turns if under_way]
    concurrency = slots + sum(in_flight.values())
    kept_free = min(ceil(concurrency / 8), max(concurrency - IN_FLIGHT_PER_CLIENT, 0))
    return first[:slots] + others[: max(slots - len(first) - kept_free, 0)]
