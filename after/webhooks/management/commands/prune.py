from webhooks.adapters.commands.prune import Command  # noqa: F401  (where Django looks for commands)
