"""`make compare`: two stages side by side, every figure measured in the same run, the price beside the gain."""


class CompareFailed(Exception):
    """Something could not be measured. The message says what and why."""
