"""The figures as a table for people and as JSON for programs."""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.table import Table

from workshop.bench.figures import FIGURES, Samples

TITLES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
WORDS = {True: "[green]ok", False: "[red]missed", None: ""}


@dataclass(frozen=True)
class Report:
    """What a bench found: the samples of each kind of database."""

    stage: str
    began: datetime
    seconds: float
    load: float  # the system's load average when it began
    samples: Mapping[str, Samples]

    def missed(self) -> list[str]:
        """The targets that were not kept, in words."""
        return [
            f"{TITLES[engine]}: {figure.group}, {figure.label}"
            for engine, samples in self.samples.items()
            for figure in FIGURES
            if (value := figure.of(samples)) is not None and figure.verdict(value) is False
        ]

    def table(self) -> Table:
        """A line for each figure that was measured, with its target and a plain word for each database."""
        table = Table(box=None, pad_edge=False, title=f"{self.stage}, {self.seconds:.0f} s", title_justify="left")
        table.add_column(no_wrap=True)
        for engine in self.samples:
            table.add_column(TITLES[engine], justify="right")
            table.add_column("")
        table.add_column("target")
        for group, figures in groupby(FIGURES, lambda figure: figure.group):
            rows = [(figure, [figure.of(samples) for samples in self.samples.values()]) for figure in figures]
            rows = [(figure, values) for figure, values in rows if any(value is not None for value in values)]
            if rows:
                table.add_row(f"[bold]{group}")
            for figure, values in rows:
                cells: list[str] = []
                for value in values:
                    cells += ["", ""] if value is None else [figure.shown(value), WORDS[figure.verdict(value)]]
                target = f"{figure.target.words} {figure.unit}".rstrip() if figure.target else ""
                table.add_row(f"  {figure.label}", *cells, target)
        return table

    def document(self) -> dict[str, Any]:
        """Everything, the single samples too."""
        return {
            "stage": self.stage,
            "began": self.began.isoformat(),
            "seconds": round(self.seconds, 1),
            "machine": {
                "system": platform.system(),
                "architecture": platform.machine(),
                "processors": os.cpu_count(),
                "load_before": round(self.load, 2),
                "python": platform.python_version(),
            },
            "databases": {
                engine: {"figures": list(_figures(samples)), "samples": {name: list(v) for name, v in samples.items()}}
                for engine, samples in self.samples.items()
            },
        }

    def write(self, file: Path) -> None:
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(self.document(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _figures(samples: Samples) -> Any:
    for figure in FIGURES:
        if (value := figure.of(samples)) is not None:
            yield {
                "group": figure.group,
                "label": figure.label,
                "value": round(value, 3),
                "unit": figure.unit,
                "target": figure.target.words if figure.target else None,
                "kept": figure.verdict(value),
            }
