"""The jobs of `.ci/run` besides `make lint` and `make test`: those that a change touches, and the rest in turns."""
