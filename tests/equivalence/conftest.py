"""The stages side by side: the same histories, and one database for two of them."""

import os
import random
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "behaviour"), str(ROOT / "tests" / "fire")]

HISTORIES = int(os.environ.get("HISTORIES") or 500)
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))


def pytest_configure(config: pytest.Config) -> None:
    # The workers of pytest-xdist take the seed that their controller drew.
    os.environ.setdefault("SEED", str(SEED))


def pytest_report_header() -> str:
    return f"histories: {HISTORIES}, seed: {os.environ['SEED']}, database: {os.environ.get('DB', 'sqlite')}"
