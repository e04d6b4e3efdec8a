"""What starts, watches and measures a stage: processes, receivers, API clients, databases. Tests use it, too."""
