from webhooks.adapters.commands.prune import Command  # noqa: F401  (Django looks for commands here)
