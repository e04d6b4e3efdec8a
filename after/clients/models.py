"""Clients and API keys."""

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from plumbing import keys
from plumbing.logs import get_logger
from webhooks.application import ClientStatus, DisabledReason
from webhooks.process import use_cases

log = get_logger(__name__)


class ApiWords(models.TextChoices):
    """Choices with the words of the API as labels, so that the admin shows the same words."""

    @property
    def label(self) -> str:
        return str(self.value)


class ClientQuerySet(models.QuerySet):
    def present(self) -> "ClientQuerySet":
        """Clients that are not deleted; a deleted client stays as a row for its history."""
        return self.filter(deleted_at__isnull=True)


class Client(models.Model):
    """A company that subscribed to events, with its one endpoint and its own format."""

    slug = models.CharField(max_length=63, unique=True)  # deleted clients keep theirs: a slug is never reused
    name = models.CharField(max_length=140)
    endpoint_url = models.CharField(max_length=2048)
    event_types = models.JSONField(default=list)
    format_name = models.CharField(max_length=32)
    format_version = models.PositiveSmallIntegerField()
    format_options = models.JSONField(default=dict, blank=True)
    status = models.CharField(
        max_length=16, choices=[(status.value, status.value) for status in ClientStatus], default=ClientStatus.ACTIVE
    )
    disabled_reason = models.CharField(
        max_length=16, choices=[(reason.value, reason.value) for reason in DisabledReason], null=True, blank=True
    )
    # Sealed, see plumbing.secret_storage
    signing_secret = models.TextField()
    previous_secret = models.TextField(null=True, blank=True)
    previous_expires_at = models.DateTimeField(null=True, blank=True)
    # The first failed attempt since the last success, None while deliveries succeed
    failing_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ClientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=("active", "disabled")), name="client_status"),
            models.CheckConstraint(
                condition=Q(disabled_reason__isnull=True)
                | Q(disabled_reason__in=("operator", "client", "gone", "failing")),
                name="client_disabled_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def is_active(self) -> bool:
        return self.status == ClientStatus.ACTIVE and self.deleted_at is None

    def soft_delete(self) -> bool:
        """Deletes the client: its keys are revoked, its pending deliveries cancelled, its history stays. Returns
        whether this call did it: of two deletes at the same time, one does.
        """
        now = timezone.now()
        with transaction.atomic():
            # The strong lock, which waits for events being accepted: their foreign keys hold the weak lock.
            if Client.objects.select_for_update().present().filter(pk=self.pk).first() is None:
                return False
            Client.objects.filter(pk=self.pk).update(deleted_at=now)
            self.deleted_at = now
            self.api_keys.filter(revoked_at__isnull=True).update(revoked_at=now)
            cancelled = use_cases().cancel_deliveries(self.pk)
        log.info("client_deleted", client=self.slug, deliveries_cancelled=cancelled)
        return True


class ApiKeyManager(models.Manager):
    def issue(self, role: str, client: Client | None = None) -> tuple["ApiKey", str]:
        """Stores a new key and returns it with its row; the key is never shown again."""
        key = keys.new_key()
        row = self.create(prefix=keys.prefix_of(key), digest=keys.digest_of(key), role=role, client=client)
        return row, key


class ApiKey(models.Model):
    """A key of an operator, or of one client."""

    class Role(ApiWords):
        OPERATOR = "operator"
        CLIENT = "client"

    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=16, choices=Role.choices)
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.PROTECT, related_name="api_keys")
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyManager()

    is_authenticated = True  # REST framework reads this from a user

    class Meta:
        verbose_name = "API key"
        constraints = [
            models.CheckConstraint(
                condition=Q(role="operator", client__isnull=True) | Q(role="client", client__isnull=False),
                name="apikey_role",
            ),
        ]

    def __str__(self) -> str:
        return self.prefix

    @property
    def is_operator(self) -> bool:
        return self.role == self.Role.OPERATOR

    def may_see(self, client: Client) -> bool:
        """A client key sees only its own client."""
        return self.is_operator or self.client_id == client.pk
