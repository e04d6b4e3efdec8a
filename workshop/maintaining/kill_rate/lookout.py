"""Two pytest plugins for the trials: the first notes the lines that each test runs, the second selects tests."""

import json
import time
from collections.abc import Generator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

DATABASE = {"db", "transactional_db", "django_db_setup", "django_db_reset_sequences"}


class Lookout:
    """Notes every test with its seconds, whether it needs the database, and the lines of the rules that it runs."""

    def __init__(self, notes: Path, modules: Sequence[str]) -> None:
        self._notes = notes
        self._modules = {str(Path(module).resolve()): module for module in modules}
        self._tests: dict[str, dict[str, Any]] = {}
        import coverage  # imports sqlite3, so it must not load behind walls

        self._coverage = coverage.Coverage(data_file=None, include=list(self._modules), config_file=False)
        self._coverage.start()

    def pytest_collection_finish(self) -> None:
        """Imports all rules before the first test, so that their import does not count for that test."""
        for module in self._modules.values():
            import_module(".".join(Path(module).with_suffix("").parts).removesuffix(".__init__"))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        started = time.perf_counter()
        self._coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self._coverage.switch_context("")
            needs = bool(DATABASE & set(getattr(item, "fixturenames", ()))) or bool(
                item.get_closest_marker("django_db")
            )
            self._tests[item.nodeid] = {"seconds": time.perf_counter() - started, "needs_database": needs}

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        data, lines = self._coverage.get_data(), {}
        for path, module in self._modules.items():
            by_line = data.contexts_by_lineno(path)
            lines[module] = {line: sorted(set(contexts)) for line, contexts in by_line.items()}
        self._notes.write_text(json.dumps({"tests": self._tests, "lines": lines}))


class Pick:
    """Runs these tests, in this order, and no others."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._order = {test: number for number, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self._order), key=lambda item: self._order[item.nodeid]
        )
