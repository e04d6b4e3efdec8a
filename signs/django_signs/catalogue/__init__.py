"""The signs, one module each: the rule, its thresholds, and what it leaves alone on purpose."""
