"""A fresh machine: the newest Debian with only the programs that README.md names, and an ordinary user on it.

    ./ws dev fresh                  the two commands of README.md, as that user
    ./ws dev fresh 'make lint'      or others

It is a folder made by debootstrap. The user has no git identity, the system has no `ps`, and its Python and git are newer
than those of most laptops. Each command runs in its own namespaces: when it ends, its mounts and child
processes are gone. It needs root, debootstrap and a Debian mirror; `why_not` says which of them is missing.

debootstrap takes one to two minutes. Nothing is kept: the folder is removed at the end.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base import environment
from workshop.base.calls import Done, call, output_of
from workshop.base.files import tracked
from workshop.base.problems import CommandFailed

SUITE = "sid"
PACKAGES = ("ca-certificates", "git", "make", "python3", "python3-venv")
USER = "learner"
HOME = f"/home/{USER}"
COMMANDS = ("make demo ONCE=1", "make test")
SECONDS = 20 * 60  # for one command, its set-up included
SECONDS_TO_MAKE = 10 * 60
# Runs in a mount and a process namespace that end with the command. It has its own shared memory, because the shared
# suite removes folders there whose processes it does not see.
ENTER = """
set -e
root=$1 user=$2; shift 2
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t proc proc "$root/proc"
exec chroot --userspec="$user:$user" "$root" /usr/bin/env -i "$@"
"""
NAMESPACES = ("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child")
CERTIFICATES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


@dataclass(frozen=True)
class FreshMachine:
    """The root folder, and the variables for the source of packages."""

    root: Path
    packages: Mapping[str, str]

    def run(self, command: str, *, shown: bool = False) -> Done:
        """Runs a command line in the user's copy of the repository, its output shown or kept."""
        variables = {"HOME": HOME, "USER": USER, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"}
        given = [f"{name}={value}" for name, value in {**variables, **self.packages}.items()]
        typed = ("sh", "-c", f"cd {HOME}/workshop && {command}")
        try:
            return subprocess.run(
                [*NAMESPACES, "sh", "-c", ENTER, "enter", str(self.root), USER, *given, *typed],
                env={**environment.made(), "PATH": _path()},
                stdin=subprocess.DEVNULL,
                stdout=None if shown else subprocess.PIPE,
                stderr=None if shown else subprocess.STDOUT,
                text=True,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise CommandFailed(f"{command} has not ended on the fresh machine within {SECONDS} s.") from None


def why_not() -> str | None:
    """The reason why no fresh machine can be made here; None if it can."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "it needs root on Linux"
    if not shutil.which("debootstrap"):
        return "debootstrap is not installed (apt install debootstrap)"
    if call([*NAMESPACES, "true"]).returncode:
        return "this system does not allow new namespaces, as in some containers"
    if not mirror():
        return "apt knows no Debian mirror (apt-get update, on Debian)"
    return None


def mirror() -> str:
    """The Debian mirror in this machine's apt settings; empty if there is none."""
    command = ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages"]
    try:
        listed = call(command).stdout.splitlines()
    except OSError:
        return ""
    return next((line.rpartition("|")[2] for line in listed if line.startswith("Debian|Debian|")), "")


@contextmanager
def fresh_machine() -> Iterator[FreshMachine]:
    """A machine with a user who has just cloned this repository, removed after the block. Raises CommandFailed."""
    if reason := why_not():
        raise CommandFailed(f"No fresh machine: {reason}.")
    with tempfile.TemporaryDirectory(prefix="workshop-fresh-") as folder:
        root = Path(folder) / "root"
        include = f"--include={','.join(PACKAGES)}"
        _call("debootstrap", "--variant=minbase", include, SUITE, str(root), mirror(), seconds=SECONDS_TO_MAKE)
        _call("chroot", str(root), "useradd", "--create-home", "--shell", "/bin/sh", USER)
        for file in ("/etc/resolv.conf", "/etc/hosts"):
            _copy(Path(file), root)
        packages = _packages(root)
        _clone(root / HOME.lstrip("/") / "workshop")
        _call("chroot", str(root), "chown", "-R", f"{USER}:{USER}", HOME)
        yield FreshMachine(root, packages)


def _packages(root: Path) -> dict[str, str]:
    """pip's settings there: the same as here, with the certificates, but without the folders of this machine."""
    told = {}
    for name, value in environment.for_packages(sys.executable).items():
        if name in CERTIFICATES:
            _copy(Path(value), root)
        elif value.startswith(("/", "file:")) and name != "PIP_CONFIG_FILE":
            continue
        if name.startswith("PIP_") or name.upper() in environment.NETWORK:
            told[name] = value
    return told


def _clone(target: Path) -> None:
    """This repository with its history, and the files as they are now."""
    _call("git", "clone", "--quiet", "--no-hardlinks", f"file://{ROOT}", str(target))
    here = {name for name in tracked(ROOT) if (ROOT / name).exists()}
    for name in set(tracked(target)) - here:
        (target / name).unlink()
    for name in here:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)


def _copy(file: Path, root: Path) -> None:
    target = root / str(file).lstrip("/")
    if file.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.copy(file, target)


def _call(*command: str, seconds: float = 300) -> None:
    """Raises CommandFailed with the last lines of a failed call."""
    told = environment.for_packages(sys.executable) | {"DEBIAN_FRONTEND": "noninteractive", "PATH": _path()}
    output_of(command, f"{shlex.join(command)} failed", env=told, seconds=seconds)


def _path() -> str:
    """debootstrap and useradd are in folders that an ordinary PATH leaves out."""
    return f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
