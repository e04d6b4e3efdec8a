"""One kept run of `./ws bench` with two stages: only ratios, in steps/bench.json, and the tables that the site makes of them.

Figures of speed belong to one machine. Ratios of two figures that one run measured in turns say more, but they are ratios of
one run too: so the record names the machine, the packages, the length of the run and the load before it.
"""

import json
import os
import platform
import sqlite3
from collections.abc import Iterator, Sequence
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any

from workshop import ROOT
from workshop.base import files
from workshop.base.counting import counted
from workshop.maintaining.bench.figures import FIGURES, Figure
from workshop.maintaining.bench.report import TITLES, Report
from workshop.maintaining.scorecard.tables import table

FILE = Path("steps") / "bench.json"
COMMAND = "./ws bench --stage before,after --keep"
MARK = "<!-- bench -->\n"
PACKAGES = ("django", "djangorestframework", "requests", "urllib3", "psycopg", "gunicorn")
LONG = (3, 5.0)  # the rounds and the seconds of a window that `./ws bench` has by default


def keep(report: Report, rounds: int, seconds: float, root: Path = ROOT) -> Path:
    """Writes the ratios of a run of two stages to steps/bench.json, and returns that path."""
    sides = {engine: [of_stages[name] for name in report.stages] for engine, of_stages in report.samples.items()}
    compared, own = [], []
    for figure in FIGURES:
        shares = {engine: _rounded(figure.share(last, first)) for engine, (first, last) in sides.items()}
        values = {engine: [_rounded(figure.of(samples)) for samples in both] for engine, both in sides.items()}
        named: dict[str, Any] = {"group": figure.group, "label": figure.label}
        if _is_ratio(figure) and None not in [value for both in values.values() for value in both]:
            target = f"{figure.target.words} {figure.unit}" if figure.target else ""
            own.append(named | {"unit": figure.unit, "digits": figure.digits, "target": target, "values": values})
        elif figure.better and None not in shares.values():
            compared.append(named | {"better": figure.better, "ratios": shares})
    record: dict[str, Any] = {
        "began": f"{report.began:%Y-%m-%d}",
        "stages": list(report.stages),
        "run": {"seconds": round(report.seconds), "rounds": rounds, "window": seconds},
        "machine": _machine() | {"load_before": round(report.load, 2)},
        "versions": {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version} | _versions(),
        "compared": compared,
        "own": own,
    }
    files.write(root / FILE, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    return root / FILE


def filled(text: str, root: Path = ROOT) -> str:
    """A page with the kept run in the place of the comment `<!-- bench -->`."""
    return text.replace(MARK, "\n".join(_shown(root)) + "\n")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _is_ratio(figure: Figure) -> bool:
    return figure.unit in ("×", "%")


def _machine() -> dict[str, Any]:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    named = {"system": platform.system(), "architecture": platform.machine(), "processors": os.cpu_count()}
    return named | {"model": model or platform.processor()}


def _versions() -> dict[str, str]:
    installed = {found.name.lower() for found in distributions()}
    return {name: version(name) for name in PACKAGES if name in installed}


def _shown(root: Path) -> Iterator[str]:
    file = root / FILE
    if not file.exists():
        yield f"No run is kept yet. `{COMMAND}` keeps one."
        return
    record = json.loads(file.read_text(encoding="utf-8"))
    first, last = record["stages"]
    engines = list(record["compared"][0]["ratios"])
    titles = [TITLES[engine] for engine in engines]
    yield f"{_circumstances(record)}\n"
    yield f"The ratio of `{last}` to `{first}` for each figure, with the median of the rounds on both sides:\n"
    rows = [
        [f"{row['group']}: {row['label']}", *(f"{row['ratios'][engine]:.2f}" for engine in engines), row["better"]]
        for row in record["compared"]
    ]
    yield table([f"{last} ÷ {first}", *titles, "better if"], rows)
    yield "Ratios inside one stage, such as its deliveries to those of a bare loop over `requests.Session`:\n"
    yield table(["inside one stage", *_columns(record["stages"], titles), "target"], list(_own(record, engines)))


def _columns(stages: Sequence[str], titles: Sequence[str]) -> list[str]:
    return [f"{stage}, {title}" for title in titles for stage in stages]


def _own(record: dict[str, Any], engines: Sequence[str]) -> Iterator[list[str]]:
    for row in record["own"]:
        values = [value for engine in engines for value in row["values"][engine]]
        cells = [f"{value:.{row['digits']}f} {row['unit']}" for value in values]
        yield [f"{row['group']}: {row['label']}", *cells, row["target"]]


def _circumstances(record: dict[str, Any]) -> str:
    """How the run was made, and a warning if it was short or the machine was busy."""
    run, machine = record["run"], record["machine"]
    processors = counted(machine["processors"], "processor")
    versions = ", ".join(f"{name} {number}" for name, number in record["versions"].items())
    said = (
        f"These are ratios of one run, of {record['began']}: {counted(run['rounds'], 'round')} with windows of at most "
        f"{run['window']:g} s, {run['seconds']:,} s in all. The machine was {machine['system']} on "
        f"{machine['architecture']} with {processors} ({machine['model']}) and a load of {machine['load_before']} before "
        f"the run. Versions: {versions}."
    )
    if (run["rounds"], run["window"]) < LONG:
        said += " **The run was a short one:** it shows that the command works, and its ratios say little."
    if machine["load_before"] > machine["processors"] / 2:
        said += " **Other programs kept the machine busy:** each ratio may be wrong by half."
    return said
