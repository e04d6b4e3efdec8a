"""A new exercise, and the proof that each exercise works as described."""
