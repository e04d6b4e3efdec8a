"""The business's terms and rules, as pure values and decisions. No Django, no clock, no randomness, no I/O."""
