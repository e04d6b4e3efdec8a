"""The table of wheels at the end of `./ws lock`, on locks that are written here."""

import pytest
from click.testing import CliRunner

from workshop.__main__ import cli
from workshop.base import doctor
from workshop.maintaining.packages import lock, wheels
from workshop.maintaining.packages.offline import Target
from workshop.maintaining.packages.wheels import Package

PURE = Package("click", "8.5.1", "", ("click-8.5.1-py3-none-any.whl",))
SPECIFIC = ("manylinux2014_x86_64.manylinux_2_17_x86_64", "manylinux_2_28_aarch64", "macosx_11_0_arm64")
NEW = Target("3.15", "linux-x86_64")


def built(*pythons, marker="", systems=SPECIFIC, abi=None):
    """A package with a wheel of its own for each of these Pythons and systems."""
    names = [
        f"pyyaml-6.0.3-{python}-{abi or python}-{system}.whl"
        for python in (f"cp{version.replace('.', '')}" for version in pythons)
        for system in systems
    ]
    return Package("pyyaml", "6.0.3", marker, tuple(names))


@pytest.fixture
def make_lock(monkeypatch):
    """`./ws lock` with these packages in one lock file."""

    def run(*packages):
        monkeypatch.setattr(lock, "lock", lambda groups, upgrade: ["requirements.txt"])
        monkeypatch.setattr(wheels, "packages", lambda group, uv: list(packages))
        return CliRunner().invoke(cli, ["lock"])

    return run


def test_a_package_without_a_wheel_for_the_newest_python_fails_and_is_named(make_lock):
    done = make_lock(PURE, built("3.11", "3.12", "3.13", "3.14"))

    assert done.exit_code == 1
    rows = {line.split()[0]: line.split()[1:] for line in done.output.splitlines() if line[:2] == "3."}
    assert rows["3.14"] == ["all", "2"] * 3
    assert rows["3.15"] == ["1", "of", "2"] * 3
    assert "pyyaml 6.0.3 of the group workshop has no wheel for Python 3.15 on linux-aarch64." in done.output


def test_wheels_everywhere_are_a_table_without_a_gap(make_lock):
    done = make_lock(PURE, built(*doctor.PYTHONS))

    assert done.exit_code == 0
    assert "No wheel is missing" in done.output


@pytest.mark.parametrize("left_out", range(3))
def test_each_system_counts(left_out):
    package = built("3.15", systems=SPECIFIC[:left_out] + SPECIFIC[left_out + 1 :])

    missing = [target.system for target in wheels.TARGETS if target.python == "3.15" and wheels.gaps([package], target)]

    assert missing == [wheels.SUPPORTED[left_out]]


def test_a_package_that_is_not_installed_there_needs_no_wheel_there():
    assert wheels.gaps([built("3.11", marker="python_full_version < '3.12'")], NEW) == []
    assert wheels.gaps([built("3.11", marker="python_full_version >= '3.12'")], NEW) != []


def test_one_wheel_for_all_later_pythons_is_enough():
    assert wheels.gaps([built("3.9", abi="abi3")], NEW) == []


@pytest.mark.parametrize("system", ["manylinux_2_39_x86_64", "musllinux_1_2_x86_64", "win_amd64"])
def test_a_wheel_for_a_newer_or_another_system_does_not_count(system):
    assert wheels.gaps([built("3.15", systems=[system])], NEW) != []


def test_a_wheel_for_free_threaded_python_does_not_count():
    assert wheels.gaps([built("3.15", abi="cp315t")], NEW) != []


def test_a_source_distribution_alone_does_not_count():
    assert wheels.gaps([Package("pyyaml", "6.0.3", "", ())], NEW) != []


def test_the_wheels_are_read_from_a_lock_that_names_files():
    read = wheels.named(
        {
            "packages": [
                {
                    "name": "pyyaml",
                    "version": "6.0.4",
                    "marker": "python_version > '3.8'",
                    "sdist": {"url": "https://index.example/pyyaml-6.0.4.tar.gz"},
                    "wheels": [{"url": "https://index.example/a/pyyaml-6.0.4-cp315-cp315-macosx_11_0_arm64.whl"}],
                }
            ]
        }
    )

    wheel = "pyyaml-6.0.4-cp315-cp315-macosx_11_0_arm64.whl"
    assert read == [Package("pyyaml", "6.0.4", "python_version > '3.8'", (wheel,))]


def test_upgrade_takes_all_or_the_packages_that_it_names():
    assert lock.command("lint", upgrade="1")[-2] == "--upgrade"
    assert lock.command("lint", upgrade="pyyaml ruff")[-3:-1] == ["--upgrade-package=pyyaml", "--upgrade-package=ruff"]
    assert not any("upgrade" in option for option in lock.command("lint"))
