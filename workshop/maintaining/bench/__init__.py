"""`./ws bench`: the speed of a stage and the limits of its machine, measured in the same run."""
