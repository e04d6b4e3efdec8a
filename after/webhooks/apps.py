from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"

    def ready(self) -> None:
        from .composition import use_cases_of_this_process

        self.use_cases = use_cases_of_this_process()
