from webhooks.adapters.tasks import look_now  # noqa: F401  (Celery looks for tasks here)
