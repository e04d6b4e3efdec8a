"""The comparison as a table in the terminal, as Markdown to quote, and as JSON to plot."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from workshop.maintaining.compare.figures import Measured, Section

NOTES = (
    "One run on one machine, the stages in turns: believe the ratios (×, to the first stage) before the milliseconds.",
    "Lines are without blank lines, comments and docstrings; functions and complexity are those of clients/ and webhooks/.",
    "A test needs the database if it asked it anything while it was set up, run or cleaned up.",
    "To the rule: the stage's functions on the call stack, from the view or the command to the deciding line.",
)


def show(console: Console, stages: Sequence[str], sections: Sequence[Section], left_out: Sequence[str]) -> None:
    """In the terminal; in a pipe the words are the same."""
    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for stage in stages:
        table.add_column(stage, overflow="fold")
    for section in sections:
        table.add_row(f"[bold]{section.title}")
        for row in section.rows:
            table.add_row(f"  {row.title}", *(row.texts.get(stage, "") for stage in stages))
        table.add_row()
    console.print(table)
    for note in (*NOTES, *left_out):
        console.print(note, style="dim", markup=False, highlight=False)


def markdown(stages: Sequence[str], sections: Sequence[Section], left_out: Sequence[str]) -> str:
    """The same as one table for each section."""
    lines = [f"# {' and '.join(stages)}, side by side", ""]
    for section in sections:
        lines += [f"## {section.title}", "", "| | " + " | ".join(stages) + " |", "| --- |" + " --- |" * len(stages)]
        for row in section.rows:
            cells = [row.title, *(row.texts.get(stage, "") for stage in stages)]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join([*lines, *(f"- {note}" for note in (*NOTES, *left_out)), ""])


def as_json(sections: Sequence[Section], measured: Mapping[str, Measured], left_out: Sequence[str]) -> str:
    """The rows with their numbers, and below `measured` all that they were made from."""
    content = {
        "sections": [asdict(section) for section in sections],
        "left_out": list(left_out),
        "measured": {name: _plain(one) for name, one in measured.items()},
    }
    return json.dumps(content, ensure_ascii=False, indent=1)


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
