"""For a WSGI server: `gunicorn config.wsgi`."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# The views now and not with the first request. And what is loaded stays loaded: the garbage collector need not look
# through it again each time that an event for many clients leaves it something to collect.
import_module(settings.ROOT_URLCONF)
gc.freeze()
