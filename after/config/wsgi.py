"""For a WSGI server: `gunicorn config.wsgi`."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from plumbing.strange_text import Utf8Request

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
application.request_class = Utf8Request

# The views now and not with the first request. And what is loaded stays loaded: the garbage collector need not look
# through it again each time that an event for many clients leaves it something to collect.
import_module(settings.ROOT_URLCONF)
gc.freeze()
