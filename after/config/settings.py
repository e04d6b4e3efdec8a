"""Settings, all from the environment. Without any, this is a development server on SQLite, for this machine only."""

import os
import sys
from pathlib import Path
from urllib.parse import quote

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from plumbing.addresses import parse_networks
from plumbing.logs import configure_structlog, logging_config

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str) -> bool:
    return os.environ.get(name, "0") == "1"


DEBUG = flag("DEBUG")
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [host.strip() for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host.strip()] or LOCAL_HOSTS
DEVELOPMENT_KEY = "django-insecure-for-development-on-this-machine-only"
SECRET_KEY = os.environ.get("SECRET_KEY", "")
if not SECRET_KEY.strip():
    SECRET_KEY = DEVELOPMENT_KEY
# Django's own test of a key (security.W009), here as an error: the key protects all sessions and signing secrets.
if not set(ALLOWED_HOSTS) <= set(LOCAL_HOSTS) and (
    SECRET_KEY.startswith("django-insecure-") or len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5
):
    raise ImproperlyConfigured(
        "SECRET_KEY: set a random text of 50 characters or more, because ALLOWED_HOSTS names another machine. "
        "This makes one: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )

# The API's events and deliveries
ENCRYPTION_KEYS = os.environ.get("WEBHOOKS_ENCRYPTION_KEYS", "")
try:
    ALLOWED_NETWORKS = parse_networks(os.environ.get("WEBHOOKS_ALLOWED_NETWORKS", ""))
except ValueError as error:
    raise ImproperlyConfigured(f"WEBHOOKS_ALLOWED_NETWORKS: {error}") from error
ALLOW_HTTP = flag("WEBHOOKS_ALLOW_HTTP")
CLOUDEVENTS_TYPE_PREFIX = os.environ.get("WEBHOOKS_CLOUDEVENTS_TYPE_PREFIX", "com.example.")
CLOUDEVENTS_SOURCE = os.environ.get("WEBHOOKS_CLOUDEVENTS_SOURCE", "/webhooks")
DELIVERY_ENGINE = os.environ.get("WEBHOOKS_DELIVERY_ENGINE", "polling")
if DELIVERY_ENGINE not in ("polling", "celery"):
    raise ImproperlyConfigured(f"WEBHOOKS_DELIVERY_ENGINE: expected polling or celery, not {DELIVERY_ENGINE!r}.")
DELIVERY_CONCURRENCY = 100  # attempts at a time of one worker process; most of them only wait for an answer

# Celery, for that engine only
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "")
if DELIVERY_ENGINE == "celery" and not CELERY_BROKER_URL:
    raise ImproperlyConfigured(
        "WEBHOOKS_DELIVERY_ENGINE=celery needs CELERY_BROKER_URL, such as redis://localhost:6379/0."
    )
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "webhooks"
# A ring older than half a minute is useless, because the beat has rung since then.
CELERY_BEAT_SCHEDULE = {"look": {"task": "webhooks.look_now", "schedule": 5.0, "options": {"expires": 30}}}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Retry without a limit: Celery's default ends a worker after some fifty minutes.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A broker that becomes a replica refuses writes. For Celery that is a channel error, after which it ends by default.
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_WORKER_CONSUMER = "config.consumer:Consumer"
# A request that accepts an event must not wait for a broker that is down.
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "plumbing",
    "clients",
    "webhooks",
]
MIDDLEWARE = [
    "plumbing.problems.DatabaseAwayMiddleware",
    "plumbing.strange_text.StrangeTextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Database: SQLite next to manage.py, unless DATABASE_URL names another one
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{quote(str(BASE_DIR / 'db.sqlite3'))}",
        # The development server opens a thread, and so a connection, for every request.
        conn_max_age=0 if "runserver" in sys.argv else 600,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # A writer takes its lock at BEGIN: a transaction that begins with a read would fail at its first write.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: an accepted event must survive a power cut. The checkpoint comes every 32 MB, because an event for a
        # hundred clients writes some 250 pages, mostly the same pages as the event before.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=8000;",
    }
# The longest statement of a server or a worker. Slow work has commands of its own.
STATEMENT_SECONDS = None if {"migrate", "prune"} & set(sys.argv) else 10
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    from_url = DATABASES["default"].get("OPTIONS", {})
    limits = "-c idle_in_transaction_session_timeout=30s"
    if STATEMENT_SECONDS:
        limits = f"-c statement_timeout={STATEMENT_SECONDS}s {limits}"
    DATABASES["default"]["OPTIONS"] = {
        # For each address of a host that does not answer.
        "connect_timeout": 5,
        # For a server that disappears, as in a failover: an idle connection is probed after 5 s and closed 6 s later;
        # unacknowledged bytes close it after 10 s. Linux's defaults are two hours and 15 minutes.
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        **from_url,
        # PostgreSQL ends statements that take too long, waits for locks included. It also ends the transaction of a
        # process that hangs, so that its locks are released.
        "options": f"{limits} {from_url.get('options', '')}".strip(),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Only behind a proxy that ends TLS and sets X-Forwarded-Proto itself.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY") else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = flag("BEHIND_PROXY")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host not in LOCAL_HOSTS and host != "*"]

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # so that the admin has its CSS without collectstatic
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LOGGING = logging_config()
configure_structlog()

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["clients.authentication.ApiKeyAuthentication"],
    "DEFAULT_PAGINATION_CLASS": "plumbing.pages.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "plumbing.openapi.Schema",
    "EXCEPTION_HANDLER": "plumbing.problems.exception_handler",
    "NON_FIELD_ERRORS_KEY": "\0",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Webhooks",
    "DESCRIPTION": "Accepts events of a payments platform and delivers them to its clients, each in its own format.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/v1",
    "COMPONENT_SPLIT_REQUEST": True,  # requests have stricter schemas than responses
    "POSTPROCESSING_HOOKS": ["plumbing.openapi.add_problem"],
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},  # no external validator sees it
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
