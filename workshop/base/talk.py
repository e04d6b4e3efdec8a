"""The folder of the slides that `make talk` made. Its part `speaker/` has the notes, and is never published."""

import shutil
from pathlib import Path

from workshop.base import clean

FOLDER = clean.TALK
SPEAKER = "speaker"


def publish(built: Path, target: Path) -> None:
    """Copies the slides without the speaker view, which has the notes."""
    shutil.copytree(built, target, ignore=lambda folder, _: {SPEAKER} if Path(folder) == built else set())
