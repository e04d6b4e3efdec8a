"""Print the ack rule of each version of form_legacy, as GET /v1/formats shows it."""

import logging
from io import StringIO

from django.core.management import call_command
from django.test import Client

logging.disable()  # keeps log lines out of the output
call_command("migrate", verbosity=0)
call_command("create_api_key", role="operator", stdout=(key := StringIO()))
answer = Client(SERVER_NAME="localhost").get(
    "/v1/formats", headers={"Authorization": f"Bearer {key.getvalue().strip()}"}
)
for found in answer.json():
    for version in found["versions"]:
        if found["name"] == "form_legacy":
            print(f"form_legacy@{version['version']}", version["ack"])
