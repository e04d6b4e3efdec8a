"""`make demo`: the server at work, for people who have never seen it."""
