"""What `.ci/run` runs besides `make lint` and `make test`: always what a change touches, the rest in turns."""
