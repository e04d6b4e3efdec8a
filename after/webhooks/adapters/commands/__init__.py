"""Management commands, as `webhooks/management/commands` hands them to Django."""
