"""Clients and API keys for operators. A client's form uses the same checks as the API."""

import hashlib
import json

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.utils import timezone
from django.utils.html import format_html

from plumbing.admin import GuardedAdmin, StrictDecoder
from plumbing.problems import pointers
from plumbing.read_only_admin import ReadOnly
from webhooks.event_types import SUBSCRIPTIONS
from webhooks.options import VERSIONS, format_errors

from .models import ApiKey, Client
from .validators import validate_each_once, validate_endpoint_url, validate_slug

FORMATS = [f"{name}@{version}" for name, versions in sorted(VERSIONS.items()) for version in versions]

MEMBERS = ["slug", "name", "endpoint_url", "event_types", "status"]
SHOWN = [*MEMBERS, "format_name", "format_version", "format_options", "disabled_reason", "deleted_at"]
STALE = "This client was changed after the form was opened. Nothing was saved: open it again, and repeat your change."


def version_of(client):
    """A fingerprint of the client's fields in the form: another fingerprint means that somebody changed the client."""
    shown = json.dumps([getattr(client, column) for column in SHOWN], sort_keys=True, default=str)
    return hashlib.sha256(shown.encode()).hexdigest()


# Checked after each single field is valid.
VALIDATORS = {
    "slug": validate_slug,
    "endpoint_url": validate_endpoint_url,
    "event_types": validate_each_once,
}


class ClientForm(forms.ModelForm):
    event_types = forms.MultipleChoiceField(
        choices=[(entry, entry) for entry in SUBSCRIPTIONS], widget=forms.CheckboxSelectMultiple, required=False
    )
    format = forms.ChoiceField(choices=[(pinned, pinned) for pinned in FORMATS])
    format_options = forms.JSONField(
        required=False, decoder=StrictDecoder, help_text="JSON; /v1/formats lists the options of each format"
    )
    status = forms.ChoiceField(choices=Client.Status.choices, initial=Client.Status.ACTIVE)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)  # the version that the form was opened with

    class Meta:
        model = Client
        fields = MEMBERS
        widgets = {"endpoint_url": forms.TextInput(attrs={"size": 80})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["format"] = f"{self.instance.format_name}@{self.instance.format_version}"
            self.initial["format_options"] = self.instance.format_options
            self.initial["seen"] = version_of(self.instance)
        else:
            del self.fields["status"], self.fields["seen"]  # a new client is active
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                field.strip = False

    def clean(self):
        """Makes the API's checks, and checks that nobody changed the client since the form was opened."""
        cleaned = super().clean()
        if self.errors:
            return cleaned
        if self.instance.pk:
            # The admin saves in this transaction, so nobody can change the row after this check.
            self.locked = Client.objects.select_for_update(no_key=True).get(pk=self.instance.pk)
            if cleaned["seen"] != version_of(self.locked):
                raise forms.ValidationError(STALE)
        for name, validate in VALIDATORS.items():
            if name in self.changed_data:
                try:
                    validate(cleaned[name])
                except forms.ValidationError as error:
                    self.add_error(name, error)
        if self.changes_format:
            self._check_format(**self._format(cleaned))
        return cleaned

    @property
    def changes(self):
        """The columns that the form changes, with their new values. The format is replaced whole."""
        changed = {name: self.cleaned_data[name] for name in MEMBERS if name in self.changed_data}
        return changed | self._format(self.cleaned_data) if self.changes_format else changed

    @property
    def changes_format(self):
        return not {"format", "format_options"}.isdisjoint(self.changed_data)

    def _format(self, cleaned):
        name, _, version = cleaned["format"].partition("@")
        options = cleaned["format_options"] or {}
        return {"format_name": name, "format_version": int(version), "format_options": options}

    def _check_format(self, format_name, format_version, format_options):
        if isinstance(format_options, dict):
            errors = format_errors(format_name, format_version, format_options).get("options", {})
        else:
            errors = [f'Expected a dictionary of items but got type "{type(format_options).__name__}".']
        for pointer, detail in pointers(errors):
            self.add_error("format_options", f"{pointer[1:]}: {detail}")


@admin.register(Client)
class ClientAdmin(GuardedAdmin):
    form = ClientForm
    list_display = ["slug", "name", "pinned_format", "status", "disabled_reason", "failing_since", "created_at"]
    list_filter = [
        ("status", admin.AllValuesFieldListFilter),
        ("disabled_reason", admin.AllValuesFieldListFilter),
        "format_name",
        ("deleted_at", admin.EmptyFieldListFilter),
    ]
    search_fields = ["slug", "name", "endpoint_url"]
    ordering = ["slug"]
    actions = ["disable_selected"]
    readonly_fields = ["disabled_reason", "failing_since", "created_at", "deleted_at", "deliveries_link"]
    fieldsets = [
        (None, {"fields": ["slug", "name", "endpoint_url", "event_types"]}),
        ("Format", {"fields": ["format", "format_options"]}),
        ("State", {"fields": ["status", *readonly_fields, "seen"]}),
    ]

    @admin.display(description="format", ordering="format_name")
    def pinned_format(self, client):
        return f"{client.format_name}@{client.format_version}"

    @admin.display(description="deliveries")
    def deliveries_link(self, client):
        return format_html(
            '<a href="/admin/webhooks/delivery/?client__id__exact={}">{} deliveries</a>',
            client.pk,
            client.deliveries.count(),
        )

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return self.fieldsets[:2]
        if not self.has_change_permission(request, obj):  # only shown: the form has fields of its own for these
            fields = ["slug", "name", "endpoint_url", "event_types", "pinned_format", "format_options", "status"]
            return [(None, {"fields": [*fields, *self.readonly_fields]})]
        return self.fieldsets

    def get_readonly_fields(self, request, obj=None):
        if obj and not self.has_change_permission(request, obj):
            return [*self.readonly_fields, "pinned_format"]
        return [*self.readonly_fields, "slug"] if obj else self.readonly_fields

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and obj.deleted_at)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not (obj and obj.deleted_at)

    def save_model(self, request, client, form, change):
        if change:
            form.locked.change(form.changes, by_operator=True)
            return
        client.take(form.changes)
        client.save(force_insert=True)
        messages.info(
            request,
            "No key or secret is shown here: create_api_key --role client makes a key, "
            f"POST /v1/clients/{client.slug}/rotate-secret a signing secret.",
        )

    def get_deleted_objects(self, objs, request):
        # A delete only marks the client: no row is removed, so no history is lost.
        return [f"Client: {client}" for client in objs], {}, set(), []

    def delete_model(self, request, client):
        client.soft_delete()

    def delete_queryset(self, request, clients):
        for client in clients.present().order_by("pk"):
            client.soft_delete()

    @admin.action(description="Disable selected clients", permissions=["change"])
    def disable_selected(self, request, clients):
        with transaction.atomic():
            chosen = list(clients.present().select_for_update(no_key=True).order_by("pk"))
            for client in chosen:
                client.change_status(Client.Status.DISABLED, by_operator=True)
                client.save(update_fields=["status", "disabled_reason"])
            self.note(request, chosen, "Disabled.", "client")
        self.message_user(request, f"Disabled {len(chosen)} clients; their deliveries wait until they are enabled.")


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnly, GuardedAdmin):
    list_display = ["prefix", "role", "client", "created_at", "revoked_at"]
    list_filter = [("role", admin.AllValuesFieldListFilter), ("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["prefix", "client__slug"]
    fields = ["prefix", "role", "client", "created_at", "revoked_at"]
    actions = ["revoke_selected"]

    def has_revoke_permission(self, request):
        return request.user.has_perm("clients.change_apikey")

    @admin.action(description="Revoke selected API keys", permissions=["revoke"])
    def revoke_selected(self, request, api_keys):
        with transaction.atomic():
            revoked = list(api_keys.filter(revoked_at__isnull=True).select_for_update(of=("self",)).order_by("pk"))
            ApiKey.objects.filter(pk__in=[key.pk for key in revoked]).update(revoked_at=timezone.now())
            self.note(request, revoked, "Revoked.", "api_key")
        self.message_user(request, f"Revoked {len(revoked)} keys.")
