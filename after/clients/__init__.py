"""Who the clients are, and everybody's API keys."""
