"""The stages side by side: the same histories, and one database for two of them."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT), str(ROOT / "tests" / "behaviour"), str(ROOT / "tests" / "fire")]

from budget import HISTORIES, SEED  # noqa: E402


def pytest_report_header() -> str:
    return f"histories: {HISTORIES}, seed: {SEED}, database: {os.environ.get('DB', 'sqlite')}"
