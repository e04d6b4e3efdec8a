"""The base of all rooms: paths, names, stages, files, git, set-up. It imports no other room."""
