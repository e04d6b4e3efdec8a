"""A new exercise, and the proof that each does what it says."""
