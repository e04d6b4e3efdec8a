"""The command line: `signs PATH`."""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from . import baseline
from .analysis import Report, analyse
from .as_json import as_json, as_sarif
from .findings import Finding
from .history import History, NoHistory
from .options import BadOptions, Options, options_of
from .project import load
from .screen import WIDEST, explained, screen
from .sources import Commit, Folder
from .texts import TEXTS
from .words import plural

FOUND_NEW = 1
CANNOT = 2
INTERRUPTED = 130  # what a shell expects after Ctrl-C


class Problem(Exception):
    """The command cannot do what is asked; the message says why and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status.

    It is 0, 1 for new findings with --since or --baseline, 2 for a problem, and 130 after Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    asked = _parser().parse_args(arguments)
    try:
        return _run(asked)
    except (Problem, BadOptions, baseline.BadBaseline) as problem:
        print(problem, file=sys.stderr)
        return CANNOT
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="signs",
        description="Early warning signs that a Django project needs restructuring. It reads the code and, with "
        "--history, the last three years of its git history. It imports and runs nothing of the project.",
    )
    parser.add_argument("path", nargs="?", type=Path, help="the project's folder, or one app's")
    parser.add_argument("--history", action="store_true", help="read git history: what each finding has cost")
    parser.add_argument("--all", action="store_true", help="show every finding in full")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--sarif", action="store_true", help="print SARIF 2.1.0 for code review")
    parser.add_argument("--since", metavar="REV", help="only findings that REV did not have; exit status 1 if any")
    parser.add_argument("--baseline", metavar="FILE", type=Path, help="only findings that FILE does not list")
    parser.add_argument("--write-baseline", metavar="FILE", type=Path, help="list today's findings in FILE")
    parser.add_argument("--explain", metavar="SIGN", choices=sorted(TEXTS), help="all about one sign")
    return parser


def _run(asked: argparse.Namespace) -> int:
    if asked.explain:
        _print("\n".join(explained(asked.explain, width=_width())) + "\n")
        return 0
    if asked.path is None:
        raise Problem("Name the folder of a Django project: signs PATH. signs --help lists the options.")
    folder = _folder(asked.path)
    options = options_of(folder)
    report = examine(folder, options, with_history=asked.history)
    if asked.write_baseline:
        try:
            asked.write_baseline.write_text(baseline.written(report.findings), encoding="utf-8")
        except OSError as error:
            raise Problem(f"{asked.write_baseline} cannot be written: {error.strerror}. Name another file.") from error
        print(
            f"{plural(len(report.findings), 'finding is', 'findings are')} listed in {asked.write_baseline}.",
            file=sys.stderr,
        )
        return 0
    only_new = bool(asked.since or asked.baseline)
    if asked.baseline:
        _set_aside(report, baseline.read(asked.baseline))
    if asked.since:
        _set_aside(report, _fingerprints_at(folder, options, asked.since))
    if asked.json:
        _print(as_json(report))
    elif asked.sarif:
        _print(as_sarif(report))
    else:
        _print("\n".join(screen(report, everything=asked.all, width=_width())) + "\n")
    return FOUND_NEW if only_new and report.findings else 0


def examine(folder: Path, options: Options, *, with_history: bool = False) -> Report:
    """The report of a folder."""
    project = load(folder.name or str(folder), Folder(folder), options)
    history, reason = None, ""
    if with_history:
        try:
            history = History(folder)
        except NoHistory as problem:
            reason = str(problem)
    report = analyse(project, history)
    report.no_history = reason
    if history:
        for finding in report.in_full:
            finding.costs = finding.costs or history.price(finding)
    return report


def _folder(path: Path) -> Path:
    try:
        folder = path.resolve()
        if folder.is_file():
            raise Problem(f"{path} is a file. Name the folder of the project.")
        if not folder.is_dir():
            raise Problem(f"There is no folder {path}. Name the folder of a Django project.")
    except (OSError, RuntimeError) as error:
        raise Problem(f"{path} cannot be read: {error}.") from error
    return folder


def _set_aside(report: Report, known: set[str]) -> None:
    report.known += [finding for finding in report.findings if finding.fingerprint in known]
    report.findings = [finding for finding in report.findings if finding.fingerprint not in known]


def _fingerprints_at(folder: Path, options: Options, revision: str) -> set[str]:
    """The fingerprints at the commit at which this branch left `revision`."""
    base = _git(folder, "merge-base", revision, "HEAD") or _git(
        folder, "rev-parse", "--verify", f"{revision}^{{commit}}"
    )
    if not base:
        raise Problem(f"git knows no {revision} in {folder}. Fetch it, or name another revision.")
    earlier: list[Finding] = analyse(load(folder.name, Commit(folder, base), options)).findings
    return {finding.fingerprint for finding in earlier}


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True)
    except FileNotFoundError as error:
        raise Problem("git is not installed; --since needs it.") from error
    return done.stdout.strip() if done.returncode == 0 else ""


def _width() -> int:
    """The longest line of a report: as wide as the terminal, and the widest in a pipe or a file."""
    return min(WIDEST, shutil.get_terminal_size().columns) if sys.stdout.isatty() else WIDEST


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
