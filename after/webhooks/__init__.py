"""Events, formats and deliveries."""
