"""Management commands, which `webhooks/management/commands` passes to Django."""
