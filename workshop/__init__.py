"""What the workshop's commands do. The Makefile lists them; one module here does one job."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
