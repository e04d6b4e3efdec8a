"""Looks whether this machine has what the workshop needs. It runs before any set-up, and on an old Python, to say so.

    ./ws doctor                     one line a check, and a code of six characters to read out to your helper
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
FIRST_CODE = 100_000  # so that a machine on which all is well does not read out zeros
SPREAD = 397  # a prime: one character that was misheard leaves a remainder

NOTE, BAD = "note", "FIX"
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")  # those that `./ws lock` proves to have a wheel of every package
GROUPS = ("workshop", "exercises")
PORTS = (8000, 8001, 8002, 9000)  # what make demo prefers, and the receiver in README.md
GB_NEEDED, GB_ENOUGH = 0.5, 2.0
OLDEST_GIT = (2, 25)
PYTHON_PARTS = "sqlite3, ssl, zlib, ctypes, fcntl"  # what a Python built by hand may lack
SYNCED = "OneDrive|Dropbox|Google Drive|Mobile Documents|CloudStorage"
TEXT_ENDINGS = {".py", ".md", ".toml", ".txt", ".patch", ".ini", ".sh", ""}
NOT_OURS = (
    r"\.git|\.venv.*|\.(ruff|mypy|pytest)_cache|\.hypothesis|work|walk|offline|node_modules|__pycache__|golden|var"
)


class Outcome(NamedTuple):
    """One thing that a check can find: how bad it is, in words, and what to do."""

    level: str
    found: str
    advice: str = ""


class Found(NamedTuple):
    """What a check found here: one of its outcomes, and the details of this machine."""

    outcome: str
    detail: str = ""


def checks_of(table: str) -> Dict[str, Dict[str, Outcome]]:
    """The outcomes of each check, by name."""
    checks, name = {}, ""  # type: Dict[str, Dict[str, Outcome]], str
    for line in table.splitlines():
        if not line.startswith("#"):
            check, outcome, *words = [cell.strip() for cell in line.split("|")]
            name = check or name
            checks.setdefault(name, {})[outcome] = Outcome(*words)
    return checks


CHECKS = checks_of(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8"))


def examine(root: Path = ROOT) -> Dict[str, Found]:
    """Every check's finding, in the order of CHECKS."""
    python = said(["sh", str(root / "workshop" / "find-python")])  # the one that set-up would take
    version = said([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]) if python else ""
    here = system()
    found = [here, judge_python(python, version, root), git(), make(), disk(root), folder(root)]
    found += [path(str(root), here.outcome == "wsl"), line_endings(root), ports(), environment(root)]
    return dict(zip(CHECKS, [*found, wheels(root, version), shell()]))


def system() -> Found:
    name, release = platform.system(), platform.release()
    if name == "Linux":
        return Found("wsl" if "microsoft" in release.lower() else "linux", release)
    return Found("macos", platform.mac_ver()[0]) if name == "Darwin" else Found("other", name)


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
    return Found("ok" if "GNU Make" in line else "other" if shutil.which("make") else "none", line)


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
    for outcome, pattern in (("colon", ":"), ("windows", "^/mnt/[a-z]/"), ("synced", SYNCED), ("spaces", r"[^\w./+-]")):
        if re.search(pattern, root) and (is_wsl or outcome != "windows"):
            return Found(outcome, root)
    return Found("plain", root)


def line_endings(root: Path) -> Found:
    """Of the repository's text files, found without git, and without what a learner writes."""
    for place, folders, names in os.walk(str(root)):
        folders[:] = sorted(name for name in folders if not re.fullmatch(NOT_OURS, name))
        for file in [Path(place, name) for name in sorted(names) if Path(name).suffix in TEXT_ENDINGS]:
            try:
                if b"\r\n" in file.read_bytes():
                    return Found("crlf", f"in {file.relative_to(root)}")
            except OSError:
                continue  # somebody's link to nowhere
    return Found("lf")


def ports() -> Found:
    taken = []
    for port in PORTS:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                taken.append(port)
    return Found("taken" if taken else "free", ", ".join(map(str, taken or PORTS)))


def environment(root: Path) -> Found:
    venv = root / ".venv"
    if not venv.exists():
        return Found("none")
    stamps = {group: text_of(venv / f".workshop-{group}").partition("\n")[0] for group in GROUPS}
    if not (venv / "bin" / "python").exists() or not any(venv.glob(".workshop-*")):
        return Found("broken")
    made_in = re.search(r"^command = .* -m venv (?:--\S+ )*(.+)$", text_of(venv / "pyvenv.cfg"), re.MULTILINE)
    if made_in and Path(made_in[1]).resolve() != venv.resolve():
        return Found("moved", f"made as {made_in[1]}")
    behind = [group for group, stamp in stamps.items() if stamp and stamp != digest(root, group)]
    if behind or not stamps["workshop"]:
        return Found("behind", ", ".join(behind))
    return Found("ready", "with " + ", ".join(group for group in GROUPS if stamps[group]))


def wheels(root: Path, version: str) -> Found:
    """The folder that set-up takes packages from: WHEELS, else offline/wheels."""
    named = os.environ.get("WHEELS")
    place = root / "offline" / "wheels" if named is None else Path(named)
    if named == "" or not place.is_dir():
        return Found("missing", str(place)) if named else Found("none")
    try:
        contents = json.loads(text_of(place / "contents.json"))
        covered = [f"Python {one['python']} on {one['system']}" for one in contents["for"]]
        locks = dict(contents["locks"])
    except (ValueError, KeyError, TypeError):
        return Found("not for this", f"{place} says not what it holds")
    if f"Python {version} on {system_name()}" not in covered:
        return Found("not for this", f"{place}: {', '.join(covered)}")
    return Found(
        "complete" if all(locks.get(group) == digest(root, group) for group in GROUPS) else "behind", str(place)
    )


def shell() -> Found:
    named = [name for name in ("PYTHONHOME", "PYTHONPATH") if os.environ.get(name)]
    return Found("misleading" if named else "clean", ", ".join(named))


def system_name() -> str:
    """Such as linux-x86_64, macos-arm64: what wheels are made for."""
    return f"{platform.system().lower().replace('darwin', 'macos')}-{platform.machine()}"


def digest(root: Path, group: str) -> str:
    """Of a group's lock file, as set-up stamps it."""
    lock = lock_file(root, group)
    return hashlib.sha256(lock.read_bytes()).hexdigest() if lock.exists() else "no lock file"


def lock_file(root: Path, group: str) -> Path:
    """The file with the group's pinned and hashed requirements."""
    return root / ("requirements.txt" if group == "workshop" else f"requirements/{group}.txt")


def text_of(file: Path) -> str:
    """A file's text; nothing if it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def said(command: Sequence[str], errors: bool = False) -> str:
    """What a command printed; nothing if there is no such command or it failed."""
    ours = {name: value for name, value in os.environ.items() if name == "PYTHON" or not name.startswith("PYTHON")}
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    try:
        done = subprocess.run(
            command, env=ours, stdin=nothing, stdout=pipe, stderr=pipe, universal_newlines=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stderr if errors else "" if done.returncode else done.stdout).strip()


def code_of(findings: Dict[str, Found]) -> str:
    """Six characters that hold the outcome of every check: one number, in which each check is a digit of its own base."""
    number = 0
    for name, outcomes in CHECKS.items():
        number = number * len(outcomes) + list(outcomes).index(findings[name].outcome)
    number = (number + FIRST_CODE) * SPREAD
    text = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(6)))
    return text[:3] + "-" + text[3:]


def outcomes_of(code: str) -> Optional[Dict[str, str]]:
    """What a code says, check by check; None if a character was misheard, or another version made it."""
    letters = re.sub(r"[\s-]", "", code.upper()).translate(HEARD)
    if not re.fullmatch(f"[{ALPHABET}]{{6}}", letters):
        return None
    number, rest = divmod(sum(ALPHABET.index(one) << 5 * place for place, one in enumerate(letters[::-1])), SPREAD)
    number -= FIRST_CODE
    found = []
    for outcomes in reversed(list(CHECKS.values())):
        number, place = divmod(number, len(outcomes))
        found.append(list(outcomes)[place])
    return None if rest or number else dict(zip(CHECKS, reversed(found)))


def report(findings: Dict[str, Found]) -> Tuple[List[str], bool]:
    """One line a check, with what to do below it, and a summary; and whether set-up will work."""
    outcomes = {name: CHECKS[name][found.outcome] for name, found in findings.items()}
    lines = []
    for name, outcome in outcomes.items():
        detail = f" ({findings[name].detail})" if findings[name].detail else ""
        lines.append(f"{outcome.level:<5} {name:<13} {outcome.found}{detail}")
        lines += [f"{'':<20}{outcome.advice}"] if outcome.advice else []
    bad, notes = ([outcome.level for outcome in outcomes.values()].count(level) for level in (BAD, NOTE))
    summary = f"{bad} to fix before set-up" if bad else "Ready: nothing to fix"
    return [*lines, "", f"{summary}, {notes} to note."], not bad


def main(arguments: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="./ws doctor", description="Looks whether this machine is ready.")
    parser.add_argument("--explain", metavar="CODE", help="what the code says that somebody reads out")
    heard = parser.parse_args(arguments).explain
    outcomes = None if heard is None else outcomes_of(heard)
    if heard is not None and outcomes is None:
        lines = [f"{heard} is no code of this version: six characters, 15W-118. Have it read out again."]
        status = 2
    else:
        findings = examine() if outcomes is None else {name: Found(outcome) for name, outcome in outcomes.items()}
        lines, is_ready = report(findings)
        code, status = code_of(findings), 0 if is_ready else 1
        if heard is None:
            lines.append(f"Read this code out to your helper: {code}   (they type: ./ws doctor --explain {code})")
    encoding = sys.stdout.encoding or "ascii"  # of a terminal that may not show everything
    print("\n".join(lines).encode(encoding, "backslashreplace").decode(encoding))
    return status


if __name__ == "__main__":
    sys.exit(main())
