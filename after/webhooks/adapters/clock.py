"""The process's clock."""

from datetime import datetime

from django.utils import timezone


class SystemClock:
    """The `Clock` port on the clock of this machine."""

    def now(self) -> datetime:
        return timezone.now()
