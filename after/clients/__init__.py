"""The clients' identities, and all API keys."""
