"""/v1/clients"""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view, inline_serializer
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from plumbing.endpoints import Endpoint
from plumbing.fields import Timestamp
from plumbing.problems import Conflict
from webhooks.application import NoSuchClient, Role
from webhooks.process import use_cases

from .models import ApiKey, Client
from .serializers import ClientChangeSerializer, ClientSerializer, RotationSerializer
from .validators import SLUG

SLUG_IN_PATH = OpenApiParameter("slug", location=OpenApiParameter.PATH, pattern=f"^{SLUG.pattern}$")


def get_client(auth: ApiKey, slug: str) -> Client:
    """The client with this slug, or 404 if it does not exist or this key may not see it."""
    client = Client.objects.present().filter(slug=slug).first() if SLUG.fullmatch(slug) else None
    if client is None or not auth.may_see(client):
        raise NotFound()
    return client


@extend_schema_view(
    list=extend_schema(operation_id="clients_list", description="A page of clients, newest first."),
    retrieve=extend_schema(description="The client."),
)
class ClientViewSet(Endpoint, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    queryset = Client.objects.present()
    serializer_class = ClientSerializer
    lookup_field = "slug"
    operator_actions = ("list", "create", "destroy")
    actions_without_body = ("rotate_secret",)
    conflicting_actions = ("create",)
    path_parameters = (SLUG_IN_PATH,)

    def get_serializer_context(self) -> dict[str, Any]:
        auth = getattr(self.request, "auth", None)
        asked_by = Role.OPERATOR if auth and auth.is_operator else Role.CLIENT
        return super().get_serializer_context() | {"asked_by": asked_by}

    def get_object(self) -> Client:
        return get_client(self.request.auth, self.kwargs["slug"])

    @extend_schema(
        responses={
            201: inline_serializer(
                "ClientCreated",
                {
                    **ClientSerializer().fields,
                    "api_key": serializers.CharField(),
                    "signing_secret": serializers.CharField(),
                },
            )
        }
    )
    def create(self, request: Request) -> Response:
        """Creates a client, with an API key and a signing secret that are shown only here."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        secret = use_cases().new_signing_secret()
        client = Client(**serializer.validated_data, signing_secret=secret.sealed)
        try:
            with transaction.atomic():
                client.save(force_insert=True)
                _, api_key = ApiKey.objects.issue(ApiKey.Role.CLIENT, client)
        except IntegrityError as error:
            if Client.objects.filter(slug=client.slug).exists():
                raise Conflict("This slug is taken. Slugs are never reused, even if a client is deleted.") from error
            raise
        shown_once = {"api_key": api_key, "signing_secret": secret.shown}
        return Response(self.get_serializer(client).data | shown_once, status=201)

    @extend_schema(request=ClientChangeSerializer, responses=ClientSerializer)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Changes the given members; the format is replaced whole."""
        client = get_client(request.auth, slug)
        serializer = ClientChangeSerializer(client, data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        try:
            changed = serializer.save()
        except NoSuchClient as error:  # deleted since the look-up
            raise NotFound() from error
        return Response(self.get_serializer(changed).data)

    def destroy(self, request: Request, slug: str) -> Response:
        """Deletes the client: its keys are revoked, its pending deliveries cancelled, its slug is never reused."""
        if not get_client(request.auth, slug).soft_delete():
            raise NotFound()
        return Response(status=204)

    @extend_schema(
        request=RotationSerializer,
        responses=inline_serializer(
            "SecretRotated", {"signing_secret": serializers.CharField(), "previous_expires_at": Timestamp()}
        ),
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, slug: str) -> Response:
        """Replaces the signing secret; during the overlap, the old one also signs."""
        client = get_client(request.auth, slug)
        serializer = RotationSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        overlap = timedelta(seconds=serializer.validated_data["overlap_seconds"])
        try:
            rotation = use_cases().rotate_secret(client.pk, overlap)
        except NoSuchClient as error:  # deleted since the look-up
            raise NotFound() from error
        expires_at = Timestamp().to_representation(rotation.previous_expires_at)
        return Response({"signing_secret": rotation.secret, "previous_expires_at": expires_at})
