import os
import runpy
from ipaddress import ip_network

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VARIABLES = ("ALLOWED_HOSTS", "BEHIND_PROXY", "CELERY_BROKER_URL", "DATABASE_URL", "DEBUG", "SECRET_KEY")


@pytest.fixture
def read(monkeypatch):
    """Reads the settings anew in an environment that sets nothing but this."""

    def read_with(**environment):
        for variable in (*VARIABLES, *(name for name in os.environ if name.startswith("WEBHOOKS_"))):
            monkeypatch.delenv(variable, raising=False)
        for variable, value in environment.items():
            monkeypatch.setenv(variable, value)
        return runpy.run_path(str(settings.BASE_DIR / "config" / "settings.py"))

    return read_with


def test_with_nothing_set_this_is_a_server_for_this_machine_on_sqlite(read):
    values = read()

    assert values["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert values["DATABASES"]["default"]["NAME"] == str(settings.BASE_DIR / "db.sqlite3")
    assert "synchronous=FULL" in values["DATABASES"]["default"]["OPTIONS"]["init_command"]
    assert (values["DEBUG"], values["ALLOW_HTTP"], values["ALLOWED_NETWORKS"]) == (False, False, ())


def test_a_server_for_others_needs_a_secret_key(read):
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        read(ALLOWED_HOSTS="hooks.example")


def test_a_server_for_others_trusts_forms_of_its_own_names(read):
    values = read(ALLOWED_HOSTS="hooks.example, localhost", SECRET_KEY="a secret", BEHIND_PROXY="1")

    assert values["ALLOWED_HOSTS"] == ["hooks.example", "localhost"]
    assert values["CSRF_TRUSTED_ORIGINS"] == ["https://hooks.example"]
    assert values["SESSION_COOKIE_SECURE"] and values["CSRF_COOKIE_SECURE"]
    assert values["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


def test_postgresql_takes_no_options_of_sqlite(read):
    database = read(DATABASE_URL="postgresql://webhooks@db.example/webhooks")["DATABASES"]["default"]

    assert (database["ENGINE"], database["HOST"]) == ("django.db.backends.postgresql", "db.example")
    assert "init_command" not in database.get("OPTIONS", {})


def test_the_networks_that_deliveries_may_go_to_are_read(read):
    values = read(WEBHOOKS_ALLOWED_NETWORKS="127.0.0.0/8,fd00::/8")

    assert values["ALLOWED_NETWORKS"] == (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("variable", "value"), [("WEBHOOKS_ALLOWED_NETWORKS", "10.0.0.1/8"), ("WEBHOOKS_DELIVERY_ENGINE", "carrier-pigeon")]
)
def test_a_setting_that_cannot_be_read_is_named(read, variable, value):
    with pytest.raises(ImproperlyConfigured, match=variable):
        read(**{variable: value})


def test_delivering_with_celery_needs_a_broker(read):
    with pytest.raises(ImproperlyConfigured, match="CELERY_BROKER_URL"):
        read(WEBHOOKS_DELIVERY_ENGINE="celery")

    values = read(WEBHOOKS_DELIVERY_ENGINE="celery", CELERY_BROKER_URL="redis://127.0.0.1:6379/0")
    assert (values["DELIVERY_ENGINE"], values["CELERY_BROKER_URL"]) == ("celery", "redis://127.0.0.1:6379/0")
