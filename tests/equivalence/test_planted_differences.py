"""The power of the histories: they find a stage with one planted mistake before the fiftieth history."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from histories import histories
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as hypothesis_seed
from players import Different, company

from workshop import ROOT

LIMIT = 50
SEEDS = (1, 2)  # the same on every machine: whether these find a difference must not be a matter of luck
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.sqlite3*", "tests", ".coverage*")


@dataclass(frozen=True)
class Planted:
    """A text of one file of a stage, and its replacement."""

    what: str
    file: str
    right: str
    wrong: str


PLANTED = [
    Planted("a space in JSON bodies", "after/webhooks/domain/formats/json_text.py", '(",", ":")', '(", ", ":")'),
    Planted("a shorter IBAN shown", "after/webhooks/domain/masking.py", "len(iban) < 8", "len(iban) < 7"),
    Planted("a wider jitter", "after/webhooks/domain/retrying.py", "jitter: float = 0.2", "jitter: float = 0.21"),
    Planted("CSV without its carriage return", "before/webhooks/payloads.py", "{values}\\r\\n", "{values}\\n"),
]


@pytest.fixture
def planted_in_a_copy(tmp_path):
    """Copies a stage, plants the mistake and returns the copy's folder."""

    def plant(planted: Planted) -> Path:
        stage, _, file = planted.file.partition("/")
        copy = tmp_path / stage
        shutil.copytree(ROOT / stage, copy, ignore=NOT_COPIED)
        text = (copy / file).read_text()
        assert planted.right in text, f"{planted.file} has changed: plant {planted.what!r} elsewhere"
        (copy / file).write_text(text.replace(planted.right, planted.wrong, 1))
        return copy

    return plant


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.what)
def test_a_planted_difference_is_found(planted, seed, planted_in_a_copy):
    wrong = planted_in_a_copy(planted)

    with company([ROOT / planted.file.partition("/")[0], wrong]) as both:

        @hypothesis_seed(seed)
        @settings(
            max_examples=LIMIT,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(histories())
        def each(history):
            both.compare(history)

        with pytest.raises(Different):
            each()

    print(f"{planted.what}: found in history {both.histories}")
    assert both.histories < LIMIT
