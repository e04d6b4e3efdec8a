"""`./ws receipt`: a learner's results, as plain text to paste into a chat. It is only printed, and sent nowhere."""

import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from workshop.base import bets
from workshop.base.counting import counted
from workshop.exercises.catalogue import Exercise
from workshop.exercises.progress import Progress, Standing
from workshop.exercises.workfolder import WorkFolder

CHOOSING = "which-rung"  # the exercise whose answers name a rung for each app
ANSWERS = "answers.toml"
YOURS = "yours"
LONGEST = 300  # characters that are shown of what a learner wrote


def receipt(exercises: Sequence[Exercise], work: WorkFolder, today: date) -> Iterator[str]:
    """The lines of the receipt."""
    state = work.read()
    yield f"Django refactoring workshop, {today.isoformat()}"
    yield ""
    yield from _exercises(exercises, state)
    bet_on = [one_line(bet) for bet in bets.lines(work.folder / bets.FILE)]
    for title, lines in (("Bets", bet_on), ("Rungs", list(rungs(exercises, work, state)))):
        if lines:
            yield ""
            yield f"{title}:"
            yield from lines
    yield ""
    yield f"My sign: {one_line(state.sign) or 'not named yet; ./ws signs PATH, then ./ws receipt --sign TEXT'}"
    yield f"First commit in my own project: {one_line(state.commit) or 'not named yet; ./ws receipt --commit TEXT'}"


def rungs(exercises: Sequence[Exercise], work: WorkFolder, state: Progress) -> Iterator[str]:
    """The rung chosen for each app and for the learner's own project."""
    for exercise in exercises:
        if exercise.slug == CHOOSING:
            for name, answer in _answers(exercise, work, state).items():
                rung, because = (one_line(str(answer.get(key, ""))) for key in ("rung", "because"))
                if rung:
                    reason = f", because {because}" if because else ""
                    yield f"{'my own project' if name == YOURS else name}: {rung}{reason}"


def one_line(text: str) -> str:
    """A learner's text, ready for a chat: one line, no control characters, limited in length."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"


def _exercises(exercises: Sequence[Exercise], state: Progress) -> Iterator[str]:
    taken = [(exercise, state.exercises[exercise.name]) for exercise in exercises if exercise.name in state.exercises]
    if not taken:
        yield "No exercise started."
        return
    done = sum(standing.state == "done" for _, standing in taken)
    at_work = sum(standing.minutes for _, standing in taken)
    # Requests come unannounced, so a request is counted only after it has been dealt.
    known = [exercise for exercise in exercises if exercise.dealt_after is None or exercise.name in state.exercises]
    yield f"{done} of {len(known)} exercises done, {counted(at_work, 'minute')} at work:"
    for exercise, standing in taken:
        yield f"{exercise.number}. {exercise.title}: {_stand(exercise, standing)}"


def _stand(exercise: Exercise, standing: Standing) -> str:
    levels = {check.id: len(check.hints.texts) for check in exercise.checks}
    hints = sum(min(shown, levels.get(check, 0)) for check, shown in standing.hints.items())
    said = counted(hints, "hint") if hints else "no hint"
    return f"{standing.state}, {standing.minutes} of {exercise.minutes} minutes, {said}"


def _answers(exercise: Exercise, work: WorkFolder, state: Progress) -> dict[str, dict[str, Any]]:
    folders: list[Path] = work.copies(exercise)
    if state.current == exercise.name:
        folders.append(work.folder)
    for folder in reversed(folders):
        try:
            found = tomllib.loads((folder / ANSWERS).read_text(encoding="utf-8-sig"))
        except (OSError, ValueError):
            continue  # half written or missing: an older copy may be complete
        return {name: answer for name, answer in found.items() if isinstance(answer, dict)}
    return {}
