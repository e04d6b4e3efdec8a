"""The contract of every port, tested on its fake and on its real adapter.

A contract is a test that takes a `storage` (or a `sender`, a `clock`, …) and knows no more of it than the port and
what can be seen behind it. It passes on both sides, or the tests of the use cases prove nothing.
"""
