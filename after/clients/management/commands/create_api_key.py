from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from clients.models import ApiKey, Client


class Command(BaseCommand):
    help = "Creates an API key and prints only the key on stdout. It is not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", required=True, choices=ApiKey.Role.values)
        parser.add_argument("--client", metavar="SLUG", help="the slug of the key's client; only for the role client")

    def handle(self, *args: Any, role: str, client: str | None, **options: Any) -> None:
        if (role == ApiKey.Role.CLIENT) != bool(client):
            raise CommandError("--role client needs --client SLUG; --role operator takes none.")
        owner = None
        with transaction.atomic():
            if client:
                # Locked, so that a delete comes before this, or after it and revokes this key, too.
                owner = Client.objects.present().select_for_update(no_key=True).filter(slug=client).first()
                if owner is None:
                    raise CommandError(f"There is no client {client!r}.")
            _, key = ApiKey.objects.issue(role, owner)
        self.stdout.write(key)
