from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from plumbing.logs import get_logger
from webhooks.worker import Worker

log = get_logger(__name__)


class Command(BaseCommand):
    help = "Sends due deliveries. On SIGTERM, finishes the attempts in flight and stops."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="send what is due now, then exit")
        parser.add_argument(
            "--concurrency",
            type=int,
            default=settings.DELIVERY_CONCURRENCY,
            metavar="N",
        )

    def handle(self, *args, once, concurrency, **options):
        if not 1 <= concurrency <= 1000:
            raise CommandError("--concurrency: expected a number from 1 to 1000.")
        worker = Worker(concurrency)
        worker.stop_on_signals()
        log.info("worker_started", concurrency=concurrency)
        worker.run(once)
        log.info("worker_stopped")
