"""`./ws bench`: how fast a stage is, beside what its machine could do at most, measured in the same run."""
