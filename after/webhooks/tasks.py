from webhooks.adapters.tasks import look_now  # noqa: F401  (where Celery looks for tasks)
