"""`./ws soak`: random faults from a seed, for minutes, and at the end the count: nothing lost and nothing made up.

    python tests/soak before /path/to/before sqlite 10 4711

It uses the harness of tests/behaviour, and the ledger and the faults of tests/fire.
"""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[1:1] = [str(TESTS / "behaviour"), str(TESTS / "fire"), str(TESTS.parent)]

from soak import main  # noqa: E402

name, folder, engine, minutes, *seed = sys.argv[1:]
sys.exit(0 if main(name, Path(folder), engine, float(minutes), int(seed[0]) if seed else None) else 1)
