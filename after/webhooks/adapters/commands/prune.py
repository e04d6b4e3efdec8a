import re
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webhooks.process import use_cases


class Command(BaseCommand):
    help = "Deletes old events, with their deliveries and attempts, if all of these deliveries have ended."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than", required=True, metavar="30d", help="days since the event was accepted")

    def handle(self, *args: Any, older_than: str, **options: Any) -> None:
        days = re.fullmatch(r"([0-9]{1,5})d", older_than)
        if not days:
            raise CommandError("--older-than: expected a number of days, such as 30d.")
        pruned = use_cases().prune_events(timedelta(days=int(days[1])))
        self.stdout.write(f"{pruned} events pruned")
