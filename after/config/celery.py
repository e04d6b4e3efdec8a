"""The Celery application of WEBHOOKS_DELIVERY_ENGINE=celery.

Run `celery -A config worker` on as many machines as you like, and `celery -A config beat` on one.
"""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("webhooks")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_log_lines(**kwargs):
    """Celery would put its own log format in the place of ours."""
    import logging.config

    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
