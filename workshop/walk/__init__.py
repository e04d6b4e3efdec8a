"""walk/: the migration as a git repository that a learner walks through, and edits in."""
