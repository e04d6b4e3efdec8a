"""The kind of a file, only from its path: code, a test, a migration, a command, settings, or sample data."""

import re

TEST_FOLDERS = {"tests", "test", "testing", "e2e", "integration_tests", "unit_tests", "functional_tests", "unittests"}
TEST_FILES = re.compile(r"(?:test_.*|.*_tests?|tests|conftest|factories|factory_boy|.*_factory|fake_.*)\.py")
SEEDS = re.compile(
    r"(?:seeds?|fixtures|sample_?data|populate.*|demo_?data|dummy.*|bootstrap_data|initial_data|random_?data|test_?data|"
    r"(?:\w+_)?fake_?data(?:_\w+)?)(?:\.py)?"
)
SETTINGS = re.compile(r"(?:settings|local_settings|.*_settings|settings_.*|conf|config|celery|asgi|wsgi)\.py")
ASIDE = {"docs", "doc", "sandbox", "scripts", "bin", "tools", "benchmarks", "examples", "contrib_scripts", "locale"}
IMPORTERS = re.compile(r"(?:\w+_)?(?:importers?|imports?|importing|exporters?|dump|load)(?:\.py)?")


def kind_of(path: str) -> str:
    """`code`, `test`, `migration`, `command`, `settings`, `seed` or `aside`."""
    parts = path.split("/")
    folders, name = parts[:-1], parts[-1]
    if any(part in TEST_FOLDERS or part.startswith("test_") for part in folders) or TEST_FILES.fullmatch(name):
        return "test"
    if any(part.endswith("migrations") or part == "alembic" for part in folders):
        return "migration"
    if "management" in folders:
        return "command"
    if any(part in ASIDE for part in folders[:2]) or name == "setup.py":
        return "aside"
    if "settings" in folders or SETTINGS.fullmatch(name):
        return "settings"
    if any(SEEDS.fullmatch(part) for part in parts):
        return "seed"
    return "code"


def is_importer(path: str) -> bool:
    """Whether the file brings rows in from elsewhere, in bulk."""
    return any(IMPORTERS.fullmatch(part) for part in path.split("/"))
