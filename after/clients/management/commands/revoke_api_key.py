from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clients.models import ApiKey
from plumbing.keys import prefix_of

SHORTEST_PREFIX = 8


class Command(BaseCommand):
    help = "Revokes the API key that begins with PREFIX, at once and permanently."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix", metavar="PREFIX", help=f"the key's first characters, {SHORTEST_PREFIX} or more")

    def handle(self, *args: Any, prefix: str, **options: Any) -> None:
        if len(prefix) < SHORTEST_PREFIX:
            raise CommandError(f"Give at least {SHORTEST_PREFIX} characters of the key.")
        known = prefix_of(prefix)  # only these first characters are stored
        # SQLite's LIKE ignores case.
        found = [row for row in ApiKey.objects.filter(prefix__startswith=known) if row.prefix.startswith(known)]
        if len(found) != 1:
            raise CommandError(f"{len(found)} keys begin with {known!r}; give the first characters of one key.")
        ApiKey.objects.filter(pk=found[0].pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
        self.stderr.write(f"Revoked {found[0].prefix}.")
