"""Making a fresh machine, as far as possible without root: the requirements and the settings. tests/fresh uses one."""

import os

import pytest

from workshop.base import environment
from workshop.maintaining import fresh_machine

TARGETS = """\
Debian|Debian-Security|http://mirror.example/security/
Debian|Debian|http://mirror.example/debian/
Other|Other|http://other.example/packages/
"""


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A machine with these programs alone, as the root user of a Linux."""

    def put(**bodies):
        for name, body in bodies.items():
            program = tmp_path / name.replace("_", "-")
            program.write_text(f"#!/bin/sh\n{body}\n")
            program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/nowhere")
        monkeypatch.setattr(fresh_machine.sys, "platform", "linux")
        monkeypatch.setattr(fresh_machine.os, "geteuid", lambda: 0)

    return put


def says(text):
    return "\n".join(f"echo '{line}'" for line in text.splitlines()) or "true"


@pytest.mark.parametrize(
    ("bodies", "reason"),
    [
        ({}, "debootstrap is not installed (apt install debootstrap)"),
        ({"debootstrap": "", "setpriv": "exit 1"}, "this system does not allow new namespaces, as in some containers"),
        (
            {"debootstrap": "", "setpriv": "", "apt_get": says("Ubuntu|Ubuntu|http://mirror.example/")},
            "no Debian mirror",
        ),
        ({"debootstrap": "", "setpriv": ""}, "no Debian mirror"),
    ],
)
def test_what_is_missing_is_said(programs, bodies, reason):
    programs(**bodies)

    assert reason in fresh_machine.why_not()


def test_the_mirror_is_that_of_apt(programs):
    programs(debootstrap="", setpriv="", apt_get=says(TARGETS))

    assert fresh_machine.why_not() is None
    assert fresh_machine.mirror() == "http://mirror.example/debian/"


def test_an_ordinary_user_is_told_that_it_needs_root(monkeypatch):
    monkeypatch.setattr(fresh_machine.os, "geteuid", lambda: 1000)

    assert fresh_machine.why_not() == "it needs root on Linux"
    with pytest.raises(fresh_machine.CommandFailed, match="it needs root"), fresh_machine.fresh_machine():
        pass


def test_pip_gets_the_source_of_packages_but_no_folder_of_this_machine(tmp_path, monkeypatch):
    certificate = tmp_path / "ca.pem"
    certificate.write_text("a certificate")
    heard = {
        "PATH": os.environ["PATH"],
        "PIP_INDEX_URL": "https://index.example/simple",
        "PIP_FIND_LINKS": "/opt/packages",
        "PIP_EXTRA_INDEX_URL": "file:///opt/more",
        "PIP_CERT": str(certificate),
        "https_proxy": "http://proxy.example",
        "PIP_CONFIG_FILE": "/dev/null",
    }
    monkeypatch.setattr(environment, "for_packages", lambda pip: heard)
    root = tmp_path / "root"

    told = fresh_machine._packages(root)

    assert set(told) == {"PIP_INDEX_URL", "PIP_CERT", "https_proxy", "PIP_CONFIG_FILE"}
    assert (root / str(certificate).lstrip("/")).read_text() == "a certificate"


def test_the_user_clones_the_files_as_they_are_now(tmp_path, monkeypatch):
    repository, target = tmp_path / "repository", tmp_path / "clone"
    repository.mkdir()
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    for name in ("kept", "removed"):
        (repository / name).write_text("old")
    for call in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        fresh_machine.subprocess.run([*git, *call], cwd=repository, check=True)
    (repository / "removed").unlink()
    (repository / "kept").write_text("new")
    (repository / "added").write_text("new")
    monkeypatch.setattr(fresh_machine, "ROOT", repository)

    fresh_machine._clone(target)

    assert {path.name: path.read_text() for path in target.iterdir() if path.is_file()} == {
        "kept": "new",
        "added": "new",
    }
