"""Clients and API keys."""

from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from plumbing import keys, secret_storage, signing
from plumbing.logs import get_logger

log = get_logger(__name__)


class ApiWords(models.TextChoices):
    """Choices with the words of the API as labels, so that the admin shows the same words."""

    @property
    def label(self):
        return str(self.value)


class ClientQuerySet(models.QuerySet):
    def present(self):
        """Clients that are not deleted; a deleted client stays as a row for its history."""
        return self.filter(deleted_at__isnull=True)


class Client(models.Model):
    """A company that subscribed to events, with its one endpoint and its own format."""

    class Status(ApiWords):
        ACTIVE = "active"
        DISABLED = "disabled"

    class DisabledReason(ApiWords):
        OPERATOR = "operator"
        CLIENT = "client"
        GONE = "gone"
        FAILING = "failing"

    DAY = timedelta(days=1)
    FAILING_FOR = 5 * DAY
    FAILED_DAYS = 4  # days with failures before a client is disabled: two bad hours five days apart are not enough

    slug = models.CharField(max_length=63, unique=True)  # deleted clients keep theirs: a slug is never reused
    name = models.CharField(max_length=140)
    endpoint_url = models.CharField(max_length=2048)
    event_types = models.JSONField(default=list)
    format_name = models.CharField(max_length=32)
    format_version = models.PositiveSmallIntegerField()
    format_options = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.ACTIVE)
    disabled_reason = models.CharField(max_length=16, choices=DisabledReason.choices, null=True, blank=True)
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

    def __str__(self):
        return self.slug

    @property
    def is_active(self):
        return self.status == self.Status.ACTIVE and self.deleted_at is None

    def new_signing_secret(self) -> str:
        """Sets a new signing secret and returns it; it is never shown again. The caller saves."""
        secret = signing.new_secret()
        self.signing_secret = secret_storage.seal(secret)
        return secret

    def take(self, fields: dict) -> str:
        """Fills a new client with checked fields and a signing secret, which it returns. The caller saves."""
        for name, value in fields.items():
            setattr(self, name, value)
        return self.new_signing_secret()

    def rotate_secret(self, overlap: timedelta) -> str:
        """Replaces the signing secret and returns the new one; until the overlap ends, the old one also signs."""
        self.previous_secret = self.signing_secret
        self.previous_expires_at = timezone.now() + overlap
        secret = self.new_signing_secret()
        self.save(update_fields=["signing_secret", "previous_secret", "previous_expires_at"])
        log.info("secret_rotated", client=self.slug, overlap_seconds=int(overlap.total_seconds()))
        return secret

    def signing_secrets(self, now: datetime) -> list[str]:
        """The secrets that sign an attempt at this time, newest first."""
        sealed = [self.signing_secret]
        if self.previous_secret and now < self.previous_expires_at:
            sealed.append(self.previous_secret)
        return [secret_storage.unseal(secret) for secret in sealed]

    def disable(self, reason: str) -> bool:
        """Stops deliveries until somebody enables the client again. Returns whether this call did it."""
        changed = Client.objects.filter(pk=self.pk, status=self.Status.ACTIVE).update(
            status=self.Status.DISABLED, disabled_reason=reason
        )
        if changed:
            self.status, self.disabled_reason = self.Status.DISABLED, reason
            log.warning("client_disabled", client=self.slug, reason=reason)
        return bool(changed)

    def change_status(self, status: str, *, by_operator: bool) -> None:
        """Sets a requested status. The present status changes nothing, except that an operator's `disabled`
        makes the reason `operator`. The caller saves.
        """
        if status == self.Status.DISABLED and (by_operator or self.status == self.Status.ACTIVE):
            self.status = self.Status.DISABLED
            self.disabled_reason = self.DisabledReason.OPERATOR if by_operator else self.DisabledReason.CLIENT
            log.info("client_disabled", client=self.slug, reason=self.disabled_reason)
        elif status == self.Status.ACTIVE and self.status == self.Status.DISABLED:
            self.status, self.disabled_reason, self.failing_since = self.Status.ACTIVE, None, None
            log.info("client_enabled", client=self.slug)

    def change(self, fields: dict, *, by_operator: bool) -> None:
        """Saves the changes of checked fields, a status among them; no other column is written."""
        changes = dict(fields)
        status = changes.pop("status", None)
        for name, value in changes.items():
            setattr(self, name, value)
        if status:
            before = self.status, self.disabled_reason
            self.change_status(status, by_operator=by_operator)
            if before != (self.status, self.disabled_reason):
                changes |= dict.fromkeys(("status", "disabled_reason", "failing_since"))
        if changes:
            self.save(update_fields=list(changes))

    def attempt_succeeded(self) -> None:
        """Clears the failure clock."""
        if self.failing_since:
            self.failing_since = None
            self.save(update_fields=["failing_since"])

    def attempt_failed(self, now: datetime, *, gone: bool) -> None:
        """Starts the failure clock, or disables the client: at once if it is gone, else after five days, if
        attempts failed on four of them."""
        if gone:
            self.disable(self.DisabledReason.GONE)
        elif self.failing_since is None:
            self.failing_since = now
            self.save(update_fields=["failing_since"])
        elif now - self.failing_since >= self.FAILING_FOR and len(self.failed_days(now)) >= self.FAILED_DAYS:
            self.disable(self.DisabledReason.FAILING)

    def failed_days(self, now: datetime) -> set[int]:
        """The days with failed attempts since the first failure, its own and today included. The first day is 0, and
        each has 24 hours. This causes a query for each day.
        """
        days, end = {0, (now - self.failing_since) // self.DAY}, now
        while failed_at := self.deliveries.newest_failure(self.failing_since + self.DAY, end):
            day = (failed_at - self.failing_since) // self.DAY
            days.add(day)
            end = self.failing_since + day * self.DAY
        return days

    @transaction.atomic
    def soft_delete(self) -> None:
        """Deletes the client: its keys are revoked, its pending deliveries cancelled, its history stays."""
        now = timezone.now()
        # The strong lock, which waits for events being accepted: their foreign keys hold the weak lock.
        Client.objects.select_for_update().get(pk=self.pk)
        Client.objects.filter(pk=self.pk).update(deleted_at=now)
        self.deleted_at = now
        self.api_keys.filter(revoked_at__isnull=True).update(revoked_at=now)
        cancelled = self.deliveries.cancel_pending()
        log.info("client_deleted", client=self.slug, deliveries_cancelled=cancelled)


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

    def __str__(self):
        return self.prefix

    @property
    def is_operator(self):
        return self.role == self.Role.OPERATOR

    def may_see(self, client: Client) -> bool:
        """A client key sees only its own client."""
        return self.is_operator or self.client_id == client.pk
