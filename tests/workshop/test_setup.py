"""`make setup`, with lock files that name no package, or one in a folder here: everything but the download."""

import hashlib
import shutil
import subprocess
import sys
import zipfile

import pytest

from workshop.base import setup


@pytest.fixture
def venv(tmp_path):
    (tmp_path / "requirements.txt").write_text("# nothing to install\n")
    return tmp_path / ".venv"


@pytest.fixture
def finished(venv):
    """An environment as a finished set-up leaves it, made without the seconds that it takes."""
    (venv / "bin").mkdir(parents=True)
    setup.interpreter(venv).symlink_to(sys.executable)
    setup._packages_folder(venv).mkdir(parents=True)
    setup._stamp(venv, setup.BASE).write_text(setup._digest(venv, setup.BASE))
    return venv


@pytest.fixture
def with_pip(finished, new_venv):
    """The same with a pip of its own, which set-up asks for its records. Debian's Python has none outside of a venv."""
    shutil.copy(new_venv / "pyvenv.cfg", finished)
    shutil.copytree(new_venv / "lib", finished / "lib", dirs_exist_ok=True)
    return finished


@pytest.fixture
def installed(monkeypatch):
    """The groups that set-up asks pip for."""
    groups = []
    monkeypatch.setattr(setup, "_install", lambda venv, group: groups.append(group))
    return groups


def test_a_new_environment_has_a_python_of_its_own_and_pip(new_venv):
    asked = [setup.interpreter(new_venv), "-m", "pip", "--version"]
    assert str(new_venv) in subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def test_a_finished_environment_is_left_alone(finished, installed, capsys):
    setup.make(finished, python="/nowhere/python3")

    assert installed == []
    assert capsys.readouterr().err == ""


def test_a_half_made_environment_is_made_again(finished, quick):
    (finished / ".workshop-workshop").unlink()
    (finished / "half-written").touch()

    setup.make(finished)

    assert not (finished / "half-written").exists()
    assert setup._is_installed(finished, setup.BASE)


def test_a_changed_lock_file_is_installed_into_the_environment_that_is_there(with_pip, installed):
    (with_pip.parent / "requirements.txt").write_text("# changed\n")

    setup.make(with_pip, python="/nowhere/python3")

    assert installed == ["workshop"]
    assert setup._is_installed(with_pip, setup.BASE)


def test_a_group_is_installed_once(with_pip, installed):
    (with_pip.parent / "requirements").mkdir()
    (with_pip.parent / "requirements" / "lint.txt").write_text("# nothing to install\n")

    setup.make(with_pip, ["lint"])
    setup.make(with_pip, ["lint"])

    assert installed == ["lint"]


def test_an_environment_whose_python_was_removed_is_made_again(finished, quick):
    setup.interpreter(finished).unlink()

    setup.make(finished)

    assert setup.interpreter(finished).exists()


def test_a_package_without_a_hash_is_refused_and_leaves_the_environment_unfinished(finished):
    (finished.parent / "requirements.txt").write_text("click==8.0\n")

    with pytest.raises(setup.CommandFailed, match="could not be installed"):
        setup.make(finished)

    assert not setup._is_installed(finished, setup.BASE)


def test_a_group_without_a_lock_file_is_named_in_the_error(finished):
    with pytest.raises(setup.CommandFailed, match="no group 'bench'"):
        setup.make(finished, ["bench"])


@pytest.fixture
def index(tmp_path, monkeypatch, quick):
    """A folder with two wheels that pip can install, and a lock file that pins one of them with its hash."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for version in ("1.0", "2.0"):
        wheel = make_wheel(folder, version)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (tmp_path / "requirements.txt").write_text(f"tariff==2.0 \\\n    --hash=sha256:{digest}\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return folder


@pytest.fixture(scope="module")
def new_venv(tmp_path_factory):
    """An environment with only pip: making it takes seconds, copying it does not."""
    root = tmp_path_factory.mktemp("new")
    (root / "requirements.txt").write_text("# nothing to install\n")
    setup.make(root / ".venv")
    return root / ".venv"


@pytest.fixture
def quick(monkeypatch, new_venv):
    def create(venv, python):
        shutil.rmtree(venv, ignore_errors=True)
        shutil.copytree(new_venv, venv, symlinks=True, ignore=shutil.ignore_patterns(".workshop-*"))

    monkeypatch.setattr(setup, "_create", create)


def make_wheel(folder, version):
    wheel, info = folder / f"tariff-{version}-py3-none-any.whl", f"tariff-{version}.dist-info"
    files = {
        "tariff/__init__.py": f"version = '{version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tariff\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return wheel


def can_import(venv):
    asked = [setup.interpreter(venv), "-I", "-c", "import tariff; print(tariff.version)"]
    return subprocess.run(asked, capture_output=True, text=True).stdout == "2.0\n"


@pytest.fixture(params=["PIP_USER", "PIP_TARGET", "PIP_PREFIX", "pip.conf"])
def hostile(request, tmp_path, monkeypatch):
    """A setting of another project that sends packages to another folder."""
    if request.param == "pip.conf":
        settings = tmp_path / "home" / ".config" / "pip" / "pip.conf"
        settings.parent.mkdir(parents=True)
        settings.write_text(f"[install]\ntarget = {tmp_path / 'elsewhere'}\n[global]\nconstraint = /nowhere\n")
    else:
        monkeypatch.setenv(request.param, "1" if request.param == "PIP_USER" else str(tmp_path / "elsewhere"))
    return tmp_path / "elsewhere"


def test_a_setting_of_pip_sends_no_package_elsewhere(venv, index, hostile):
    setup.make(venv)

    assert can_import(venv)
    assert not hostile.exists()
    assert setup._is_installed(venv, setup.BASE)


def test_what_pip_does_not_put_there_is_not_stamped_and_comes_with_the_next_call(venv, index, monkeypatch):
    install = setup._install
    monkeypatch.setattr(setup, "_install", lambda venv, group: None)

    with pytest.raises(setup.CommandFailed, match=r"tariff is not in the environment(.|\n)*rm -r "):
        setup.make(venv)
    monkeypatch.setattr(setup, "_install", install)
    setup.make(venv)

    assert can_import(venv)


def test_an_environment_that_an_earlier_set_up_left_empty_under_its_stamp_recovers(venv, index):
    setup.make(venv)
    shutil.rmtree(setup._packages_folder(venv) / "tariff")
    shutil.rmtree(setup._packages_folder(venv) / "tariff-2.0.dist-info")

    setup.make(venv)

    assert can_import(venv)


def test_an_environment_whose_python_became_another_version_is_made_again(finished, quick):
    setup._packages_folder(finished).rename(finished / "lib" / "python3.9")

    setup.make(finished)

    assert setup._is_installed(finished, setup.BASE)
    assert not (finished / "lib" / "python3.9").exists()


def test_a_package_whose_compiled_part_does_not_load_is_named(venv, index):
    setup.make(venv)
    folder = setup._packages_folder(venv)
    (folder / "tariff" / "fast.so").write_bytes(b"of another system")
    (folder / "tariff" / "__init__.py").write_text("from tariff import fast\n")
    record = folder / "tariff-2.0.dist-info" / "RECORD"
    record.write_text(record.read_text() + "tariff/fast.so,,\n")

    with pytest.raises(setup.CommandFailed, match=r"tariff cannot be imported: .*fast\.so"):
        setup._require(venv, setup.BASE)


def test_set_up_needs_the_standard_library_only():
    isolated = [sys.executable, "-I", "-S", "-c"]
    code = f"import sys; sys.path.insert(0, {str(setup.ROOT)!r}); import workshop.base.setup"

    assert subprocess.run([*isolated, code]).returncode == 0
    assert subprocess.run([*isolated, "import click"], stderr=subprocess.DEVNULL).returncode == 1
