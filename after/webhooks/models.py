from webhooks.adapters.orm.models import Attempt, Delivery, Event  # noqa: F401  (Django looks for models here)
