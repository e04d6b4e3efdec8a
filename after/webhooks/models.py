from webhooks.adapters.orm.models import Attempt, Delivery, Event  # noqa: F401  (where Django looks for models)
