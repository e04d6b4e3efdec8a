"""The job of a forked child: run an exercise's behaviour tests, or one of its architecture checks, on a folder."""

import os
import sys
from pathlib import Path

from workshop.exercises import behaviour, oracle
from workshop.exercises.findings import Finding, Project, as_crash, said, where_raised
from workshop.exercises.jobs import BEHAVIOUR, TOGETHER, Answer, Job, checkers

MOST_FINDINGS = 20


def run(job: Job) -> None:
    """Does the job in this process, which must be a child for this job alone: the job changes sys.path and more."""
    folder = Path(job.exercise)
    project = Project(Path(job.project).resolve(), folder / "start")
    sys.dont_write_bytecode = True
    os.environ[TOGETHER] = str(Path(job.result).parent)
    sys.path.insert(0, str(project.folder))
    os.chdir(project.folder)
    if job.settings:
        os.environ["DJANGO_SETTINGS_MODULE"] = job.settings
    answer = _behaviour(folder, project) if job.what == BEHAVIOUR else _architecture(folder, project, job.what)
    answer.write(Path(job.result))


def _behaviour(folder: Path, project: Project) -> Answer:
    import pytest

    oracle.begin(folder)
    if broken := _does_not_start(project):
        return Answer(broken=broken)
    outcomes = behaviour.Outcomes(project)
    code = behaviour.play(folder, outcomes)
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return Answer(broken=Finding(f"exercises/{folder.name}/checks", 0, f"pytest ended with {code}"))
    if outcomes.not_made:
        return Answer(broken=Finding("", 0, f"This check could not run: {outcomes.not_made}."))
    if outcomes.failed:
        crashes = behaviour.Crashes(outcomes)
        behaviour.play(folder, crashes)
        for check, crash in crashes.found.items():
            outcomes.findings[check].insert(0, crash)
    return Answer(outcomes.findings)


def _does_not_start(project: Project) -> Finding | None:
    """Loads all modules that the project would load on its first request."""
    if not os.environ.get("DJANGO_SETTINGS_MODULE"):
        return None
    import django
    from django.core.checks import run_checks
    from django.urls import get_resolver

    try:
        django.setup()
        get_resolver().url_patterns  # noqa: B018 - imports every view
        run_checks()
    except (Exception, SystemExit) as error:
        return where_raised(error, project) or Finding("manage.py", 0, said(error))
    return None


def _architecture(folder: Path, project: Project, check: str) -> Answer:
    function = checkers(folder)[check]
    try:
        found = list(function(project) or [])
    except (Exception, SystemExit) as error:
        inside = where_raised(error, project)
        if inside is None:
            raise
        found = [as_crash(inside)]
    return Answer({check: found[:MOST_FINDINGS]})
