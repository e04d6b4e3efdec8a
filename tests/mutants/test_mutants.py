"""Every planted mistake is noticed: `./ws mutants` in pytest, so that the gate can count it. SHARE=0/4 takes a quarter."""

import os

import pytest

from workshop.base.stages import stage
from workshop.maintaining import mutants
from workshop.maintaining.mutants import Fate
from workshop.maintaining.suites import mutants_of_a_share

SHARE, SHARES = map(int, os.environ.get("SHARE", "0/1").split("/"))
MUTANTS = [mutants.read(patch) for patch in mutants_of_a_share(SHARE, SHARES)]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mistake_is_noticed(mutant: mutants.Mutant) -> None:
    # That the same tests are green without the mistake is what `make test` shows.
    verdict = mutants.try_one(stage("before"), mutant, mutants.Suite())

    assert verdict.fate is Fate.KILLED, verdict.detail
