"""The Celery engine: a task carries no state, it only says "look now"."""

from functools import lru_cache

from django.conf import settings

from config.celery import app
from webhooks.application import use_cases

from .worker import Worker

DRAIN_SECONDS = 30


@lru_cache
def process_worker() -> Worker:
    """One for the life of a Celery process, so that its connections to the clients stay open."""
    return Worker(use_cases().deliver_due, settings.DELIVERY_CONCURRENCY)


# The name is explicit: it is in the broker's messages, and a rolling deploy has processes of two versions.
@app.task(name="webhooks.look_now", ignore_result=True)
def look_now() -> None:
    """Sends what is due, and what comes due while a slow client keeps it waiting. After half a minute it hands on to
    the next ring, so that a shutdown need not wait for all.
    """
    if not process_worker().run(until_idle=True, seconds=DRAIN_SECONDS):
        look_now.apply_async(retry=False)
