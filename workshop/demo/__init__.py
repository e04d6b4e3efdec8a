"""`make demo`: the server at work, for people who have never seen it."""


class DemoFailed(Exception):
    """The demo cannot go on. The message says what was wrong and what to do next."""
