"""README.md's two commands on the newest Debian, as an ordinary user who has just cloned the repository."""

import re

import pytest

from workshop.maintaining.fresh_machine import fresh_machine


@pytest.fixture(scope="module")
def machine():
    with fresh_machine() as made:
        yield made


def test_its_user_has_what_the_readme_names_and_nothing_else(machine):
    asked = machine.run("command -v git make python3; command -v ps; git config user.name; id -u")

    assert asked.stdout.split() == ["/usr/bin/git", "/usr/bin/make", "/usr/bin/python3", "1000"]


def test_make_demo_shows_the_same_from_both_servers(machine):
    ended = machine.run("make demo ONCE=1")

    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("all verified and acknowledged") == 9


def test_make_test_is_green(machine):
    ended = machine.run("make test")

    assert ended.returncode == 0, ended.stdout
    passed, failed = re.findall(r"^(\d+) passed, (\d+) failed", ended.stdout, re.MULTILINE)[-1]
    assert (int(passed) > 1000, failed) == (True, "0")
