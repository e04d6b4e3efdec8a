"""The script that chooses an interpreter, on machines made of a folder of fake ones."""

import os
import subprocess
import sys

import pytest

from workshop import ROOT

REAL = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'
TOO_OLD = "#!/bin/sh\nexit 1\n"
SHIM = '#!/bin/sh\necho "command not found" >&2\nexit 127\n'
WITHOUT_VENV = f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexec "{sys.executable}" "$@"\n'


@pytest.fixture
def machine(tmp_path):
    """Puts fake interpreters on PATH and asks the script."""

    def find(*arguments, named="", **interpreters):
        for name, content in interpreters.items():
            path = tmp_path / name.replace("_", ".")
            path.write_text(content)
            path.chmod(0o755)
        script = str(ROOT / "workshop" / "find-python")
        environment = {"PATH": str(tmp_path), "HOME": str(tmp_path), "PYTHON": named}
        command = ["/bin/sh", script, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    return find


def found(answer):
    return os.path.realpath(answer.stdout.strip())


def test_python3_is_taken_where_it_is_new_enough(machine):
    assert found(machine(python3=REAL, python3_14=SHIM)) == os.path.realpath(sys.executable)


def test_a_newer_one_is_found_beside_an_old_python3(machine):
    assert found(machine(python3=TOO_OLD, python3_12=REAL)) == os.path.realpath(sys.executable)


def test_a_shim_that_runs_nothing_is_passed_over(machine):
    answer = machine(python3=SHIM, python3_13=SHIM, python3_11=REAL)

    assert found(answer) == os.path.realpath(sys.executable)


def test_an_old_python_that_was_named_is_refused(machine):
    answer = machine(named="python3", python3=TOO_OLD, python3_12=REAL)

    assert answer.returncode == 1
    assert "PYTHON=python3 is not a Python 3.11 or later" in answer.stderr


def test_a_python_without_venv_is_passed_over_and_named_if_nothing_else_is_there(machine):
    answer = machine(python3=WITHOUT_VENV)
    assert "python3 has no venv module" in answer.stderr

    answer = machine(python3=WITHOUT_VENV, python3_11=REAL)
    assert found(answer) == os.path.realpath(sys.executable)


def test_a_machine_without_python_is_told_what_to_do(machine):
    answer = machine()

    assert answer.returncode == 1
    assert "Install one" in answer.stderr


def test_a_version_can_be_asked_for(machine):
    here = f"{sys.version_info.major}.{sys.version_info.minor}"

    assert found(machine(here, **{f"python{here.replace('.', '_')}": REAL}))
    assert machine("3.9", python3_9=REAL).returncode == 1
