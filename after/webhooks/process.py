"""The use cases of this process. The AppConfig keeps them; it composed them when Django had loaded the apps."""

from typing import Any

from django.apps import apps

from webhooks.application import UseCases


def use_cases() -> UseCases:
    """The use cases, with an adapter behind each port. Raises AppRegistryNotReady before Django has started."""
    config: Any = apps.get_app_config("webhooks")
    composed: UseCases = config.use_cases
    return composed
