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

# Load the views now, not with the first request. And freeze the loaded objects, so that the garbage collector does not
# scan them again whenever an event for many clients leaves objects to collect.
import_module(settings.ROOT_URLCONF)
gc.freeze()
