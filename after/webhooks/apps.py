from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"

    def ready(self) -> None:
        from .application import install
        from .composition import use_cases_of_this_process

        install(use_cases_of_this_process())
