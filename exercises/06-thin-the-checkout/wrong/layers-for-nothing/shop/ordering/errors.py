class Refused(Exception):
    """The refusal of an order. The text gives the customer the reason."""


class NoSuchCart(Refused):
    pass
