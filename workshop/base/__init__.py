"""What everything stands on: paths, names, stages, files, git, set-up. It imports no other room."""
