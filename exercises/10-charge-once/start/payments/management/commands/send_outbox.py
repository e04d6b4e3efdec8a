from django.core.management.base import BaseCommand

from payments.outbox import send_due


class Command(BaseCommand):
    help = "Tells the providers what they have yet to hear. Run it every few seconds."

    def handle(self, **options):
        send_due()
