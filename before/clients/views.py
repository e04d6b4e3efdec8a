"""/v1/clients"""

from datetime import timedelta

from django.db import IntegrityError, transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view, inline_serializer
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from plumbing.endpoints import Endpoint
from plumbing.fields import Timestamp
from plumbing.problems import Conflict

from .models import ApiKey, Client
from .serializers import ClientChangeSerializer, ClientSerializer, RotationSerializer
from .validators import SLUG

SLUG_IN_PATH = OpenApiParameter("slug", location=OpenApiParameter.PATH, pattern=f"^{SLUG.pattern}$")


def get_client(auth: ApiKey, slug: str, *, lock: bool = False) -> Client:
    """The client with this slug, or 404 if it does not exist or this key may not see it.

    With `lock` nobody else changes it until the transaction ends. Events can still be accepted meanwhile.
    """
    clients = Client.objects.present()
    client = None
    if SLUG.fullmatch(slug):
        client = (clients.select_for_update(no_key=True) if lock else clients).filter(slug=slug).first()
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

    def get_serializer_context(self):
        auth = getattr(self.request, "auth", None)
        return super().get_serializer_context() | {"by_operator": bool(auth and auth.is_operator)}

    def get_object(self):
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
    def create(self, request):
        """Creates a client, with an API key and a signing secret that are shown only here."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        client = Client()
        signing_secret = client.take(serializer.validated_data)
        try:
            with transaction.atomic():
                client.save(force_insert=True)
                _, api_key = ApiKey.objects.issue(ApiKey.Role.CLIENT, client)
        except IntegrityError as error:
            if Client.objects.filter(slug=client.slug).exists():
                raise Conflict("This slug is taken. Slugs are never reused, even if a client is deleted.") from error
            raise
        shown_once = {"api_key": api_key, "signing_secret": signing_secret}
        return Response(self.get_serializer(client).data | shown_once, status=201)

    @extend_schema(request=ClientChangeSerializer, responses=ClientSerializer)
    def partial_update(self, request, slug):
        """Changes the given members; the format is replaced whole."""
        # Checked before the lock, because a bad body takes time, and under it, because the client may have changed.
        self._checked_change(request, slug, lock=False)
        with transaction.atomic():
            client = self._checked_change(request, slug, lock=True).save()
        return Response(self.get_serializer(client).data)

    def _checked_change(self, request, slug, *, lock):
        client = get_client(request.auth, slug, lock=lock)
        serializer = ClientChangeSerializer(client, data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return serializer

    @transaction.atomic
    def destroy(self, request, slug):
        """Deletes the client: its keys are revoked, its pending deliveries cancelled, its slug is never reused."""
        get_client(request.auth, slug, lock=True).soft_delete()
        return Response(status=204)

    @extend_schema(
        request=RotationSerializer,
        responses=inline_serializer(
            "SecretRotated", {"signing_secret": serializers.CharField(), "previous_expires_at": Timestamp()}
        ),
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request, slug):
        """Replaces the signing secret; during the overlap, the old one also signs."""
        get_client(request.auth, slug)
        serializer = RotationSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            client = get_client(request.auth, slug, lock=True)
            secret = client.rotate_secret(timedelta(seconds=serializer.validated_data["overlap_seconds"]))
        expires_at = Timestamp().to_representation(client.previous_expires_at)
        return Response({"signing_secret": secret, "previous_expires_at": expires_at})
