"""The report for people: at most three findings in full, the rest in a few lines. No score and no grade."""

import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from .analysis import Report
from .findings import Finding
from .shape import sentence
from .texts import TEXTS, Text
from .words import plural

WIDEST = 100
NARROWEST = 40
MOST_PLACES = 5
MOST_LEFT = 3
WORKSHOP = Path(__file__).parents[2] / "steps"
"""The road of the workshop that this package comes from, if it is here."""


def screen(
    report: Report, *, everything: bool = False, workshop: bool | None = None, width: int = WIDEST
) -> Iterator[str]:
    """The lines of the report. With `everything`, each finding is shown in full, with all its places.

    `workshop` says whether to name its steps and exercises: otherwise that depends on whether they are here.
    A line has at most `width` characters, except for words that are longer.
    """
    named = WORKSHOP.is_dir() if workshop is None else workshop
    project = report.project
    yield from _wrapped(_head(report), "", "  ", width=width)
    yield from _wrapped(f"In one sentence: {sentence(project, report.findings)}.", "", "  ", width=width)
    full = report.findings if everything else report.in_full
    for number, finding in enumerate(full, start=1):
        yield ""
        yield from _in_full(number, finding, everything=everything, workshop=named, width=width)
    rest = [finding for finding in report.findings if all(finding is not other for other in full)]
    if rest:
        yield ""
        yield from _wrapped(
            f"{len(rest)} more: {_counted(rest)}. --all shows them.", f" {len(full) + 1}  ", "    ", width=width
        )
    yield ""
    yield from _left_alone(report, width)
    yield from _wrapped(f"Facts: {', '.join(facts(report))}.", " ", "   ", width=width)
    yield from _not_seen(report, width)
    if report.known:
        yield f" {plural(len(report.known), 'known finding')} not shown."
    yield ""
    yield from _half_a_day(full, width)
    ways_on = "--all · --json · --history · --since main shows only what your branch adds · --explain SIGN"
    yield from _wrapped(ways_on, " ", "   ", keep_words=True, width=width)
    yield from _wrapped(
        "To leave a finding, write a comment at it: # signs: leave <sign> <why>", " ", "   ", width=width
    )


def facts(report: Report) -> Iterator[str]:
    """Figures without judgement: what they mean depends on the project."""
    project = report.project
    tests = sum(file.tests for file in project.tests)
    if tests:
        with_database = sum(file.tests for file in project.tests if file.database_tests)
        patches = sum(len(file.patches) for file in project.tests)
        yield f"{plural(tests, 'test')}, {100 * with_database // tests} % of them in files that use the database"
        yield f"{plural(round(100 * patches / tests), 'patch', 'patches')} by path for 100 tests"
    else:
        yield "no tests found"
    inside = sum(
        imported.inside and project.module_of(imported.target, file) is not None
        for file in project.code()
        for imported in file.imports
    )
    if project.lines:
        share = round(10_000 * inside / project.lines)
        yield f"{plural(share, 'import')} of own modules inside functions for 10,000 lines"
    if report.history:
        yield f"application files in a typical commit: {report.history.typical_size():g}"


def explained(sign: str, *, width: int = WIDEST) -> Iterator[str]:
    """All about one sign, in lines of at most `width` characters."""
    text = TEXTS[sign]
    yield f"{sign}: {text.title}"
    yield from _wrapped(text.means, "  ", "  ", width=width)
    for label, words in (
        ("Costs", text.costs), ("Do", text.do), ("First", text.first), ("Leave", f"if {text.leave}")
    ):  # fmt: skip
        yield from _labelled(label, words, width)
    yield from _labelled("See", _links(text, workshop=WORKSHOP.is_dir()), width)
    yield from _labelled("Pattern", _page(text, workshop=WORKSHOP.is_dir()), width)
    yield from _labelled("Comment", f"# signs: leave {sign} <why>", width)


def _head(report: Report) -> str:
    project = report.project
    parts = [plural(project.lines, "line"), plural(len(project.apps), "app"), plural(len(project.models), "model")]
    text = f"{project.name} · {', '.join(parts)}"
    if report.history:
        years = report.history.years
        reach = f"{years:.1f} years" if years >= 1 else plural(round(years * 365), "day")
        text += f" · {reach} of history ({plural(len(report.history.commits), 'commit')})"
    elif report.no_history:
        text += f" · no history: {report.no_history}"
    return text


def _in_full(number: int, finding: Finding, *, everything: bool, workshop: bool, width: int) -> Iterator[str]:
    text = TEXTS[finding.sign]
    gap = width - 4 - len(finding.title) - len(text.title)
    if gap >= 2:
        yield f"{number:2}  {finding.title}{' ' * gap}{text.title}"
    else:
        yield from _wrapped(f"{finding.title} ({text.title})", f"{number:2}  ", "    ", width=width)
    yield f"    {finding.where.path}:{finding.where.line}"
    yield from _labelled("", "; ".join(finding.facts), width)
    yield from _places(finding, 10_000 if everything else MOST_PLACES, width)
    for position, cost in enumerate(finding.costs or [text.costs]):
        yield from _labelled("" if position else "Costs", cost, width)
    links = _links(text, workshop=workshop)
    if len(text.do) + len(links) + 14 > width or not links:
        yield from _labelled("Do", text.do, width)
        yield from _labelled("", links, width)
    else:
        yield f"    {'Do':<8}{text.do}{links:>{width - 12 - len(text.do)}}"
    yield from _labelled("Pattern", _page(text, workshop=workshop), width)
    yield from _labelled("First", text.first, width)
    yield from _labelled("Leave", f"if {text.leave}", width)


def _places(finding: Finding, most: int, width: int) -> Iterator[str]:
    first = f"{finding.where.path}:{finding.where.line}"
    places = [spot for spot in dict.fromkeys(f"{place.path}:{place.line}" for place in finding.places) if spot != first]
    if not places:
        return
    shown = places[:most]
    more = len(places) - len(shown)
    if more > 0:
        shown.append(f"and {more} more")
    yield from _wrapped("  ".join(shown), "    also    ", "            ", keep_words=True, width=width)


def _links(text: Text, *, workshop: bool) -> str:
    if not workshop:
        return ""
    parts = list(text.steps)
    if text.exercise:
        parts.append(f"./ws go {text.exercise}")
    return " · ".join(parts)


def _page(text: Text, *, workshop: bool) -> str:
    return f"docs/patterns/{text.pattern}.md" if workshop and text.pattern else ""


def _counted(findings: list[Finding]) -> str:
    counts = Counter(finding.sign for finding in findings)
    first = {finding.sign: finding for finding in reversed(findings)}
    parts = []
    for sign in TEXTS:
        if counts[sign] == 1:
            parts.append(f"{TEXTS[sign].title}: {_brief(first[sign])}")
        elif counts[sign]:
            parts.append(f"{TEXTS[sign].title} ×{counts[sign]}")
    return " · ".join(parts)


def _brief(finding: Finding) -> str:
    return finding.title if len(finding.title) < 60 else f"{finding.where.path}:{finding.where.line}"


def _left_alone(report: Report, width: int) -> Iterator[str]:
    lines = []
    for finding, why in report.silenced[:MOST_LEFT]:
        lines.append(f"{finding.where.path}:{finding.where.line}  {TEXTS[finding.sign].title}, left: {why}")
    reasons = Counter(left.why for left in report.left if left.sign == "hidden-work")
    for why, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))[:MOST_LEFT]:
        lines.append(f"{plural(count, 'receiver or save method', 'receivers and save methods')}: {why}")
    hard = [one for one in report.left if one.sign == "hot-function"]
    for one in hard[:2]:
        lines.append(f"{one.where.path}:{one.where.line}  {one.what}: {one.why}")
    if len(hard) > 2:
        lines.append(
            plural(len(hard) - 2, "more hard function") + ("" if report.history else "; --history tells which are hot")
        )
    if lines:
        yield " Looked at and left alone"
        for line in lines:
            yield from _wrapped(line, "    ", "      ", width=width)


def _not_seen(report: Report, width: int) -> Iterator[str]:
    reasons = report.project.unread.reasons
    parts = ["rows reached by getattr", "what templates do", "code that is made at run time"]
    if reasons:
        kinds = Counter(why.partition(" (")[0] for why in reasons.values())
        first = sorted(reasons)[0]
        told = ", ".join(f"{plural(count, 'file')} ({why})" for why, count in sorted(kinds.items()))
        parts.insert(0, f"{told}, the first is {first}")
    yield from _wrapped(f"Not seen: {', '.join(parts)}.", " ", "   ", width=width)


def _half_a_day(full: list[Finding], width: int) -> Iterator[str]:
    if not full:
        words = "Nothing here asks for restructuring. That is a result too: keep what you have."
        yield from _wrapped(words, " ", "   ", width=width)
        return
    quick = ["world-in-transaction", "same-condition", "hidden-work", "scattered-set"]
    order = sorted(
        full, key=lambda finding: (quick.index(finding.sign) if finding.sign in quick else 9, full.index(finding))
    )
    number = next(index for index, one in enumerate(full, start=1) if one is order[0])
    yield from _wrapped(
        f"If you have half a day: number {number}: {TEXTS[order[0].sign].first}.", " ", "   ", width=width
    )


def _labelled(label: str, words: str, width: int) -> Iterator[str]:
    if words:
        yield from _wrapped(words, f"    {label:<8}", " " * 12, keep_words="/" in words, width=width)


def _wrapped(text: str, first: str, others: str, *, width: int, keep_words: bool = False) -> Iterator[str]:
    yield from textwrap.wrap(
        text,
        max(width, NARROWEST),
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=not keep_words,
    ) or [first.rstrip()]
