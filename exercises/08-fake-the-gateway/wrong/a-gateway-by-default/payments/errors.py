class Declined(Exception):
    """The money will not be taken. The text is the provider's reason."""


class Unavailable(Exception):
    """Nobody knows whether the money can be taken. Try again later."""
