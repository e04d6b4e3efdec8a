"""The black-box tests of the change requests. They use the harness of the shared suite."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "behaviour"))

pytest_plugins = ["harness.fixtures", "harness.admin"]
