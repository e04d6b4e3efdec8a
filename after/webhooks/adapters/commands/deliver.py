from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from plumbing.logs import get_logger
from webhooks.adapters.worker import Worker
from webhooks.process import use_cases

log = get_logger(__name__)


class Command(BaseCommand):
    help = "Sends due deliveries. On SIGTERM, finishes the attempts in flight and stops."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now, then exit")
        parser.add_argument(
            "--concurrency",
            type=int,
            default=settings.DELIVERY_CONCURRENCY,
            metavar="N",
        )

    def handle(self, *args: Any, once: bool, concurrency: int, **options: Any) -> None:
        if not 1 <= concurrency <= 1000:
            raise CommandError("--concurrency: expected a number from 1 to 1000.")
        worker = Worker(use_cases().deliver_due, concurrency)
        worker.stop_on_signals()
        log.info("worker_started", concurrency=concurrency)
        worker.run(once)
        log.info("worker_stopped")
