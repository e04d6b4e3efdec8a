"""A format is one file: these tests add a ninth to a copy of the server and change no other file."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

STAGE = Path(__file__).parents[2]
NINTH = '''\
"""ninth: what happened, in a line of plain text."""

from webhooks.domain.event import Event

from .format import Ack, Format, Options, Platform
from .options import MASK, Option, visible

SHOUTED = Option("shouted", {"type": "boolean"})


def render(event: Event, options: Options, platform: Platform) -> bytes:
    line = f"{event.type} {event.money.text} {event.money.currency} {visible(event.customer, options).name}\\n"
    return (line.upper() if options.get("shouted") else line).encode()


FORMATS = [
    Format(
        name="ninth",
        version=1,
        content_type="text/plain; charset=utf-8",
        options=(SHOUTED, MASK),
        render=render,
        ack=Ack("2xx heard", lambda body: body == b"heard"),
    )
]
'''
STORY = """
import json, sys, django
django.setup()
from django.core.management import call_command
from rest_framework.test import APIClient
from clients.models import ApiKey

call_command("migrate", verbosity=0)
api = APIClient()
api.credentials(HTTP_AUTHORIZATION="Bearer " + ApiKey.objects.issue(ApiKey.Role.OPERATOR)[1])
api.default_format = "json"
event = json.loads(sys.argv[2])
told = {}
client = {"slug": "acme", "name": "Acme", "endpoint_url": sys.argv[1], "event_types": ["*"]}
bad = api.post("/v1/clients", client | {"format": {"name": "ninth", "version": 1, "options": {"shouted": 1}}})
told["refused"] = [bad.status_code, bad.json()["errors"][0]["pointer"]]
options = {"shouted": True, "mask": ["customer.name"]}
format = {"name": "ninth", "version": 1, "options": options}
told["created"] = api.post("/v1/clients", client | {"format": format}).status_code
told["listed"] = [listed["versions"][0]["ack"] for listed in api.get("/v1/formats").json() if listed["name"] == "ninth"]
preview = api.post("/v1/clients/acme/preview", event)
told["preview"] = [preview.content.decode(), preview.headers["Content-Type"]]
accepted = api.post("/v1/events", event, headers={"Idempotency-Key": "k"}).json()
told["deliveries"] = accepted["deliveries"]
call_command("deliver", "--once")
(row,) = api.get("/v1/deliveries").json()["results"]
told["status"] = [row["status"], row["attempt_count"]]
told["read"] = api.get(f"/v1/events/{accepted['id']}?client=acme").content.decode()
document = api.get("/v1/openapi.json").json()["paths"]["/v1/clients/{slug}/preview"]["post"]
told["documented"] = "text/plain; charset=utf-8" in document["responses"]["200"]["content"]
print(json.dumps(told))
"""
LINE = "PAYMENT.CAPTURED 10.10 USD Z*** M***\n"


@pytest.fixture
def copy(tmp_path):
    """A copy of the server with one more file, and without these tests."""
    ignored = shutil.ignore_patterns("tests", "__pycache__", "*.sqlite3*", ".pytest_cache")
    copied = shutil.copytree(STAGE, tmp_path / "server", ignore=ignored)
    (copied / "webhooks" / "domain" / "formats" / "ninth.py").write_text(NINTH, encoding="utf-8")
    return copied


def tell(copy, *arguments):
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PYTHONPATH")}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "WEBHOOKS_ALLOW_HTTP": "1",
        "WEBHOOKS_ALLOWED_NETWORKS": "127.0.0.0/8",
        "ALLOWED_HOSTS": "testserver,localhost",
        "SECRET_KEY": "for this test alone, and as long as a server for others asks for",
    }
    command = [sys.executable, "-c", STORY, *arguments]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_ninth_format_works_from_end_to_end(copy, server):
    from tests.web import POSTED

    server.answer = lambda write: write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nheard")

    told = tell(copy, server.url(), json.dumps(POSTED))

    assert told == {
        "refused": [422, "/format/options/shouted"],
        "created": 201,
        "listed": ["2xx heard"],
        "preview": [LINE, "text/plain; charset=utf-8"],
        "deliveries": 1,
        "status": ["delivered", 1],
        "read": LINE,
        "documented": True,
    }
    ((path, headers, body),) = server.requests
    assert (path, headers["Content-Type"], body) == ("/hooks", "text/plain; charset=utf-8", LINE.encode())
    assert headers["webhook-signature"].startswith("v1,")
