class Refused(Exception):
    """This order cannot be placed. The text says why, for the customer."""


class NoSuchCart(Refused):
    pass
