"""The HTTP API: what the wire looks like, and which use case answers."""
