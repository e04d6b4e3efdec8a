"""The comparison as a table in the terminal, as Markdown to quote, and as JSON to plot."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from workshop.maintaining.compare.figures import Measured, Section

NOTES = (
    "One run on one machine, the stages in turns: believe the ratios (×, to the first stage) before the milliseconds.",
    "Lines are without blank lines, comments and docstrings; functions and complexity are those of clients/ and webhooks/.",
    "A test needs the database if it asked it anything while it was set up, run or cleaned up.",
    "Functions to a rule: on the call stack, from the view or the command to the line that decides.",
)


def table(stages: Sequence[str], sections: Sequence[Section], form: box.Box | None = None) -> Table:
    """A column for each stage, and the sections one after the other."""
    drawn = Table("", *stages, box=form, pad_edge=form is not None)
    drawn.columns[0].no_wrap = True
    for section in sections:
        drawn.add_row(f"[bold]{section.title}")
        for title, *texts in section.rows:
            drawn.add_row(f"  {title}", *texts)
        drawn.add_row()
    return drawn


def show(console: Console, stages: Sequence[str], sections: Sequence[Section], left_out: Sequence[str]) -> None:
    """In the terminal; in a pipe the words are the same."""
    console.print(table(stages, sections))
    for note in (*NOTES, *left_out):
        console.print(note, style="dim", markup=False, highlight=False)


def write(folder: Path, sections: Sequence[Section], measured: Mapping[str, Measured], left_out: Sequence[str]) -> None:
    """Writes compare.md, and compare.json with the numbers behind the texts."""
    folder.mkdir(exist_ok=True)
    with (folder / "compare.md").open("w", encoding="utf-8") as file:
        quoted = Console(file=file, width=200)
        quoted.print(table(list(measured), sections, box.MARKDOWN))
        for note in (*NOTES, *left_out):
            quoted.print(f"- {note}", markup=False, soft_wrap=True)
    content = {"measured": {name: asdict(each) for name, each in measured.items()}, "left_out": list(left_out)}
    (folder / "compare.json").write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
