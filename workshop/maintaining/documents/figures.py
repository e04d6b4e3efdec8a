"""Figures in the pages of the steps and in docs/: written from steps/figures.json, and compared with it.

A table is between two comments, and `./ws dev figures` writes it:

    <!-- figures: step-04 -->                       the stage before and this one, the rows that differ
    <!-- figures: before step-03 step-07 after -->  these stages, all rows
    <!-- figures: step-04 lines.webhooks branches --> only these rows
    <!-- figures: map -->                           every stage with its step, for steps/README.md
    <!-- end -->

A marker in backticks is an example. A number in a sentence has its own pair: <!-- figure: step-04 lines.webhooks -->1,512<!-- / -->.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT
from workshop.base.counting import counted
from workshop.base.names import RUNGS, STAGES, STEPS, folder_name, number_of
from workshop.base.problems import CommandFailed, Problem
from workshop.maintaining import measure
from workshop.maintaining.documents import page
from workshop.maintaining.documents.excerpts import documents
from workshop.maintaining.measure import Figures, Value

TABLE = re.compile(
    r"(?P<begin>(?<!`)<!-- figures: (?P<asked>[^\n]*?) -->\n)(?P<shown>.*?)(?P<end><!-- end -->)", re.DOTALL
)
NUMBER = re.compile(r"(?P<begin>(?<!`)<!-- figure: (?P<asked>\S+ \S+) -->)(?P<shown>[^\n<]*)(?P<end><!-- / -->)")
MARK = re.compile(r"(?<!`)<!--\s*figures?:")


@dataclass(frozen=True)
class Row:
    """A figure's name and the format of its number.

    `second` is another figure in the same cell: the number of `noun` that the first is in, or the place of the first.
    """

    title: str
    key: str
    second: str = ""
    noun: str = ""

    def text(self, figures: Figures) -> str:
        if self.key not in figures:
            return "–"
        first, other = number(figures[self.key]), figures.get(self.second)
        if isinstance(other, int):
            return f"{first} in {counted(other, self.noun)}"
        return f"{first} `{other}`" if other else first


ROWS = (
    Row("Lines of code, webhooks/", "lines.webhooks", "files.webhooks", "file"),
    Row("Lines of code, clients/", "lines.clients", "files.clients", "file"),
    Row("Lines of code, tests/", "lines.tests"),
    Row("Functions", "functions"),
    Row("Cognitive complexity, worst", "complexity.worst", "complexity.where"),
    Row("Cognitive complexity, median", "complexity.median"),
    Row("Branches on a format's name", "branches", "branches.modules", "module"),
    Row("Files that name one format, median", "format.files"),
    Row("Functions to the rounding of an amount", "hops.amount-rounding", "hops.amount-rounding.files", "file"),
    Row("Functions to the mask of a name", "hops.mask-of-a-name", "hops.mask-of-a-name.files", "file"),
    Row("Functions to the wait of a retry", "hops.retry-wait", "hops.retry-wait.files", "file"),
    Row("Lines that send SQL", "sql.lines", "sql.packages", "package"),
    Row("Early warning signs", "signs"),
    Row("Import contracts", "contracts"),
    Row("Tests of its own", "tests"),
    Row("Of these, with a database", "tests.database"),
    Row("Time of its own tests, those of before = 1", "seconds.tests"),
    Row("Of this, tests without a database", "seconds.without"),
)
OF_THE_STEP = (
    Row("Commits", "step.commits"),
    Row("Production files changed", "step.files"),
    Row("Production lines changed", "step.lines"),
)
NOT_EVERYWHERE = ("seconds.tests", "seconds.without")  # measured at before and at the rungs
KEYS = {row.key: row for row in (*ROWS, *OF_THE_STEP)}


def number(value: Value) -> str:
    """1512 as 1,512; 2.5 as it is."""
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else value


def figures_are_true(root: Path = ROOT) -> Iterator[Problem]:
    """A problem for each figure in a document that is not the measured one."""
    for document in documents(root):
        text = (root / document).read_text(encoding="utf-8")
        found = [*TABLE.finditer(text), *NUMBER.finditer(text)]
        if len(MARK.findall(text)) != len(found):
            yield Problem(document, 1, "a figures marker is malformed, or has no end marker")
        for match in found:
            line = text.count("\n", 0, match.start()) + 1
            try:
                if match["shown"] != _wanted(match, root):
                    yield Problem(document, line, "is not the measured figure; ./ws dev figures writes it")
            except CommandFailed as unknown:
                yield Problem(document, line, str(unknown))


def write(root: Path = ROOT) -> Iterator[str]:
    """Writes every table and number again; yields the documents that have changed. Raises CommandFailed."""
    for document in documents(root):
        text = (root / document).read_text(encoding="utf-8")
        written = filled(text, root)
        if written != text:
            (root / document).write_text(written, encoding="utf-8")
            yield document.as_posix()


def filled(text: str, root: Path = ROOT) -> str:
    """A text with every table and number as it was measured. Raises CommandFailed."""

    def rewritten(match: "re.Match[str]") -> str:
        return match["begin"] + _wanted(match, root) + match["end"]

    return NUMBER.sub(rewritten, TABLE.sub(rewritten, text))


def table(measured: Mapping[str, Figures], rows: Sequence[Row], *, all_rows: bool) -> str:
    """Stages side by side. Without `all_rows`, the rows in which they differ."""
    lines = ["| | " + " | ".join(measured) + " |", "| --- |" + " ---: |" * len(measured)]
    for row in rows:
        cells = [row.text(figures) for figures in measured.values()]
        if all_rows or (len(set(cells)) > 1 and "–" not in cells):
            lines.append(f"| {row.title} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def road_map(kept: Mapping[str, Figures], root: Path) -> str:
    """A row for each stage: the step before it, its size and effect, and whether it is a place to stop."""
    keys: Sequence[str] = ("lines.webhooks", "branches", "hops.amount-rounding", "sql.lines", "tests", "tests.database")
    keys = (*keys, *NOT_EVERYWHERE, "signs", "contracts")
    heads = ("code", "branches", "to a rule", "SQL", "tests", "with DB", "time", "without DB", "signs", "contracts")
    lines = ["| stage | step | min | commits | lines changed | " + " | ".join(heads) + " | rung |"]
    lines.append("| --- | --- | ---: | ---: | ---: |" + " ---: |" * len(heads) + " --- |")
    for name in STAGES[:-1]:
        figures, at = kept.get(name, {}), number_of(name)
        of_the_step = ["", "", "", ""]
        if at:
            step, minutes = f"[{STEPS[at - 1]}]({folder_name(at)}/README.md)", page.minutes(root, at)
            of_the_step = [
                step,
                str(minutes or "–"),
                *(KEYS[key].text(figures) for key in ("step.commits", "step.lines")),
            ]
        plain = [number(figures[key]) if key in figures else "" if key in NOT_EVERYWHERE else "–" for key in keys]
        lines.append("| " + " | ".join([name, *of_the_step, *plain, f"**{RUNGS[at]}**" if at in RUNGS else ""]) + " |")
    return "\n".join(lines) + "\n"


def _wanted(match: "re.Match[str]", root: Path) -> str:
    kept = measure.kept(root)
    asked = match["asked"].split()
    if match.re is NUMBER:
        name, key = asked
        figures = _of(name, kept)
        if key not in figures:
            raise CommandFailed(f"{key} is not measured at {name}; there are {', '.join(sorted(figures))}")
        return number(figures[key])
    if asked == ["map"]:
        return road_map(kept, root)
    names = [word for word in asked if word in STAGES]
    keys = [word for word in asked if word not in STAGES]
    if unknown := [key for key in keys if key not in KEYS]:
        raise CommandFailed(f"there is no figure {unknown[0]}; there are {', '.join(KEYS)}")
    if not names:
        raise CommandFailed("a table needs a stage, such as <!-- figures: step-04 -->")
    if alone := len(names) == 1 and number_of(names[0]) > 0:
        names = [STAGES[number_of(names[0]) - 1], *names]
    measured = {name: _of(name, kept) for name in names}
    return table(measured, [KEYS[key] for key in keys] or ROWS, all_rows=bool(keys) or not alone)


def _of(name: str, kept: Mapping[str, Figures]) -> Figures:
    if name not in kept:
        raise CommandFailed(
            f"nothing is measured at {name!r}; ./ws dev measure does it. There are {', '.join(kept) or 'none'}"
        )
    return kept[name]


CHECKS: dict[str, Callable[[], Iterator[Problem]]] = {"figures in the documents are those measured": figures_are_true}
