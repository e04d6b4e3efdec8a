"""The HTTP API: the wire format, and the use case behind each call."""
