"""The migration from before/ to after/ as patches, and as a repository to walk through.

    steps/README.md                       the map
    steps/00-feel-it/README.md            no commit: look, and bet
    steps/04-extract-services/README.md   one step
    steps/04-extract-services/tree.md     generated: what it does to the tree
    steps/04-extract-services/0001-….patch

The patches are what `git format-patch` writes. Plain `git am` of all of them, in the order of their names, on a copy of
before/ gives exactly after/.
"""


class StepsProblem(Exception):
    """What was asked for cannot be done. The message says why, and what to do next."""
