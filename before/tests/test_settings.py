import os
import runpy
from ipaddress import ip_network

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VARIABLES = ("ALLOWED_HOSTS", "BEHIND_PROXY", "CELERY_BROKER_URL", "DATABASE_URL", "DEBUG", "SECRET_KEY")
GOOD_KEY = "Qk2p9vX7sLr4TzB1nWc8YfHm3GdJe6Ua0oKiZxEqVbNtMhPwRy5S"


@pytest.fixture
def read(monkeypatch):
    """Reads the settings again, in an environment with only these variables."""

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


@pytest.mark.parametrize("key", ["a", " " * 60, "ab" * 40, "0123456789" * 4, "django-insecure-" + GOOD_KEY])
def test_a_weak_secret_key_works_only_on_this_machine(read, key):
    for hosts in ("hooks.example", "*", "localhost,hooks.example"):
        with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
            read(ALLOWED_HOSTS=hosts, SECRET_KEY=key)
    assert read(SECRET_KEY=key)["SECRET_KEY"]


def test_a_server_for_others_trusts_forms_of_its_own_names(read):
    values = read(ALLOWED_HOSTS="hooks.example, localhost", SECRET_KEY=GOOD_KEY, BEHIND_PROXY="1")

    assert values["ALLOWED_HOSTS"] == ["hooks.example", "localhost"]
    assert values["CSRF_TRUSTED_ORIGINS"] == ["https://hooks.example"]
    assert values["SESSION_COOKIE_SECURE"] and values["CSRF_COOKIE_SECURE"]
    assert values["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


def test_postgresql_takes_no_options_of_sqlite(read):
    database = read(DATABASE_URL="postgresql://webhooks@db.example/webhooks")["DATABASES"]["default"]

    assert (database["ENGINE"], database["HOST"]) == ("django.db.backends.postgresql", "db.example")
    assert "init_command" not in database.get("OPTIONS", {})


def test_a_wait_for_postgresql_has_an_end_and_the_url_has_the_last_word(read):
    options = read(DATABASE_URL="postgresql://db.example/webhooks?connect_timeout=3")["DATABASES"]["default"]["OPTIONS"]

    assert options["connect_timeout"] == 3
    assert options["tcp_user_timeout"] and options["keepalives_idle"]
    assert "statement_timeout=10s" in options["options"] and "idle_in_transaction" in options["options"]


@pytest.mark.parametrize("command", ["migrate", "prune"])
def test_a_statement_of_a_command_may_take_its_time(read, monkeypatch, command):
    monkeypatch.setattr("sys.argv", ["manage.py", command])

    values = read(DATABASE_URL="postgresql://db.example/webhooks")

    assert values["STATEMENT_SECONDS"] is None
    assert "statement_timeout" not in values["DATABASES"]["default"]["OPTIONS"]["options"]


@pytest.mark.parametrize("folder", ["c#", "p%41", "why?", "two words", "é"])
def test_the_database_is_in_the_folder_of_the_project_whatever_that_is_called(tmp_path, monkeypatch, folder):
    copy = tmp_path / folder / "config" / "settings.py"
    copy.parent.mkdir(parents=True)
    copy.write_bytes((settings.BASE_DIR / "config" / "settings.py").read_bytes())
    monkeypatch.delenv("DATABASE_URL", raising=False)

    values = runpy.run_path(str(copy))

    assert values["DATABASES"]["default"]["NAME"] == str(tmp_path / folder / "db.sqlite3")


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
