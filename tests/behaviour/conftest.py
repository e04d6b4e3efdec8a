"""The shared black-box suite: one stage, seen only from outside. README.md says how to write a test here."""

import pytest

pytest.register_assert_rewrite("harness")
pytest_plugins = ["harness.fixtures", "harness.admin"]
