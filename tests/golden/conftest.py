"""The golden suite uses the harness of the behaviour suite: the same server, clients and receiver."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "behaviour"))

pytest_plugins = ["harness.fixtures"]
