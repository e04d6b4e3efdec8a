"""`make setup`, with lock files that name no package: everything but the download."""

import subprocess
import sys

import pytest

from workshop import setup


@pytest.fixture
def venv(tmp_path):
    (tmp_path / "requirements.txt").write_text("# nothing to install\n")
    return tmp_path / ".venv"


@pytest.fixture
def finished(venv):
    """An environment as a finished set-up leaves it, made without the seconds that it takes."""
    (venv / "bin").mkdir(parents=True)
    setup.interpreter(venv).symlink_to(sys.executable)
    setup._stamp(venv, setup.BASE).write_text(setup._digest(venv, setup.BASE))
    return venv


@pytest.fixture
def installed(monkeypatch):
    """The groups that set-up asks pip for."""
    groups = []
    monkeypatch.setattr(setup, "_install", lambda venv, group: groups.append(group))
    return groups


def test_a_new_environment_has_a_python_of_its_own_and_pip(venv):
    setup.make(venv)

    asked = [setup.interpreter(venv), "-m", "pip", "--version"]
    assert str(venv) in subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def test_a_finished_environment_is_left_alone(finished, installed, capsys):
    setup.make(finished, python="/nowhere/python3")

    assert installed == []
    assert capsys.readouterr().err == ""


def test_a_half_made_environment_is_made_anew(finished):
    (finished / ".workshop-workshop").unlink()
    (finished / "half-written").touch()

    setup.make(finished)

    assert not (finished / "half-written").exists()
    assert setup._is_installed(finished, setup.BASE)


def test_a_changed_lock_file_is_installed_into_the_environment_that_is_there(finished, installed):
    (finished.parent / "requirements.txt").write_text("# changed\n")

    setup.make(finished, python="/nowhere/python3")

    assert installed == ["workshop"]
    assert setup._is_installed(finished, setup.BASE)


def test_a_group_is_installed_once(finished, installed):
    (finished.parent / "requirements").mkdir()
    (finished.parent / "requirements" / "lint.txt").write_text("# nothing to install\n")

    setup.make(finished, ["lint"])
    setup.make(finished, ["lint"])

    assert installed == ["lint"]


def test_an_environment_whose_python_was_removed_is_made_anew(finished):
    setup.interpreter(finished).unlink()

    setup.make(finished)

    assert setup.interpreter(finished).exists()


def test_a_package_without_a_hash_is_refused_and_leaves_the_environment_unfinished(finished):
    (finished.parent / "requirements.txt").write_text("click==8.0\n")

    with pytest.raises(setup.SetupFailed, match="could not be installed"):
        setup.make(finished)

    assert not setup._is_installed(finished, setup.BASE)


def test_a_group_without_a_lock_file_is_named_in_the_error(finished):
    with pytest.raises(setup.SetupFailed, match="no group 'bench'"):
        setup.make(finished, ["bench"])


def test_set_up_needs_the_standard_library_only():
    isolated = [sys.executable, "-I", "-S", "-c"]
    code = f"import sys; sys.path.insert(0, {str(setup.ROOT)!r}); import workshop.setup"

    assert subprocess.run([*isolated, code]).returncode == 0
    assert subprocess.run([*isolated, "import click"], stderr=subprocess.DEVNULL).returncode == 1
