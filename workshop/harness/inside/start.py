"""The time until a stage can answer its first request, and the memory of its process at that moment."""

import json
import resource
import sys
import time

UNIT = 1024 if sys.platform.startswith("linux") else 1  # kibibytes, but bytes on macOS


def main() -> None:
    started = time.perf_counter()
    from django.urls import get_resolver

    from config.wsgi import application  # type: ignore[import-not-found]

    get_resolver().url_patterns  # noqa: B018  (reading it imports every view)
    seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
    print(json.dumps({"seconds": seconds, "bytes": memory, "application": type(application).__name__}))


if __name__ == "__main__":
    main()
