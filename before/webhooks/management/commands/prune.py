import re
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from webhooks.models import Event


class Command(BaseCommand):
    help = "Deletes old events, with their deliveries and attempts, if all of these deliveries have ended."

    def add_arguments(self, parser):
        parser.add_argument("--older-than", required=True, metavar="30d", help="days since the event was accepted")

    def handle(self, *args, older_than, **options):
        days = re.fullmatch(r"([0-9]{1,5})d", older_than)
        if not days:
            raise CommandError("--older-than: expected a number of days, such as 30d.")
        pruned = Event.objects.prune(before=timezone.now() - timedelta(days=int(days[1])))
        self.stdout.write(f"{pruned} events pruned")
