"""The names of all commands of `./ws`, grouped by their users. Each section names its module in workshop/commands/.

The command line loads a module when one of its commands is called. The checks of the documents read the names here.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """Commands that the same people need, and the module that has them."""

    title: str
    module: str
    names: tuple[str, ...]


LEARNERS = (
    Section(
        "Exercises",
        "exercises",
        (
            "start",
            "list",
            "go",
            "check",
            "hint",
            "next",
            "solution",
            "reset",
            "restore",
            "catchup",
            "editor",
            "receipt",
            "doctor",
        ),
    ),
    Section("The walk from before/ to after/", "walk", ("walk", "step", "bet", "diff")),
    Section("The walk from before/ to after/", "requests", ("request",)),
    Section("Questions", "ask", ("ask",)),
    Section("Your own project", "signs", ("signs",)),
    Section("Your own project", "take", ("take",)),
    Section("See it and test it", "showing", ("demo", "compare")),
    Section("See it and test it", "tracing", ("trace",)),
    Section("See it and test it", "testing", ("test",)),
    Section("See it and test it", "site", ("open", "site")),
    Section("Give a talk", "talk", ("talk",)),
)
MAINTAINERS = (
    Section(
        "For maintainers: more tests",
        "testing",
        ("test-all", "test-steps", "test-equivalence", "test-fire", "fuzz", "soak", "mutants", "kill-rate", "coverage"),
    ),
    Section("For maintainers: figures", "showing", ("bench",)),
    Section("For maintainers: figures", "scorecard", ("scorecard",)),
    Section("For maintainers: the repository", "upkeep", ("lint", "lock", "offline", "clean", "dev")),
)
DEV = (
    Section("A step of the migration", "road", ("change", "rebase", "export", "measure")),
    Section("A step of the migration", "tracing", ("record",)),
    Section("A step of the migration", "scorecard", ("carry",)),
    Section("Documents", "documents", ("excerpts", "figures", "transcripts", "tours", "schedule")),
    Section("Documents", "site", ("pictures",)),
    Section("Questions", "ask", ("questions",)),
    Section("Exercises and checks", "upkeep", ("new", "check", "gate", "fresh")),
    Section("Early warning signs", "signs", ("signs-corpus",)),
)
ALL = (*LEARNERS, *MAINTAINERS)


def places(sections: tuple[Section, ...]) -> Mapping[str, Section]:
    """The section of each command."""
    return {name: section for section in sections for name in section.names}
