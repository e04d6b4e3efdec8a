"""/v1/events, /v1/deliveries, and a client's calls on its events and deliveries."""

import hashlib
import re
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view, inline_serializer
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from clients.models import Client
from clients.views import SLUG_IN_PATH, get_client
from plumbing.endpoints import Endpoint
from plumbing.fields import checked
from plumbing.problems import BadHeader, Conflict, Invalid
from webhooks.adapters.orm.events import event_of
from webhooks.adapters.orm.models import Delivery, Event
from webhooks.application import (
    Acceptance,
    CannotRender,
    CannotRetry,
    ClientNotActive,
    IdempotencyKeyReused,
    NoSuchClient,
    all_formats,
)
from webhooks.domain.delivery import Status
from webhooks.domain.event import EventType
from webhooks.process import use_cases

from .docs import (
    ACCEPTED,
    EVENT_OR_BODY,
    FORMAT_FIELDS,
    IDEMPOTENCY_HEADERS,
    IN_CLIENTS_FORMAT,
    SKIPPED_HEADERS,
    WEBHOOK_ID,
    id_in_path,
)
from .serializers import (
    DeliveryDetailSerializer,
    DeliverySerializer,
    EventSerializer,
    NothingSerializer,
    PeriodSerializer,
)


def accepted(event: Acceptance) -> Response:
    headers = {"Idempotent-Replayed": "true"} if event.is_replay else {}
    return Response({"id": event.id, "deliveries": event.deliveries}, status=202, headers=headers)


def skipped(reason: str, event_id: str) -> HttpResponse:
    return HttpResponse(status=204, headers={"webhook-skipped": reason, "webhook-id": event_id})


def idempotency_key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not re.fullmatch(r"[!-~]{1,255}", key):
        raise BadHeader("Idempotency-Key: send 1 to 255 visible characters.")
    return key


def named(rows: QuerySet, **name: str) -> Any:
    """The row with this name, or None. A name has only printable characters; PostgreSQL would refuse U+0000."""
    return rows.filter(**name).first() if all(value.isprintable() for value in name.values()) else None


class EventViewSet(Endpoint, viewsets.GenericViewSet):
    queryset = Event.objects.all()
    serializer_class = EventSerializer
    lookup_field = "public_id"
    operator_actions = ("list", "create")
    path_parameters = (id_in_path("evt"),)

    def filter_queryset(self, events: QuerySet) -> QuerySet:
        wanted = self.request.query_params.get("type")
        if wanted is None:
            return events
        return events.filter(type=wanted) if wanted in list(EventType) else events.none()

    @extend_schema(parameters=[OpenApiParameter("type", description=f"One of {', '.join(EventType)}")])
    def list(self, request: Request) -> Response:
        """A page of events, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer([event_of(row) for row in page], many=True).data)

    @extend_schema(parameters=IDEMPOTENCY_HEADERS, responses={202: ACCEPTED})
    def create(self, request: Request) -> Response:
        """Accepts an event and writes a delivery for every client that subscribed to it."""
        key = idempotency_key(request)
        event = checked(EventSerializer, request.data)
        fingerprint = hashlib.sha256(request.raw_body).hexdigest()
        try:
            return accepted(use_cases().accept_event(event, key, fingerprint))
        except IdempotencyKeyReused as error:
            raise Invalid("Idempotency-Key: this key was already used with another body.") from error

    @extend_schema(
        parameters=[OpenApiParameter("client", description="The event in this client's format"), *SKIPPED_HEADERS],
        responses=IN_CLIENTS_FORMAT | {(200, "application/json"): EVENT_OR_BODY},
    )
    def retrieve(self, request: Request, public_id: str) -> HttpResponse:
        """The event: as posted for an operator, in the client's own format for a client."""
        event = named(self.get_queryset(), public_id=public_id)
        if event is None:
            raise NotFound()
        client = request.query_params.get("client")
        if request.auth.is_operator and client is None:
            return Response(self.get_serializer(event_of(event)).data)
        deliveries = event.deliveries.all()
        if not request.auth.is_operator:
            deliveries = deliveries.filter(client=request.auth.client_id)
        delivery = deliveries.first() if client is None else named(deliveries, client__slug=client)
        if delivery is None:
            raise NotFound()
        if delivery.status == Status.SKIPPED:
            return skipped(delivery.skip_reason, event.public_id)
        if delivery.body is None:
            raise NotFound("The event could not be rendered for this client.")
        return HttpResponse(bytes(delivery.body), content_type=delivery.content_type)


@extend_schema_view(
    list=extend_schema(
        description="A page of deliveries, newest first.",
        parameters=[
            OpenApiParameter("client"),
            OpenApiParameter("event"),
            OpenApiParameter("status", enum=[str(status) for status in Status]),
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

    def get_queryset(self) -> QuerySet:
        deliveries = Delivery.objects.select_related("event", "client").defer("body")
        auth = getattr(self.request, "auth", None)
        if auth is None or auth.is_operator:
            return deliveries
        return deliveries.filter(client=auth.client_id)

    def get_serializer_class(self) -> type[DeliverySerializer]:
        return DeliveryDetailSerializer if self.action == "retrieve" else DeliverySerializer

    def get_object(self) -> Delivery:
        delivery = named(self.get_queryset(), public_id=self.kwargs["public_id"])
        if delivery is None:
            raise NotFound()
        return delivery

    def filter_queryset(self, deliveries: QuerySet) -> QuerySet:
        """The filters of the list. django-filter would treat an empty value as no filter."""
        query = self.request.query_params
        if "status" in query:
            if query["status"] not in list(Status):
                raise Invalid(f"status: one of {', '.join(Status)} was expected.")
            deliveries = deliveries.filter(status=query["status"])
        for name, model, column in (("client", Client, "slug"), ("event", Event, "public_id")):
            if name in query:
                # Look up the key first: a filter by name would make the database scan millions of rows for one page.
                found = named(model.objects.all(), **{column: query[name]})
                deliveries = deliveries.filter(**{name: found}) if found else deliveries.none()
        return deliveries

    @extend_schema(request=NothingSerializer, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, public_id: str) -> Response:
        """Makes a delivery due now; a dead or delivered one gets eight new attempts.

        409 if it had 100 attempts in the last 24 hours, the client is disabled, the delivery is skipped or cancelled,
        or it has no body.
        """
        delivery = self.get_object()
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        try:
            use_cases().retry_delivery(delivery.public_id)
        except CannotRetry as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(self.get_serializer(self.get_object()).data, status=202)


class FormatViewSet(Endpoint, viewsets.ViewSet):
    @extend_schema(responses={200: inline_serializer("FormatListing", FORMAT_FIELDS, many=True)})
    def list(self, request: Request) -> Response:
        """Every format with its versions, their options as JSON Schema and their acknowledgement rule."""
        by_name = groupby(all_formats(), key=lambda format_: format_.name)
        return Response(
            [
                {
                    "name": name,
                    "versions": [
                        {
                            "version": format_.version,
                            "content_type": format_.content_type,
                            "options": format_.options_schema,
                            "ack": format_.ack.rule,
                        }
                        for format_ in versions
                    ],
                }
                for name, versions in by_name
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
    def preview(self, request: Request, slug: str) -> HttpResponse:
        """The request that the client would receive for this event. Nothing is stored or sent."""
        client = get_client(request.auth, slug)
        event = checked(EventSerializer, request.data)
        try:
            preview = use_cases().preview_event(client.pk, event)
        except NoSuchClient as error:  # deleted since the look-up
            raise NotFound() from error
        except CannotRender as error:
            raise Conflict("The client's format cannot render this event.") from error
        if preview.skip_reason:
            return skipped(preview.skip_reason, preview.event_id)
        headers = {"webhook-id": preview.event_id}
        return HttpResponse(preview.body, content_type=preview.content_type, headers=headers)

    @extend_schema(request=NothingSerializer, responses={202: ACCEPTED})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, slug: str) -> Response:
        """Sends an example event to this client only."""
        client = get_client(request.auth, slug)
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        try:
            return accepted(use_cases().send_test_event(client.pk))
        except NoSuchClient as error:  # deleted since the look-up
            raise NotFound() from error

    @extend_schema(
        request=PeriodSerializer,
        responses={202: inline_serializer("Recovered", {"queued": serializers.IntegerField()})},
    )
    @action(detail=True, methods=["post"])
    def recover(self, request: Request, slug: str) -> Response:
        """Makes the dead deliveries of a period due again, except those with 100 attempts in the last 24 hours."""
        client = get_client(request.auth, slug)
        serializer = PeriodSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            queued = use_cases().recover_deliveries(client.pk, **serializer.validated_data)
        except ClientNotActive as error:
            raise Conflict("The client is disabled.") from error
        return Response({"queued": queued}, status=202)
