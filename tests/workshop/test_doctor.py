"""`./ws doctor`: what it finds, what it advises, and the code that is read out over a noisy room."""

import ast
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from workshop import ROOT
from workshop.__main__ import cli
from workshop.base import doctor, setup
from workshop.base.doctor import BAD, CHECKS, Found

SOURCE = ROOT / "workshop" / "base" / "doctor.py"
WELL = {name: Found(next(iter(outcomes))) for name, outcomes in CHECKS.items()}


@pytest.fixture
def repository(tmp_path):
    """As little of a repository as there is something to look at."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    (tmp_path / "requirements" / "exercises.txt").write_text("# nothing\n")
    return tmp_path


def finished(repository, *groups):
    """An environment as set-up leaves it."""
    venv = repository / ".venv"
    (venv / "bin").mkdir(parents=True)
    setup.interpreter(venv).symlink_to(sys.executable)
    for group in groups:
        setup._stamp(venv, group).write_text(setup._digest(venv, group))
    return venv


def test_it_looks_at_this_machine_and_ends_with_a_code_that_says_the_same():
    done = subprocess.run(["sh", ROOT / "ws", "doctor"], capture_output=True, text=True)
    code = done.stdout.rsplit("--explain ", 1)[1].strip(" )\n")
    told = subprocess.run(["sh", ROOT / "ws", "doctor", "--explain", code], capture_output=True, text=True)

    levels = [line.split()[:2] for line in done.stdout.splitlines() if line[:1] not in (" ", "")][: len(CHECKS)]
    assert [line.split()[:2] for line in told.stdout.splitlines() if line[:1] not in (" ", "")][: len(CHECKS)] == levels
    assert (told.returncode, done.stderr) == (done.returncode, "")


def test_it_runs_before_any_set_up(tmp_path):
    (tmp_path / "workshop" / "base").mkdir(parents=True)
    for name in (
        "ws",
        "workshop/base/doctor.py",
        "workshop/base/doctor.txt",
        "workshop/find-python",
        "requirements.txt",
    ):
        shutil.copy(ROOT / name, tmp_path / name)

    done = subprocess.run([tmp_path / "ws", "doctor"], capture_output=True, text=True)

    assert "no .venv yet" in done.stdout
    assert not (tmp_path / ".venv").exists()


def test_it_needs_the_standard_library_only():
    isolated = [sys.executable, "-I", "-S", SOURCE, "--explain", doctor.code_of(WELL)]

    assert subprocess.run(isolated, capture_output=True).returncode == 0


def test_its_syntax_is_that_of_python_3_6():
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 6))
    annotations = [
        annotation
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for annotation in [node.returns, *(argument.annotation for argument in node.args.args)]
    ]

    built_in = {"list", "dict", "tuple", "set", "frozenset", "type"}
    assert len(annotations) > 25
    for annotation in filter(None, annotations):
        for part in ast.walk(annotation):
            assert not (isinstance(part, ast.Subscript) and getattr(part.value, "id", "") in built_in)
            assert not (isinstance(part, ast.BinOp) and isinstance(part.op, ast.BitOr))


OLD = [
    str(path)
    for root in [os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv"]
    for path in sorted(Path(root).glob("versions/3.[6-9].*/bin/python"))
][:1]  # the oldest says it for all


@pytest.mark.parametrize("python", OLD or [pytest.param("", marks=pytest.mark.skip("no old Python here"))])
def test_an_old_python_can_run_it(python):
    done = subprocess.run([python, SOURCE], capture_output=True, text=True)

    assert "Read this code out to your helper: " in done.stdout
    assert done.stderr == ""


def test_a_machine_with_an_old_python_alone_is_told_so_and_what_to_install(monkeypatch):
    monkeypatch.setattr(doctor, "said", lambda command, errors=False: "No Python 3.11 or later" if errors else "")

    found = doctor.judge_python("", "", ROOT)

    assert found.outcome == "old"
    assert "Install one beside the old one" in CHECKS["python"]["old"].advice


def test_a_python_without_venv_is_another_thing_than_an_old_one(monkeypatch):
    monkeypatch.setattr(doctor, "said", lambda command, errors=False: "python3 has no venv module" if errors else "")

    assert doctor.judge_python("", "", ROOT).outcome == "no venv"


def test_a_python_that_lacks_a_part_of_the_standard_library_is_found(tmp_path, monkeypatch):
    python = tmp_path / "python3"
    python.write_text(
        f'#!/bin/sh\ncase "$2" in *sqlite3*) echo "No module named _sqlite3" >&2; exit 1;; esac\n'
        f'exec "{sys.executable}" "$@"\n'
    )
    python.chmod(0o755)

    found = doctor.judge_python(str(python), "3.12", ROOT)

    assert found.outcome == "parts"
    assert "No module named _sqlite3" in found.detail


def test_a_machine_without_git_and_make_is_told_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert (doctor.git().outcome, doctor.make().outcome) == ("none", "none")
    assert all("apt install" in CHECKS[name]["none"].advice for name in ("git", "make"))


@pytest.mark.parametrize(("said", "outcome"), [("git version 2.24.9", "old"), ("git version 2.39.5 (Apple)", "ok")])
def test_an_old_git_is_noted(monkeypatch, said, outcome):
    monkeypatch.setattr(doctor, "said", lambda command: said)

    assert doctor.git().outcome == outcome


@pytest.mark.parametrize(("free", "outcome"), [(90e9, "enough"), (0.6e9, "tight"), (0.4e9, "full")])
def test_room_on_the_disk(monkeypatch, free, outcome):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(100e9, 0, free))

    assert doctor.disk(ROOT).outcome == outcome


@pytest.mark.parametrize(
    ("path", "is_wsl", "outcome"),
    [
        ("/srv/kurs/webhooks", False, "plain"),
        ("/srv/Meine Kurse/Äpfel", False, "spaces"),
        ("/srv/a:b", False, "colon"),
        ("/mnt/c/Users", True, "windows"),
        ("/mnt/c/Users", False, "plain"),
        ("/srv/OneDrive/kurs", False, "synced"),
    ],
)
def test_paths_that_make_trouble(path, is_wsl, outcome):
    assert doctor.path(path, is_wsl).outcome == outcome


def test_a_folder_that_cannot_be_written_is_found(tmp_path):
    assert doctor.folder(tmp_path).outcome == "writable"
    assert doctor.folder(tmp_path / "gone").outcome == "read-only"


def test_a_checkout_with_crlf_is_found_and_a_learner_s_own_files_are_not(repository):
    (repository / "work").mkdir()
    (repository / "work" / "fees.py").write_bytes(b"x = 1\r\n")
    assert doctor.line_endings(repository).outcome == "lf"

    (repository / "ws").write_bytes(b"#!/bin/sh\r\n")
    assert doctor.line_endings(repository) == Found("crlf", "in ws")


def test_this_checkout_has_lf_only():
    assert doctor.line_endings(ROOT) == Found("lf")


def test_a_port_in_use_is_named(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(doctor, "PORTS", (taken.getsockname()[1],))

        assert doctor.ports() == Found("taken", str(taken.getsockname()[1]))
    assert doctor.ports().outcome == "free"


def test_the_environment_is_ready_behind_broken_or_not_there(repository):
    assert doctor.environment(repository).outcome == "none"

    venv = finished(repository, "workshop", "exercises")
    assert doctor.environment(repository) == Found("ready", "with workshop, exercises")

    (repository / "requirements" / "exercises.txt").write_text("# a newer one\n")
    assert doctor.environment(repository) == Found("behind", "exercises")

    setup.interpreter(venv).unlink()
    assert doctor.environment(repository).outcome == "broken"


def test_an_environment_that_was_moved_is_found(repository):
    venv = finished(repository, "workshop")
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\ncommand = /usr/bin/python3 -m venv /srv/elsewhere/.venv\n")

    assert doctor.environment(repository) == Found("moved", "made as /srv/elsewhere/.venv")


def test_offline_wheels_are_for_this_python_or_they_are_not(repository, monkeypatch):
    monkeypatch.delenv("WHEELS", raising=False)
    assert doctor.wheels(repository, "3.12").outcome == "none"

    place = repository / "offline" / "wheels"
    place.mkdir(parents=True)
    contents = {
        "for": [{"python": "3.12", "system": doctor.system_name()}],
        "locks": {group: doctor.digest(repository, group) for group in doctor.GROUPS},
    }
    (place / "contents.json").write_text(json.dumps(contents))
    assert doctor.wheels(repository, "3.12").outcome == "complete"
    assert doctor.wheels(repository, "3.13").outcome == "not for this"

    (repository / "requirements.txt").write_text("# a newer one\n")
    assert doctor.wheels(repository, "3.12").outcome == "behind"

    monkeypatch.setenv("WHEELS", str(repository / "stick"))
    assert doctor.wheels(repository, "3.12").outcome == "missing"


def every_code():
    """A code for each outcome of each check, the other checks being well."""
    for name, outcomes in CHECKS.items():
        for outcome in outcomes:
            yield {**WELL, name: Found(outcome)}


def test_every_outcome_survives_being_read_out():
    for findings in every_code():
        code = doctor.code_of(findings)

        assert len(code) == 7
        assert doctor.outcomes_of(code) == {name: found.outcome for name, found in findings.items()}


def test_all_outcomes_at_once_fit_into_a_code():
    worst = {name: Found(list(outcomes)[-1]) for name, outcomes in CHECKS.items()}

    assert doctor.outcomes_of(doctor.code_of(worst)) == {name: found.outcome for name, found in worst.items()}


def test_any_single_character_that_was_misheard_is_noticed():
    code = doctor.code_of({**WELL, "python": Found("no venv")}).replace("-", "")

    for place, letter in enumerate(code):
        for other in doctor.ALPHABET:
            heard = code[:place] + other + code[place + 1 :]
            assert (doctor.outcomes_of(heard) is not None) == (other == letter)


def test_a_code_may_be_typed_as_it_was_heard():
    code = doctor.code_of(WELL)

    assert doctor.outcomes_of(code.lower().replace("-", " ").replace("0", "o").replace("1", "l")) is not None


@pytest.mark.parametrize("code", ["", "9H5", "not a code", "ZZZ-ZZZ", "9H5-M0KK", "Ä34-567"])
def test_what_is_no_code_is_refused(code):
    done = CliRunner().invoke(cli, ["doctor", "--explain", code])

    assert done.exit_code == 2
    assert "is no code of this version" in done.output


def test_whatever_is_to_mend_comes_with_what_to_do_and_a_failing_exit_code():
    for findings in every_code():
        bad = [name for name, found in findings.items() if CHECKS[name][found.outcome].level == BAD]
        done = CliRunner().invoke(cli, ["doctor", "--explain", doctor.code_of(findings)])

        assert done.exit_code == (1 if bad else 0)
        for name in bad:
            assert CHECKS[name][findings[name].outcome].advice in done.output


def test_it_knows_an_environment_as_set_up_does():
    assert doctor.digest(ROOT, "workshop") == setup._digest(ROOT / ".venv", "workshop")
    assert doctor.digest(ROOT, "exercises") == setup._digest(ROOT / ".venv", "exercises")
