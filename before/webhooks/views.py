"""/v1/events"""

import hashlib
import re

from django.db import IntegrityError, transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers, viewsets
from rest_framework.response import Response

from plumbing.endpoints import Endpoint
from plumbing.problems import BadHeader, Invalid

from .models import Event
from .serializers import (
    EventSerializer,
)

ACCEPTED = inline_serializer("Accepted", {"id": serializers.CharField(), "deliveries": serializers.IntegerField()})


def accepted(event: Event, **headers: str) -> Response:
    return Response({"id": event.public_id, "deliveries": event.deliveries.count()}, status=202, headers=headers)


def idempotency_key(request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not re.fullmatch(r"[!-~]{1,255}", key):
        raise BadHeader("Idempotency-Key: 1 to 255 visible characters are needed.")
    return key


class EventViewSet(Endpoint, viewsets.GenericViewSet):
    queryset = Event.objects.all()
    serializer_class = EventSerializer
    operator_actions = ("create",)

    @extend_schema(
        parameters=[OpenApiParameter("Idempotency-Key", location=OpenApiParameter.HEADER, required=True)],
        responses={202: ACCEPTED},
    )
    def create(self, request):
        """Accepts an event and writes a delivery for every client that subscribed to it."""
        key = idempotency_key(request)
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fingerprint = hashlib.sha256(request.raw_body).hexdigest()
        try:
            with transaction.atomic():
                event = Event.objects.create(**serializer.validated_data, idempotency_key=key, fingerprint=fingerprint)
                return accepted(event)
        except IntegrityError:
            earlier = Event.objects.filter(idempotency_key=key).first()
            if earlier is None:
                raise
        if earlier.fingerprint != fingerprint:
            raise Invalid("Idempotency-Key: it was used with another body.")
        return accepted(earlier, **{"Idempotent-Replayed": "true"})
