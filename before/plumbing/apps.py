from django.apps import AppConfig


class PlumbingConfig(AppConfig):
    name = "plumbing"

    def ready(self) -> None:
        from . import openapi  # noqa: F401  (registers the extensions)
        from .secret_storage import check_keys

        check_keys()
