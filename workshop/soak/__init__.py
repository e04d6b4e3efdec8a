"""`make soak`: random faults from a seed, for minutes, and at the end the count: nothing lost and nothing made up."""
