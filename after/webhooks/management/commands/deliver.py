from webhooks.adapters.commands.deliver import Command  # noqa: F401  (Django looks for commands here)
