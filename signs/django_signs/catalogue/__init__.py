"""The signs, one module each: the rule, its thresholds, and the constructs that it leaves alone on purpose."""
