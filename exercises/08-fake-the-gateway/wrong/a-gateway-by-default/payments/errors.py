class Declined(Exception):
    """The card is declined. The text is the provider's reason."""


class Unavailable(Exception):
    """It is not known whether the money can be taken. Try again later."""
