"""A bare REST framework view on the tables of a stage: the limit for accepting events.

It checks an event with plain serializers, and writes the event and its deliveries in one transaction. It has one
format. It has no API keys, replays, logs or Django middleware. Nothing here imports from a stage.
"""

import hashlib
import json
import os
import secrets
from typing import Any

import dj_database_url
import django
from django.conf import settings

database = dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=600)
if database["ENGINE"] == "django.db.backends.sqlite3":  # the same durability and locking as a stage
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=8000;"
    database["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas}
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": database},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
    ROOT_URLCONF=__name__,
    USE_TZ=True,
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models, transaction  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from rest_framework import parsers, renderers, serializers, views  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402

TYPES = ("payment.authorized", "payment.captured", "payment.failed", "payment.refunded", "payout.paid")


class Client(models.Model):
    event_types = models.JSONField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        app_label, db_table, managed = "bare", "clients_client", False


class Event(models.Model):
    public_id = models.TextField()
    type = models.TextField()
    occurred_at = models.DateTimeField()
    payment_id = models.TextField()
    amount = models.DecimalField(max_digits=19, decimal_places=4)
    currency = models.TextField()
    status = models.TextField()
    customer_id = models.TextField()
    customer_name = models.TextField()
    customer_email = models.TextField(null=True)
    customer_iban = models.TextField(null=True)
    reference = models.TextField(null=True)
    failure_code = models.TextField(null=True)
    failure_message = models.TextField(null=True)
    idempotency_key = models.TextField()
    fingerprint = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        app_label, db_table, managed = "bare", "webhooks_event", False


class Delivery(models.Model):
    public_id = models.TextField()
    event_id = models.BigIntegerField()
    client_id = models.BigIntegerField()
    status = models.TextField(default="pending")
    body = models.BinaryField()
    content_type = models.TextField(default="application/json")
    ack_rule = models.TextField(default="2xx")
    mask = models.JSONField(default=list)
    attempt_count = models.IntegerField(default=0)
    attempts_this_round = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        app_label, db_table, managed = "bare", "webhooks_delivery", False


class CustomerSerializer(serializers.Serializer):
    id = serializers.RegexField("^[!-~]+$", max_length=64)
    name = serializers.CharField(max_length=140)
    email = serializers.RegexField("^[^@]+@[^@]+$", max_length=254, allow_null=True)
    iban = serializers.CharField(max_length=34, allow_null=True)


class FailureSerializer(serializers.Serializer):
    code = serializers.CharField(max_length=32)
    message = serializers.CharField(max_length=500)


class DataSerializer(serializers.Serializer):
    payment_id = serializers.RegexField("^[!-~]+$", max_length=64)
    amount = serializers.DecimalField(max_digits=19, decimal_places=4)
    currency = serializers.CharField(max_length=3)
    status = serializers.CharField(max_length=32)
    customer = CustomerSerializer()
    reference = serializers.CharField(max_length=140, allow_null=True)
    failure = FailureSerializer(allow_null=True)


class EventSerializer(serializers.Serializer):
    type = serializers.ChoiceField(TYPES)
    occurred_at = serializers.DateTimeField()
    data = DataSerializer()


class Events(views.APIView):
    authentication_classes = ()
    permission_classes = ()
    parser_classes = (parsers.JSONParser,)
    renderer_classes = (renderers.JSONRenderer,)

    def post(self, request: Request) -> Response:
        fingerprint = hashlib.sha256(request._request.body).hexdigest()
        serializer = EventSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        now, columns = timezone.now(), columns_of(serializer.validated_data)
        with transaction.atomic():
            event = Event.objects.create(
                **columns,
                public_id=f"evt_{secrets.token_hex(13)}",
                idempotency_key=request.headers["Idempotency-Key"],
                fingerprint=fingerprint,
                created_at=now,
            )
            deliveries = [
                Delivery(
                    public_id=f"dlv_{secrets.token_hex(13)}",
                    event_id=event.pk,
                    client_id=client.pk,
                    body=json.dumps(request.data, ensure_ascii=False).encode(),
                    next_attempt_at=now,
                    created_at=now,
                )
                for client in Client.objects.filter(deleted_at__isnull=True).order_by("pk")
                if "*" in client.event_types
            ]
            Delivery.objects.bulk_create(deliveries)
        return Response({"id": event.public_id, "deliveries": len(deliveries)}, status=202)


def columns_of(event: dict[str, Any]) -> dict[str, Any]:
    data = dict(event["data"])
    columns = {f"customer_{name}": value for name, value in data.pop("customer").items()}
    failure = data.pop("failure") or {}
    columns |= {f"failure_{name}": failure.get(name) for name in ("code", "message")}
    return {"type": event["type"], "occurred_at": event["occurred_at"], **data, **columns}


def ready(request: object) -> HttpResponse:
    """Answer the readiness check that the bench makes before it begins."""
    return HttpResponse("ok")


urlpatterns = [path("v1/events", Events.as_view()), path("readyz", ready)]
application = get_wsgi_application()
