"""The answers of the untouched start/, which a refactoring must not change: the oracle of an exercise's behaviour.

`checks/conversation.py` has SECTIONS, a function for each: it takes Django's test client, asks a project hundreds of
generated questions, and yields each with the answer as texts, numbers and lists. A behaviour test asks the learner's
project the same through the fixture `as_at_start`, while a second process asks start/.
"""

import gc
import hashlib
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from workshop.base import files
from workshop.exercises.jobs import TOGETHER, forked, load

CONVERSATION = "conversation"
Answers = dict[str, list[list[Any]]]  # by section: pairs of a question and its answer


class NotAsked(Exception):
    """There is no answer of start/ to compare with."""


def begin(folder: Path) -> None:
    """Starts to ask start/ in a forked process, if the exercise has a conversation. Call it before Django is set up."""
    file = _kept(folder)
    if file.exists() or not (folder / "checks" / f"{CONVERSATION}.py").exists():
        return
    forked(lambda: _ask_start(folder, file))


def answers(folder: Path) -> Answers:
    """The answers of start/: waits for the process of `begin`."""
    file = _kept(folder)
    if not file.exists():
        with suppress(ChildProcessError):  # an earlier run of the tests has already waited for the process
            os.wait()
    if not file.exists():
        raise NotAsked("start/ gave no answers; ./ws dev check shows the reason")
    asked: Answers = json.loads(file.read_text(encoding="utf-8"))
    return asked


def _kept(folder: Path) -> Path:
    """The file of the answers. All judgements of one judge share it, because start/ always answers the same."""
    named = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    return Path(os.environ[TOGETHER]).parent / f"at-start-{named}.json"


def _ask_start(folder: Path, result: Path) -> None:
    start = folder / "start"
    sys.path.insert(0, str(start))
    os.chdir(start)
    from workshop.exercises.probes import database

    database.make()
    from django.db import transaction
    from django.test import Client

    gc.disable()  # a short process, which ends before there is much to collect
    asked = {}
    for name, section in load(folder, CONVERSATION).SECTIONS.items():
        with transaction.atomic():
            asked[name] = list(section(Client()))
            transaction.set_rollback(True)
    files.write(result, json.dumps(asked))
