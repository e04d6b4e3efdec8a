"""The locked packages: locking them, their wheels, and a folder for a room without network."""
