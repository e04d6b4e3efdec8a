"""/v1/events"""

from django.db import transaction
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, viewsets
from rest_framework.response import Response

from plumbing.endpoints import Endpoint

from .models import Event
from .serializers import (
    EventSerializer,
)

ACCEPTED = inline_serializer("Accepted", {"id": serializers.CharField(), "deliveries": serializers.IntegerField()})


def accepted(event: Event) -> Response:
    return Response({"id": event.public_id, "deliveries": event.deliveries.count()}, status=202)


class EventViewSet(Endpoint, viewsets.GenericViewSet):
    queryset = Event.objects.all()
    serializer_class = EventSerializer
    operator_actions = ("create",)

    @extend_schema(responses={202: ACCEPTED})
    @transaction.atomic
    def create(self, request):
        """Accepts an event and writes a delivery for every client that subscribed to it."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return accepted(Event.objects.create(**serializer.validated_data))
