"""`./ws dev check steps`: all rules of the migration, reported check by check."""

from workshop import ROOT
from workshop.harness import testing
from workshop.maintaining import suites
from workshop.maintaining.documents import curve, figures, markdown, page
from workshop.maintaining.lint import run_checks
from workshop.maintaining.road import each_commit, upkeep


def check_steps(*, all_commits: bool = False, since: str | None = None) -> bool:
    """Whether steps/ is right: first the quick checks, then every stage, then commits on request."""
    green = run_checks({**upkeep.CHECKS, **markdown.CHECKS, **page.CHECKS, **figures.CHECKS, **curve.CHECKS})
    chosen = each_commit.commits(ROOT) if all_commits else each_commit.touched(ROOT, since) if since else []
    return testing.run_all([suites.proof_run(), *each_commit.runs(chosen)]) and green
