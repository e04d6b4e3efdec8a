"""The formats of the clients: one file for each, with its options, its bodies and its acknowledgement rule.

A new format is a new file here that defines `FORMATS`; the registry finds it.
"""
