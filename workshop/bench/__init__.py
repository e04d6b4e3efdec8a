"""`make bench`: how fast a stage is, beside what its machine could do at most, measured in the same run."""


class BenchFailed(Exception):
    """Something that the bench needs did not start, or ended by itself. The message says what and why."""
