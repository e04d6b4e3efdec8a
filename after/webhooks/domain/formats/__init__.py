"""What clients receive: one file a format, with its options, its bodies and what acknowledges them.

A new format is a new file here that defines `FORMATS`; the registry finds it.
"""
