"""What the steps and the stages between them are called."""

import re

from workshop.base.problems import CommandFailed

STEPS = (
    *("name-the-language", "one-format-out", "the-rest-follow", "extract-services", "free-the-api"),
    *("decide-without-doing", "name-the-ports", "deliver-behind-a-repository", "accept-in-one-transaction"),
    "close-the-walls",
)
RUNGS = {3: "registry", 5: "services", 7: "core", 10: "hexagon"}
"""The steps after which a project may well stop, and what it is then."""

STAGES = ("before", *(f"step-{number:02}" for number in range(1, len(STEPS) + 1)), "after")
WRITTEN = re.compile(r"(?:step-?)?0*(\d{1,3})")


def stage_name(written: str) -> str:
    """The stage that somebody means by 5, 05, step-5, before or 0, after. Raises CommandFailed for anything else."""
    text = written.strip().lower()
    if text in STAGES:
        return text
    if (number := WRITTEN.fullmatch(text)) and int(number[1]) <= len(STEPS):
        return STAGES[int(number[1])]
    asked = f"There is no stage {written!r}." if text else "Which stage?"
    raise CommandFailed(f"{asked} Say before, after, or a step from 1 to {len(STEPS)}.")


def number_of(stage: str) -> int:
    """How many steps lead to a stage; after/ is where the last one leads."""
    return min(STAGES.index(stage), len(STEPS))


def folder_name(number: int) -> str:
    """A step's folder in steps/."""
    return f"{number:02}-{STEPS[number - 1]}" if number else "00-feel-it"


def title(stage: str) -> str:
    """A stage with the name of the step that leads to it: step-05, free-the-api."""
    return f"{stage}, {STEPS[number_of(stage) - 1]}" if stage.startswith("step-") else stage
