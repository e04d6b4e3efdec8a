"""What the business means by its words: pure values and decisions. No Django, no clock, no randomness, no I/O."""
