import re

import pytest

from workshop.base import setup
from workshop.maintaining.packages import lock

REQUIREMENT = re.compile(r"^[a-z0-9][a-z0-9._-]*==\S+")


@pytest.mark.parametrize("group", lock.groups())
def test_every_group_is_locked_with_a_hash_for_each_package(group):
    text = setup.lock_file(group).read_text()

    packages = [part for part in re.split(r"\n(?=[a-z0-9])", text) if REQUIREMENT.match(part)]

    assert packages
    assert all("--hash=sha256:" in package for package in packages)


def versions(group):
    """(package, marker) → version, for the lines of a lock file."""
    lines = setup.lock_file(group).read_text().splitlines()
    pinned = [line.rstrip(" \\").partition("==") for line in lines if REQUIREMENT.match(line)]
    return {(name, version.partition(" ; ")[2]): version.partition(" ; ")[0] for name, _, version in pinned}


@pytest.mark.parametrize("group", [group for group in lock.groups() if group != setup.BASE])
def test_a_further_group_keeps_the_versions_of_the_base(group):
    base = versions(setup.BASE)

    common = versions(group).items() & base.items()

    assert {name for name, _ in versions(group)} & {name for name, _ in base} == {name for (name, _), _ in common}


def test_a_further_group_is_locked_under_the_base_as_its_constraint():
    command = lock.command("lint")

    assert "--constraint=requirements.txt" in command
    assert "-o=requirements/lint.txt" in command
    assert "pyproject.toml" not in command
