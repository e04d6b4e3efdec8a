"""What the tests of this suite stand on. It knows the contract and no stage."""
