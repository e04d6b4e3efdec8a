"""The figures as tables for people and as JSON for programs."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table

from workshop.maintaining.bench.figures import FIGURES, Figure, Samples

TITLES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
WORDS = {True: "[green]ok", False: "[red]missed", None: ""}


@dataclass(frozen=True)
class Report:
    """The result of a bench. The last stage is compared with the first."""

    stages: Sequence[str]
    began: datetime
    seconds: float
    load: float  # the system's load average when it began
    samples: Mapping[str, Mapping[str, Samples]]  # by kind of database, then by stage

    @property
    def ratio(self) -> str:
        """The title of the comparison; nothing for a single stage."""
        return f"{self.stages[-1]} / {self.stages[0]}" if len(self.stages) > 1 else ""

    def missed(self) -> list[str]:
        """The missed targets, in words."""
        found = []
        for engine, of_stages in self.samples.items():
            for figure in FIGURES:
                names = [stage for stage in self.stages if figure.verdict(of_stages[stage]) is False]
                if figure.keeps_up(*self._sides(engine)) is False:
                    names.append(self.ratio)
                found += [f"{name}, {TITLES[engine]}: {figure.title}" for name in names]
        return found

    def table(self, engine: str) -> Table:
        """A line for each figure that was measured on one kind of database, with a plain word next to each stage."""
        title = f"{' and '.join(self.stages)} on {TITLES[engine]}, {self.seconds:.0f} s"
        table = Table(box=None, pad_edge=False, title=title, title_justify="left")
        table.add_column(no_wrap=True)
        for stage in self.stages:
            table.add_column(stage, justify="right")
            table.add_column("")
        table.add_column(self.ratio or "target", justify="right")
        for group, figures in groupby(FIGURES, lambda figure: figure.group):
            rows = [cells for figure in figures if any(cells := self._cells(figure, engine))]
            for number, cells in enumerate(rows):
                if number == 0:
                    table.add_row(f"[bold]{group}")
                table.add_row(*cells)
        return table

    def _cells(self, figure: Figure, engine: str) -> list[str]:
        """A row of the table; none if no stage was measured."""
        cells = []
        for samples in self.samples[engine].values():
            value = figure.of(samples)
            cells += ["", ""] if value is None else [figure.shown(value), WORDS[figure.verdict(samples)]]
        if not any(cells):
            return []
        share, word = figure.share(*self._sides(engine)), WORDS[figure.keeps_up(*self._sides(engine))]
        target = f"{figure.target.words} {figure.unit}".rstrip() if figure.target else ""
        compared = "" if share is None else f"{share:.2f} × {word}".rstrip()
        return [f"  {figure.label}", *cells, compared if self.ratio else target]

    def _sides(self, engine: str) -> tuple[Samples, Samples]:
        """The samples of the last stage and of the first."""
        return self.samples[engine][self.stages[-1]], self.samples[engine][self.stages[0]]

    def show(self, console: Console) -> None:
        for engine in self.samples:
            console.print()
            console.print(self.table(engine))
        console.print()
        for target in self.missed():
            console.print(f"Missed: {target}", markup=False, highlight=False, soft_wrap=True)

    def write(self, folder: Path) -> Path:
        """Writes the figures and the single samples, and returns the file."""
        content = {
            "began": self.began.isoformat(),
            "seconds": round(self.seconds, 1),
            "machine": {
                "system": platform.platform(),
                "processors": os.cpu_count(),
                "load_before": round(self.load, 2),
            },
            "missed": self.missed(),
            "databases": {
                engine: {name: {"figures": _figures(found), "samples": found} for name, found in of_stages.items()}
                for engine, of_stages in self.samples.items()
            },
        }
        folder.mkdir(exist_ok=True)
        file = folder / f"{'-'.join(self.stages)}-{self.began:%Y%m%d-%H%M%S}.json"
        file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return file


def _figures(samples: Samples) -> dict[str, float]:
    return {figure.title: round(value, 3) for figure in FIGURES if (value := figure.of(samples)) is not None}
