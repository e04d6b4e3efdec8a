"""Numbers with their nouns."""

import pytest

from workshop.base.counting import counted


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1512, "1,512 files"), (-1, "-1 files")]
)
def test_only_one_has_the_singular(number, said):
    assert counted(number, "file") == said


def test_a_plural_of_its_own_is_named():
    assert counted(1, "file differs", "files differ") == "1 file differs"
    assert counted(3, "file differs", "files differ") == "3 files differ"
