"""Call the API, then search in the admin, on an empty database. Print the status of each answer."""

import json
import logging
from io import StringIO

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

logging.disable()  # keeps log lines out of the output
call_command("migrate", verbosity=0)
call_command("create_api_key", role="operator", stdout=(printed := StringIO()))
get_user_model().objects.create_superuser("admin", "admin@example.com", "admin")
browser = Client(SERVER_NAME="localhost", raise_request_exception=False)

event = {
    "type": "payment.captured",
    "occurred_at": "2026-11-22T13:27:24.123456Z",
    "data": {
        "payment_id": "pay_01", "amount": "10.10", "currency": "USD", "status": "captured",
        "customer": {"id": "cus_1", "name": "Zoë Müller", "email": None, "iban": None}, "reference": None, "failure": None,
    },
}  # fmt: skip
client = {
    "slug": "acme", "name": "Acme", "endpoint_url": "https://example.com/hooks", "event_types": ["*"],
    "format": {"name": "std_json", "version": 1, "options": {}},
}  # fmt: skip


KEY = printed.getvalue().strip()


def call(method, path, body=None, called=""):
    headers = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "once"}
    content = json.dumps(body).encode() if body else b""
    answer = browser.generic(method, path, content, "application/json", headers=headers)
    print(f"{method:<4} {called or path} {answer.status_code}")
    return answer


call("POST", "/v1/clients", client)
call("POST", "/v1/clients/acme/preview", event)
accepted = call("POST", "/v1/events", event)
if accepted.status_code == 202:
    answer = call("GET", f"/v1/events/{accepted.json()['id']}", called="/v1/events/{id}")
    print("     payment_id:", answer.json()["data"]["payment_id"])
    browser.force_login(get_user_model().objects.get())
    found = browser.get("/admin/webhooks/event/?q=pay_01")
    print("admin, search for pay_01:", found.status_code)
