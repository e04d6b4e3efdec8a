"""The script that chooses an interpreter, on machines made of a folder of fake ones."""

import os
import re
import subprocess
import sys

import pytest

from workshop import ROOT
from workshop.base import doctor

REAL = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'
TOO_OLD = "#!/bin/sh\nexit 1\n"
SHIM = '#!/bin/sh\necho "command not found" >&2\nexit 127\n'
WITHOUT_VENV = f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexec "{sys.executable}" "$@"\n'


@pytest.fixture
def machine(tmp_path):
    """Puts fake interpreters on PATH and asks the script."""

    def find(*arguments, named="", environment=None, **interpreters):
        for name, content in interpreters.items():
            path = tmp_path / name.replace("_", ".")
            path.write_text(content)
            path.chmod(0o755)
        script = str(ROOT / "workshop" / "find-python")
        surroundings = {"PATH": str(tmp_path), "HOME": str(tmp_path), "PYTHON": named, **(environment or {})}
        command = ["/bin/sh", script, *arguments]
        return subprocess.run(command, env=surroundings, capture_output=True, text=True)

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


def pretending(version="sys.version_info[:2]", flags="''", name="cpython"):
    """An interpreter that says it is another one."""
    said = f"sys.version_info = (*{version}, 0); sys.abiflags = {flags}; sys.implementation.name = '{name}'"
    return f"""#!/bin/sh
test "$1" = -c && exec "{sys.executable}" -c "import sys; {said}
$2"
exec "{sys.executable}" "$@"
"""


NEWER, FREE_THREADED, PYPY = pretending((3, 16)), pretending(flags="'t'"), pretending(name="pypy")


@pytest.mark.parametrize("unlocked", [NEWER, FREE_THREADED, PYPY], ids=["newer", "free-threaded", "pypy"])
def test_a_python_without_wheels_is_passed_over_while_a_supported_one_is_there(machine, unlocked):
    answer = machine(python3=unlocked, python3_12=REAL)
    named = subprocess.run([answer.stdout.strip(), "-c", "import sys; print(sys.version_info[:2])"], stdout=-1)

    assert answer.stderr == ""
    assert named.stdout == f"{sys.version_info[:2]}\n".encode()


def test_a_supported_python_under_pyenv_comes_before_one_without_wheels(machine, tmp_path):
    kept = tmp_path / ".pyenv" / "versions" / "3.13.9" / "bin" / "python"
    kept.parent.mkdir(parents=True)
    kept.write_text(REAL)
    kept.chmod(0o755)

    assert found(machine(python3=NEWER)) == os.path.realpath(sys.executable)


@pytest.mark.parametrize("unlocked", [NEWER, FREE_THREADED, PYPY], ids=["newer", "free-threaded", "pypy"])
def test_a_python_without_wheels_alone_is_refused_with_the_versions_that_do(machine, unlocked):
    answer = machine(python3=unlocked)

    assert (answer.returncode, answer.stdout) == (1, "")
    assert "wheels for CPython 3.11 to 3.15; python3 is newer than that, or of another kind" in answer.stderr
    assert "make setup PYTHON=" in answer.stderr


def test_a_newer_python_that_was_named_is_taken_with_a_warning(machine):
    answer = machine(named="python3", python3=NEWER)

    assert answer.returncode == 0
    assert "the packages may have no wheels for it" in answer.stderr


def test_the_settings_of_another_python_break_no_candidate(machine):
    answer = machine(python3=REAL, environment={"PYTHONHOME": "/nowhere", "PYTHONPATH": "/nowhere"})

    assert found(answer) == os.path.realpath(sys.executable)


def test_the_script_knows_the_same_versions_as_the_commands():
    script = (ROOT / "workshop" / "find-python").read_text()

    (listed,) = re.findall(r'^versions="(.+)"', script, re.MULTILINE)
    assert tuple(reversed(listed.split())) == doctor.PYTHONS
    assert f"{doctor.PYTHONS[0]} to {doctor.PYTHONS[-1]}" in script


def test_a_version_can_be_asked_for(machine):
    here = f"{sys.version_info.major}.{sys.version_info.minor}"

    assert found(machine(here, **{f"python{here.replace('.', '_')}": REAL}))
    assert machine("3.9", python3_9=REAL).returncode == 1
