"""The figures as a table for people and as JSON for programs."""

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.table import Table

from workshop.maintaining.bench.figures import FIGURES, Samples

TITLES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
WORDS = {True: "[green]ok", False: "[red]missed", None: ""}


@dataclass(frozen=True)
class Report:
    """The result of a bench: the samples of each kind of database, or of each stage on one kind."""

    stages: Sequence[str]
    began: datetime
    seconds: float
    load: float  # the system's load average when it began
    samples: Mapping[str, Mapping[str, Samples]]  # by stage, then by kind of database

    @property
    def title(self) -> str:
        return " and ".join(self.stages)

    def series(self) -> dict[str, Samples]:
        """The samples by their title: the database, and the stage if there are several."""
        return {f"{self._named(stage)}{TITLES[engine]}": samples for stage, engine, samples in self._runs()}

    def missed(self) -> list[str]:
        """The missed targets, in words: those of each stage, then those of the last stage compared with the first."""
        return [
            f"{series}: {figure.group}, {figure.label}"
            for series, samples in self.series().items()
            for figure in FIGURES
            if (value := figure.of(samples)) is not None and figure.verdict(value) is False
        ] + [
            f"{self.stages[-1]} / {self.stages[0]}, {TITLES[engine]}: {figure.group}, {figure.label}"
            for engine in self._engines()
            for figure in FIGURES
            if len(self.stages) > 1 and figure.keeps_up(*self._compared(engine)) is False
        ]

    def tables(self) -> list[Table]:
        """One table for a single stage, with a column for each kind of database; else one table for each kind, with a
        column for each stage and one for the ratio of the last to the first."""
        if len(self.stages) == 1:
            columns = {TITLES[engine]: samples for _, engine, samples in self._runs()}
            return [self._table(f"{self.title}, {self.seconds:.0f} s", columns)]
        return [
            self._table(
                f"{self.title} in turns on {TITLES[engine]}, {self.seconds:.0f} s",
                {stage: self.samples[stage][engine] for stage in self.stages},
                side_by_side=True,
            )
            for engine in self._engines()
        ]

    def _table(self, title: str, columns: Mapping[str, Samples], side_by_side: bool = False) -> Table:
        """A line for each figure that was measured, with its target and a plain word in each column."""
        table = Table(box=None, pad_edge=False, title=title, title_justify="left")
        table.add_column(no_wrap=True)
        for heading in columns:
            table.add_column(heading, justify="right")
            table.add_column("")
        if side_by_side:
            table.add_column(f"{self.stages[-1]} / {self.stages[0]}", justify="right")
        else:
            table.add_column("target")
        for group, figures in groupby(FIGURES, lambda figure: figure.group):
            rows = [(figure, [figure.of(samples) for samples in columns.values()]) for figure in figures]
            rows = [(figure, values) for figure, values in rows if any(value is not None for value in values)]
            if rows:
                table.add_row(f"[bold]{group}")
            for figure, values in rows:
                cells: list[str] = []
                for value in values:
                    cells += ["", ""] if value is None else [figure.shown(value), WORDS[figure.verdict(value)]]
                if side_by_side:
                    last, first = (list(columns.values())[place] for place in (-1, 0))
                    share, word = figure.share(last, first), WORDS[figure.keeps_up(last, first)]
                    cells.append("" if share is None else f"{share:.2f} × {word}".rstrip())
                else:
                    cells.append(f"{figure.target.words} {figure.unit}".rstrip() if figure.target else "")
                table.add_row(f"  {figure.label}", *cells)
        return table

    def document(self) -> dict[str, Any]:
        """The whole report, with the single samples."""
        return {
            "began": self.began.isoformat(),
            "seconds": round(self.seconds, 1),
            "machine": {
                "system": platform.system(),
                "architecture": platform.machine(),
                "processors": os.cpu_count(),
                "load_before": round(self.load, 2),
                "python": platform.python_version(),
            },
            "stages": {
                stage: {
                    engine: {
                        "figures": list(_figures(samples)),
                        "samples": {name: list(values) for name, values in samples.items()},
                    }
                    for engine, samples in engines.items()
                }
                for stage, engines in self.samples.items()
            },
        }

    def _runs(self) -> Iterator[tuple[str, str, Samples]]:
        for stage in self.stages:
            for engine, samples in self.samples[stage].items():
                yield stage, engine, samples

    def _engines(self) -> list[str]:
        return list(dict.fromkeys(engine for _, engine, _ in self._runs()))

    def _compared(self, engine: str) -> tuple[Samples, Samples]:
        """The samples of the last stage and of the first on one kind of database."""
        last, first = (self.samples[self.stages[place]][engine] for place in (-1, 0))
        return last, first

    def _named(self, stage: str) -> str:
        return f"{stage}, " if len(self.stages) > 1 else ""

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
