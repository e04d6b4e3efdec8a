"""The seconds until a stage can answer its first request, and the MiB of its process at that moment, as figures."""

import json
import resource
import sys
import time
from importlib import import_module

UNITS_A_MIB = 2**10 if sys.platform.startswith("linux") else 2**20  # kibibytes, but bytes on macOS


def main() -> None:
    started = time.perf_counter()
    from django.urls import get_resolver

    import_module("config.wsgi")
    get_resolver().url_patterns  # noqa: B018  (reading it imports every view)
    seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNITS_A_MIB
    print(json.dumps({"start.seconds": round(seconds, 2), "start.memory": round(memory, 1)}))


if __name__ == "__main__":
    main()
