from webhooks.adapters import admin  # noqa: F401  (Django looks for admin pages here)
