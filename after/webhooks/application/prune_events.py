"""Delete old events whose deliveries have ended."""

from dataclasses import dataclass
from datetime import timedelta

from .ports import Clock, Events


@dataclass(frozen=True)
class PruneEvents:
    """`prune_events(older_than)` deletes old events whose deliveries have all ended; returns the number of events."""

    events: Events
    clock: Clock

    def __call__(self, older_than: timedelta) -> int:
        return self.events.prune(self.clock.now() - older_than)
