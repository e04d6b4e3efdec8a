"""The Celery application of WEBHOOKS_DELIVERY_ENGINE=celery.

Run `celery -A config worker` on as many machines as you like, and `celery -A config beat` on one.
"""

import os
import signal
import sys

from celery import Celery
from celery.concurrency import get_implementation
from celery.signals import setup_logging, worker_init, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("webhooks")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# These pools run tasks in real threads. Greenlets share a thread, and one hanging attempt would stop all deadlines.
POOLS = ("prefork", "threads", "solo")


@worker_init.connect
def refuse_other_pools(sender, **kwargs):
    """Ends a worker whose pool cannot deliver, before it takes its first task."""
    pool = get_implementation(sender.pool_cls)
    if pool not in map(get_implementation, POOLS):
        name = pool.__module__.rpartition(".")[2]
        sys.exit(f"The pool {name!r} cannot run this worker. Start it with --pool prefork, threads or solo.")


@worker_process_init.connect
def end_well_on_sigterm(**kwargs):
    """Lets a prefork process finish its attempts when a whole process group gets SIGTERM, as with systemd."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())


@setup_logging.connect
def keep_our_log_lines(**kwargs):
    """Keeps our log format, which Celery would replace with its own."""
    import logging.config

    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
