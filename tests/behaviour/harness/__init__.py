"""The base of the tests of this suite. It knows the contract, but no stage."""
