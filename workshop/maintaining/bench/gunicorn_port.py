"""Gunicorn's configuration file: says at which port it listens, which the system chose."""

import os
from pathlib import Path
from typing import Any


def when_ready(server: Any) -> None:
    """Called by gunicorn in its master process once the socket is open."""
    host, port = server.LISTENERS[0].sock.getsockname()
    file = Path(os.environ["BENCH_ADDRESS"])
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_text(f"http://{host}:{port}")
    unfinished.rename(file)
