"""/v1/events, /v1/deliveries, and a client's calls on its events and deliveries."""

import hashlib
import re

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view, inline_serializer
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from clients.models import Client
from clients.views import SLUG_IN_PATH, get_client
from plumbing.endpoints import Endpoint
from plumbing.fields import checked
from plumbing.logs import get_logger
from plumbing.problems import BadHeader, Conflict, Invalid

from .api_docs import (
    ACCEPTED,
    EVENT_OR_BODY,
    FORMAT_FIELDS,
    IDEMPOTENCY_HEADERS,
    IN_CLIENTS_FORMAT,
    SKIPPED_HEADERS,
    WEBHOOK_ID,
    id_in_path,
)
from .event_types import EventType
from .examples import example_event
from .models import ACK_RULES, CannotRetry, Delivery, Event
from .options import VERSIONS, options_schema
from .payloads import CONTENT_TYPES
from .serializers import (
    DeliveryDetailSerializer,
    DeliverySerializer,
    EventSerializer,
    NothingSerializer,
    PeriodSerializer,
)

log = get_logger(__name__)


def accepted(event: Event, **headers: str) -> Response:
    written = event.written_deliveries
    deliveries = event.deliveries.count() if written is None else written
    return Response({"id": event.public_id, "deliveries": deliveries}, status=202, headers=headers)


def skipped(reason: str, event: Event) -> HttpResponse:
    return HttpResponse(status=204, headers={"webhook-skipped": reason, "webhook-id": event.public_id})


def idempotency_key(request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not re.fullmatch(r"[!-~]{1,255}", key):
        raise BadHeader("Idempotency-Key: send 1 to 255 visible characters.")
    return key


def named(rows, **name: str):
    """The row with this name, or None. A name has only printable characters; PostgreSQL would refuse U+0000."""
    return rows.filter(**name).first() if all(value.isprintable() for value in name.values()) else None


@extend_schema_view(
    list=extend_schema(
        description="A page of events, newest first.",
        parameters=[OpenApiParameter("type", description=f"One of {', '.join(EventType.values)}")],
    )
)
class EventViewSet(Endpoint, mixins.ListModelMixin, viewsets.GenericViewSet):
    queryset = Event.objects.all()
    serializer_class = EventSerializer
    lookup_field = "public_id"
    operator_actions = ("list", "create")
    path_parameters = (id_in_path("evt"),)

    def filter_queryset(self, events):
        wanted = self.request.query_params.get("type")
        if wanted is None:
            return events
        return events.filter(type=wanted) if wanted in EventType.values else events.none()

    @extend_schema(parameters=IDEMPOTENCY_HEADERS, responses={202: ACCEPTED})
    def create(self, request):
        """Accepts an event and writes a delivery for every client that subscribed to it."""
        key = idempotency_key(request)
        fields = checked(EventSerializer, request.data)
        fingerprint = hashlib.sha256(request.raw_body).hexdigest()
        try:
            with transaction.atomic():
                event = Event.posted(**fields, idempotency_key=key, fingerprint=fingerprint)
                event.save(force_insert=True)
                return accepted(event)
        except IntegrityError:
            earlier = Event.objects.filter(idempotency_key=key).first()
            if earlier is None:
                raise
        if earlier.fingerprint != fingerprint:
            raise Invalid("Idempotency-Key: this key was already used with another body.")
        return accepted(earlier, **{"Idempotent-Replayed": "true"})

    @extend_schema(
        parameters=[OpenApiParameter("client", description="The event in this client's format"), *SKIPPED_HEADERS],
        responses=IN_CLIENTS_FORMAT | {(200, "application/json"): EVENT_OR_BODY},
    )
    def retrieve(self, request, public_id):
        """The event: as posted for an operator, in the client's own format for a client."""
        event = named(self.get_queryset(), public_id=public_id)
        if event is None:
            raise NotFound()
        client = request.query_params.get("client")
        if request.auth.is_operator and client is None:
            return Response(self.get_serializer(event).data)
        deliveries = event.deliveries.all()
        if not request.auth.is_operator:
            deliveries = deliveries.filter(client=request.auth.client_id)
        delivery = deliveries.first() if client is None else named(deliveries, client__slug=client)
        if delivery is None:
            raise NotFound()
        if delivery.status == Delivery.Status.SKIPPED:
            return skipped(delivery.skip_reason, event)
        if delivery.body is None:
            raise NotFound("The event could not be rendered for this client.")
        return HttpResponse(bytes(delivery.body), content_type=delivery.content_type)


@extend_schema_view(
    list=extend_schema(
        description="A page of deliveries, newest first.",
        parameters=[
            OpenApiParameter("client"),
            OpenApiParameter("event"),
            OpenApiParameter("status", enum=Delivery.Status.values),
        ],
    ),
    retrieve=extend_schema(
        description="A delivery with its attempts, the newest 100 of them, oldest first.",
        responses=DeliveryDetailSerializer,
    ),
)
class DeliveryViewSet(Endpoint, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    lookup_field = "public_id"
    path_parameters = (id_in_path("dlv"),)
    conflicting_actions = ("retry",)
    actions_without_body = ("retry",)

    def get_queryset(self):
        deliveries = Delivery.objects.select_related("event", "client").defer("body")
        auth = getattr(self.request, "auth", None)
        if auth is None or auth.is_operator:
            return deliveries
        return deliveries.filter(client=auth.client_id)

    def get_serializer_class(self):
        return DeliveryDetailSerializer if self.action == "retrieve" else DeliverySerializer

    def get_object(self):
        delivery = named(self.get_queryset(), public_id=self.kwargs["public_id"])
        if delivery is None:
            raise NotFound()
        return delivery

    def filter_queryset(self, deliveries):
        """The filters of the list. django-filter would treat an empty value as no filter."""
        query = self.request.query_params
        if "status" in query:
            if query["status"] not in Delivery.Status.values:
                raise Invalid(f"status: one of {', '.join(Delivery.Status.values)} was expected.")
            deliveries = deliveries.filter(status=query["status"])
        for name, model, column in (("client", Client, "slug"), ("event", Event, "public_id")):
            if name in query:
                # Look up the key first: a filter by name would make the database scan millions of rows for one page.
                found = named(model.objects.all(), **{column: query[name]})
                deliveries = deliveries.filter(**{name: found}) if found else deliveries.none()
        return deliveries

    @extend_schema(request=NothingSerializer, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request, public_id):
        """Makes a delivery due now; a dead or delivered one gets eight new attempts.

        409 if it had 100 attempts in the last 24 hours, the client is disabled, the delivery is skipped or cancelled,
        or it has no body.
        """
        delivery = self.get_object()
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        try:
            delivery.retry()
        except CannotRetry as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(self.get_serializer(self.get_object()).data, status=202)


class FormatViewSet(Endpoint, viewsets.ViewSet):
    @extend_schema(responses={200: inline_serializer("FormatListing", FORMAT_FIELDS, many=True)})
    def list(self, request):
        """Every format with its versions, their options as JSON Schema and their acknowledgement rule."""
        return Response(
            [
                {
                    "name": name,
                    "versions": [
                        {
                            "version": version,
                            "content_type": CONTENT_TYPES[name],
                            "options": options_schema(name, version),
                            "ack": ACK_RULES[name],
                        }
                        for version in versions
                    ],
                }
                for name, versions in sorted(VERSIONS.items())
            ]
        )


class ClientEventsViewSet(Endpoint, viewsets.GenericViewSet):
    """Calls on one client's events: a preview, a test, a recovery."""

    queryset = Client.objects.all()
    serializer_class = EventSerializer
    lookup_field = "slug"
    actions_without_body = ("test",)
    conflicting_actions = ("preview", "recover")
    path_parameters = (SLUG_IN_PATH,)

    @extend_schema(parameters=[*SKIPPED_HEADERS, WEBHOOK_ID], request=EventSerializer, responses=IN_CLIENTS_FORMAT)
    @action(detail=True, methods=["post"])
    def preview(self, request, slug):
        """The request that the client would receive for this event. Nothing is stored or sent."""
        client = get_client(request.auth, slug)
        serializer = EventSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        event = Event.posted(**serializer.validated_data)
        reason = event.skip_reason_for(client)
        if reason:
            return skipped(reason, event)
        try:
            content_type, body = event.render_for(client)
        except Exception as error:
            log.exception("render_failed", client=client.slug)
            raise Conflict("The client's format cannot render this event.") from error
        return HttpResponse(body, content_type=content_type, headers={"webhook-id": event.public_id})

    @extend_schema(request=NothingSerializer, responses={202: ACCEPTED})
    @action(detail=True, methods=["post"])
    @transaction.atomic
    def test(self, request, slug):
        """Sends an example event to this client only."""
        client = get_client(request.auth, slug)
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        serializer = EventSerializer(data=example_event(timezone.now()))
        serializer.is_valid(raise_exception=True)
        event = Event.posted(**serializer.validated_data)
        event.only_for = client
        event.save()
        return accepted(event)

    @extend_schema(
        request=PeriodSerializer,
        responses={202: inline_serializer("Recovered", {"queued": serializers.IntegerField()})},
    )
    @action(detail=True, methods=["post"])
    def recover(self, request, slug):
        """Makes the dead deliveries of a period due again, except those with 100 attempts in the last 24 hours."""
        client = get_client(request.auth, slug)
        serializer = PeriodSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        queued = Delivery.objects.recover(client, **serializer.validated_data)
        if queued is None:
            raise Conflict("The client is disabled.")
        return Response({"queued": queued}, status=202)
