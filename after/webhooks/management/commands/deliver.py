from webhooks.adapters.commands.deliver import Command  # noqa: F401  (where Django looks for commands)
