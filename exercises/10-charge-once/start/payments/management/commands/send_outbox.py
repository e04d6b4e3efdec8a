from django.core.management.base import BaseCommand

from payments.outbox import send_due


class Command(BaseCommand):
    help = "Sends all due payments and refunds to the providers. Run it every few seconds."

    def handle(self, **options):
        send_due()
