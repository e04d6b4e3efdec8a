"""The names of the steps and of the stages between them."""

import re

from workshop.base.problems import CommandFailed

STEPS = (
    *("name-the-language", "one-format-out", "the-rest-follow", "extract-services", "free-the-api"),
    *("decide-without-doing", "name-the-ports", "deliver-behind-a-repository", "accept-in-one-transaction"),
    "close-the-walls",
)
RUNGS = {3: "registry", 5: "services", 7: "core", 10: "hexagon"}
"""The steps at which a project may stop, and the name of that rung."""

STAGES = ("before", *(f"step-{number:02}" for number in range(1, len(STEPS) + 1)), "after")
WRITTEN = re.compile(r"(?:step-?)?0*(\d{1,3})")


def stage_name(written: str) -> str:
    """The stage for an input such as 5, 05, step-5, before, 0 or after. Raises CommandFailed for all other input."""
    text = written.strip().lower()
    if text in STAGES:
        return text
    if (number := WRITTEN.fullmatch(text)) and int(number[1]) <= len(STEPS):
        return STAGES[int(number[1])]
    asked = f"There is no stage {written!r}." if text else "Which stage?"
    raise CommandFailed(f"{asked} Use before, after, or a step from 1 to {len(STEPS)}.")


def number_of(stage: str) -> int:
    """The number of steps up to a stage; the last step leads to after/."""
    return min(STAGES.index(stage), len(STEPS))


def folder_name(number: int) -> str:
    """A step's folder in steps/."""
    return f"{number:02}-{STEPS[number - 1]}" if number else "00-feel-it"


def title(stage: str) -> str:
    """A stage with the name of the step that leads to it: step-05, free-the-api."""
    return f"{stage}, {STEPS[number_of(stage) - 1]}" if stage.startswith("step-") else stage
