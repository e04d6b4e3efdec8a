"""Looks whether this machine has what the workshop needs. It runs before any set-up, and on an old Python, to say so.

    ./ws doctor                     one line a check, and a code of six characters to read out to whoever helps
    ./ws doctor --explain 15W-118   what such a code says

Standard library only, and nothing newer than Python 3.6: no `list[str]`, no `str | None`, no walrus.
"""

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

ROOT = Path(__file__).resolve().parents[2]
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O and U, which are misread or misheard
HEARD = str.maketrans("ILO", "110")
CODE_LENGTH = 6
FIRST_CODE = 100_000  # so that a machine on which all is well does not read out zeros
SPREAD = 397  # a prime: one character that was misheard leaves a remainder

OK, NOTE, BAD = "ok", "note", "FIX"
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")  # those that `./ws lock` proves to have a wheel of every package
GROUPS = ("workshop", "exercises")
PORTS = (8000, 8001, 8002, 9000)  # what make demo prefers, and the receiver in README.md
GB_NEEDED, GB_ENOUGH = 0.5, 2.0
OLDEST_GIT = (2, 25)
PYTHON_PARTS = "sqlite3, ssl, zlib, ctypes, fcntl"  # what a Python built by hand may lack
SYNCED = ("OneDrive", "Dropbox", "Google Drive", "Mobile Documents", "CloudStorage")
TEXT_ENDINGS = {".py", ".md", ".toml", ".txt", ".patch", ".ini", ".sh", ""}
NOT_OURS = {".git", ".venv", "work", "walk", "offline", "node_modules", "__pycache__", "golden", "var"}
NOT_OURS |= {".ruff_cache", ".mypy_cache", ".pytest_cache", ".hypothesis"}


class Outcome(NamedTuple):
    """One thing that a check can find: how bad it is, in words, and what to do."""

    level: str
    found: str
    advice: str = ""


# check | outcome | level | what is found | what to do. A line without a check belongs to the one above it. The order of the
# lines makes the code, so a code is the same only in the same version of this file.
TABLE = """
system | linux | ok | Linux
| macos | ok | macOS
| wsl | ok | Linux in Windows (WSL)
| other | FIX | neither Linux nor macOS | On Windows: wsl --install, then clone and work inside WSL.
python | 3.11 | ok | Python 3.11
| 3.12 | ok | Python 3.12
| 3.13 | ok | Python 3.13
| 3.14 | ok | Python 3.14
| 3.15 | ok | Python 3.15
| newer | FIX | no Python but one newer than 3.15, or of another kind than CPython | The packages have no wheels for it. Install 3.15 or older beside it, or name one: make setup PYTHON=/path/to/python3.15
| old | FIX | no Python 3.11 or later | Install one beside the old one (apt install python3.11 python3.11-venv, brew install python@3.13, pyenv install 3.13) or name one: make setup PYTHON=/path/to/python3
| no venv | FIX | a Python without venv | Debian, Ubuntu, WSL: sudo apt install python3-venv
| parts | FIX | a Python built without something that is needed | Build it again with the headers of SQLite, OpenSSL, zlib and libffi, or name another Python: make setup PYTHON=/path/to/python3
| 32-bit | FIX | a 32-bit Python | Install a 64-bit one; packages have no wheels for this.
git | ok | ok | git
| old | note | an old git | The exercises work; for the steps update git to 2.25 or later.
| none | FIX | no git | Linux, WSL: sudo apt install git. macOS: xcode-select --install
make | ok | ok | GNU make
| other | FIX | a make that is not GNU make | Install GNU make, and type gmake for make.
| none | FIX | no make | Linux, WSL: sudo apt install make. macOS: xcode-select --install. ./ws works without.
disk | enough | ok | enough room on the disk
| tight | note | little room on the disk | Set-up fits; make room before ./ws test-all or ./ws bench.
| full | FIX | too little room on the disk | Set-up needs half a gigabyte. Make room.
folder | writable | ok | a folder that can be written
| read-only | FIX | a folder that cannot be written | Clone into your home folder, and not with sudo: git clone … ~/workshop
path | plain | ok | a plain path
| spaces | ok | a path with spaces or other marks; that works here
| colon | FIX | a path with a colon | Python makes no environment there. Move the folder.
| windows | note | a Windows disk below /mnt | It is slow and loses modes. Clone inside WSL: git clone … ~/workshop
| synced | note | a folder that a cloud service copies | Move it out of there: saving twice is slow, and files come back.
line endings | lf | ok | LF line endings
| crlf | FIX | CRLF line endings | Patches and scripts break. Clone again from inside Linux or WSL: git clone -c core.autocrlf=false … ~/workshop
ports | free | ok | free ports
| taken | note | ports in use | make demo takes others by itself. By hand: manage.py runserver 8010
environment | ready | ok | .venv up to date
| none | ok | no .venv yet | ./ws or make setup makes it.
| behind | note | .venv older than the lock files | ./ws or make setup brings it up to date.
| broken | note | .venv half made, or its Python gone | ./ws or make setup makes it anew.
| moved | note | .venv made in another folder | The folder was moved: rm -r .venv, then make setup
wheels | none | ok | no offline wheels, so set-up needs the network once
| complete | ok | offline wheels for this Python: set-up needs no network
| not for this | note | offline wheels for another Python or system | Take a Python that they are for (make setup PYTHON=…), or the network: make setup WHEELS=
| behind | note | offline wheels of other versions | Make them again where there is network: ./ws offline
| missing | FIX | no folder where WHEELS points | Name the folder that holds the wheels: make setup WHEELS=/media/…/wheels
shell | clean | ok | no variable that misleads Python
| misleading | note | PYTHONHOME or PYTHONPATH is set | make and ./ws do without them. Before you run Python by hand: unset PYTHONHOME PYTHONPATH
"""


def checks_of(table: str) -> Dict[str, Dict[str, Outcome]]:
    """The outcomes of each check, by name."""
    found: Dict[str, Dict[str, Outcome]] = {}
    for line in table.strip().splitlines():
        check, outcome, *rest = [cell.strip() for cell in line.split("|")]
        outcomes = found.setdefault(check, {}) if check else list(found.values())[-1]
        outcomes[outcome] = Outcome(*rest)
    return found


CHECKS = checks_of(TABLE)


class Found(NamedTuple):
    """What a check found here: one of its outcomes, and the details of this machine."""

    outcome: str
    detail: str = ""


def examine(root: Path = ROOT) -> Dict[str, Found]:
    """Every check's finding, in the order of CHECKS."""
    python = find_python(root)
    version = version_of(python) if python else ""
    here = system()
    return {
        "system": here,
        "python": judge_python(python, version, root),
        "git": git(),
        "make": make(),
        "disk": disk(root),
        "folder": folder(root),
        "path": path(str(root), is_wsl=here.outcome == "wsl"),
        "line endings": line_endings(root),
        "ports": ports(),
        "environment": environment(root),
        "wheels": wheels(root, version),
        "shell": shell(os.environ),
    }


def system() -> Found:
    name = platform.system()
    if name == "Linux":
        return Found("wsl" if "microsoft" in platform.release().lower() else "linux", platform.release())
    return Found("macos", platform.mac_ver()[0]) if name == "Darwin" else Found("other", name)


def find_python(root: Path) -> str:
    """The Python that set-up would take; empty where it finds none."""
    return said(["sh", str(root / "workshop" / "find-python")])


def version_of(python: str) -> str:
    """Such as 3.12."""
    return said([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"])


def judge_python(python: str, version: str, root: Path) -> Found:
    here = f"{platform.python_version()} at {sys.executable}"
    if not python:
        why = said(["sh", str(root / "workshop" / "find-python")], errors=True)
        outcome = "no venv" if "no venv module" in why else "newer" if "newer than" in why else "old"
        return Found(outcome, f"this one is {here}")
    detail = f"{version} at {python}"
    if not detail.startswith(platform.python_version()[:4]):
        detail += f"; python3 is {here}"
    if said([python, "-c", "import struct; print(struct.calcsize('P'))"]) != "8":
        return Found("32-bit", detail)
    if said([python, "-c", f"import {PYTHON_PARTS}; print('all')"]) != "all":
        told = said([python, "-c", f"import {PYTHON_PARTS}"], errors=True).splitlines()
        return Found("parts", "; ".join([detail, *told[-1:]]))
    return Found(version if version in PYTHONS else "newer", detail)


def git() -> Found:
    line = said(["git", "--version"])
    numbers = re.search(r"(\d+)\.(\d+)", line)
    if not numbers:
        return Found("none")
    return Found("ok" if (int(numbers[1]), int(numbers[2])) >= OLDEST_GIT else "old", line)


def make() -> Found:
    line = said(["make", "--version"]).partition("\n")[0]
    if "GNU Make" in line:
        return Found("ok", line)
    return Found("other", line) if shutil.which("make") else Found("none")


def disk(root: Path) -> Found:
    free = shutil.disk_usage(str(root)).free / 1e9
    word = "enough" if free >= GB_ENOUGH else "tight" if free >= GB_NEEDED else "full"
    return Found(word, f"{free:.1f} GB free")


def folder(root: Path) -> Found:
    try:
        with tempfile.TemporaryFile(dir=str(root)) as opened:
            opened.write(b"written by ./ws doctor")
    except OSError as error:
        return Found("read-only", f"{root}: {error.strerror}")
    return Found("writable")


def path(root: str, is_wsl: bool) -> Found:
    if ":" in root:
        return Found("colon", root)
    if is_wsl and re.match(r"/mnt/[a-z]/", root):
        return Found("windows", root)
    if any(name in root for name in SYNCED):
        return Found("synced", root)
    return Found("plain" if re.fullmatch(r"[\w./+-]+", root) else "spaces", root)


def line_endings(root: Path) -> Found:
    for file in text_files(root):
        try:
            if b"\r\n" in file.read_bytes():
                return Found("crlf", f"in {file.relative_to(root)}")
        except OSError:
            continue  # somebody's link to nowhere
    return Found("lf")


def text_files(root: Path) -> List[Path]:
    """The repository's text files, found without git, and without what a learner writes."""
    found = []
    for place, folders, names in os.walk(str(root)):
        folders[:] = sorted(name for name in folders if name not in NOT_OURS and not name.startswith(".venv"))
        found += [Path(place, name) for name in sorted(names) if Path(name).suffix in TEXT_ENDINGS]
    return found


def ports() -> Found:
    taken = [str(port) for port in PORTS if not is_free(port)]
    return Found("taken", ", ".join(taken)) if taken else Found("free", ", ".join(map(str, PORTS)))


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def environment(root: Path) -> Found:
    venv = root / ".venv"
    if not venv.exists():
        return Found("none")
    stamps = {group: venv / f".workshop-{group}" for group in GROUPS}
    if not (venv / "bin" / "python").exists() or not any(venv.glob(".workshop-*")):
        return Found("broken")
    made_in = re.search(r"^command = .* -m venv (?:--\S+ )*(.+)$", text_of(venv / "pyvenv.cfg"), re.MULTILINE)
    if made_in and Path(made_in[1]).resolve() != venv.resolve():
        return Found("moved", f"made as {made_in[1]}")
    behind = [group for group, stamp in stamps.items() if stamp.exists() and first_line(stamp) != digest(root, group)]
    if behind or not stamps["workshop"].exists():
        return Found("behind", ", ".join(behind))
    return Found("ready", "with " + ", ".join(group for group in GROUPS if stamps[group].exists()))


def wheels(root: Path, version: str) -> Found:
    """The folder that set-up takes packages from: WHEELS, else offline/wheels."""
    named = os.environ.get("WHEELS")
    place = root / "offline" / "wheels" if named is None else Path(named)
    if named == "" or (named is None and not place.is_dir()):
        return Found("none")
    if not place.is_dir():
        return Found("missing", str(place))
    try:
        contents = json.loads((place / "contents.json").read_text(encoding="utf-8"))
        covered = [f"Python {one['python']} on {one['system']}" for one in contents["for"]]
        locks = dict(contents["locks"])
    except (OSError, ValueError, KeyError, TypeError):
        return Found("not for this", f"{place} says not what it holds")
    if f"Python {version} on {system_name()}" not in covered:
        return Found("not for this", f"{place}: {', '.join(covered)}")
    if any(locks.get(group) != digest(root, group) for group in GROUPS):
        return Found("behind", str(place))
    return Found("complete", str(place))


def shell(variables: "os._Environ[str]") -> Found:
    named = [name for name in ("PYTHONHOME", "PYTHONPATH") if variables.get(name)]
    return Found("misleading", ", ".join(named)) if named else Found("clean")


def system_name() -> str:
    """Such as linux-x86_64, macos-arm64: what wheels are made for."""
    kind = {"Linux": "linux", "Darwin": "macos"}.get(platform.system(), platform.system().lower())
    return f"{kind}-{platform.machine().replace('aarch64', 'arm64' if kind == 'macos' else 'aarch64')}"


def digest(root: Path, group: str) -> str:
    """Of a group's lock file, as set-up stamps it."""
    lock = root / ("requirements.txt" if group == "workshop" else f"requirements/{group}.txt")
    return hashlib.sha256(lock.read_bytes()).hexdigest() if lock.exists() else "no lock file"


def first_line(file: Path) -> str:
    return text_of(file).partition("\n")[0]


def text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def said(command: Sequence[str], errors: bool = False) -> str:
    """What a command printed; empty where there is no such command or it failed."""
    try:
        done = subprocess.run(
            list(command),
            env={
                name: value for name, value in os.environ.items() if name == "PYTHON" or not name.startswith("PYTHON")
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    if errors:
        return done.stderr.strip()
    return done.stdout.strip() if done.returncode == 0 else ""


def code_of(findings: Dict[str, Found]) -> str:
    """Six characters that hold the outcome of every check: one number, in which each check is a digit of its own base."""
    number = 0
    for name, outcomes in CHECKS.items():
        number = number * len(outcomes) + list(outcomes).index(findings[name].outcome)
    number = (number + FIRST_CODE) * SPREAD
    text = "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in reversed(range(CODE_LENGTH)))
    return text[:3] + "-" + text[3:]


def outcomes_of(code: str) -> Optional[Dict[str, str]]:
    """What a code says, check by check; None where a character was misheard, or another version made it."""
    letters = re.sub(r"[\s-]", "", code.upper()).translate(HEARD)
    if len(letters) != CODE_LENGTH or not set(letters) <= set(ALPHABET):
        return None
    number, rest = divmod(sum(ALPHABET.index(one) * 32**place for place, one in enumerate(reversed(letters))), SPREAD)
    number -= FIRST_CODE
    found = {}
    for name, outcomes in reversed(list(CHECKS.items())):
        number, place = divmod(number, len(outcomes))
        found[name] = list(outcomes)[place]
    return None if rest or number else {name: found[name] for name in CHECKS}


def lines_of(findings: Dict[str, Found]) -> List[str]:
    """One line a check, and below it what to do."""
    lines = []
    for name, found in findings.items():
        outcome = CHECKS[name][found.outcome]
        detail = f" ({found.detail})" if found.detail else ""
        lines.append(f"{outcome.level:<5} {name:<13} {outcome.found}{detail}")
        if outcome.advice:
            lines.append(f"      {'':<13} {outcome.advice}")
    return lines


def summary(findings: Dict[str, Found]) -> Tuple[str, bool]:
    """The last line, and whether set-up will work."""
    levels = [CHECKS[name][found.outcome].level for name, found in findings.items()]
    bad = levels.count(BAD)
    if bad:
        return f"{bad} to fix before set-up, {levels.count(NOTE)} to note.", False
    return f"Ready: nothing to fix, {levels.count(NOTE)} to note.", True


def say(text: str) -> None:
    """Prints whatever the terminal's encoding can show."""
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "backslashreplace").decode(encoding))


def main(arguments: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="./ws doctor", description="Looks whether this machine is ready.")
    parser.add_argument("--explain", metavar="CODE", help="what the code says that somebody reads out")
    wanted = parser.parse_args(arguments)
    if wanted.explain is not None:
        outcomes = outcomes_of(wanted.explain)
        if outcomes is None:
            say(f"{wanted.explain} is no code of this version: six characters, 15W-118. Have it read out again.")
            return 2
        findings = {name: Found(outcome) for name, outcome in outcomes.items()}
    else:
        findings = examine()
    for line in lines_of(findings):
        say(line)
    text, is_ready = summary(findings)
    say("")
    say(text)
    if wanted.explain is None:
        say(f"To whoever helps, read out: {code_of(findings)}   (they type: ./ws doctor --explain {code_of(findings)})")
    return 0 if is_ready else 1


if __name__ == "__main__":
    sys.exit(main())
