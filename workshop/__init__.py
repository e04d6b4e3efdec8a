"""What the workshop's commands do. The Makefile lists them; one module here does one job."""

from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent


def sqlite_url(file: Path) -> str:
    """The DATABASE_URL of a SQLite file, whatever its folders are called: `#`, `%` and `?` mean something in a URL."""
    return f"sqlite:///{quote(str(file))}"
