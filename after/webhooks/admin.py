from webhooks.adapters import admin  # noqa: F401  (where Django looks for admin pages)
