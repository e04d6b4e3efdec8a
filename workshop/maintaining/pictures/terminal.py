"""An exercise in a terminal as an SVG: what the commands print, from red to green.

The picture names no font but `monospace` and loads nothing, so it looks right without a network.
"""

import io
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from workshop import ROOT
from workshop.base import environment
from workshop.base.calls import call
from workshop.base.problems import CommandFailed
from workshop.exercises import catalogue, trees

EXERCISE = "untangle-the-fees"
COLUMNS = 84
WHITE, BLACK = (255, 255, 255), (36, 41, 47)
GREY, RED, GREEN, YELLOW = (110, 119, 129), (207, 34, 46), (26, 127, 55), (154, 103, 0)
BLUE, MAGENTA, CYAN = (9, 105, 218), (130, 80, 223), (27, 124, 131)
LIGHT = TerminalTheme(WHITE, BLACK, [BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, GREY])
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="An exercise in a terminal">
<style>
.{unique_id}-matrix {{ font-family: monospace; font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
<rect x="0.1%" y="0.2%" width="99.8%" height="99.6%" rx="10" fill="#ffffff" stroke="#d0d7de" stroke-width="2"/>
<line x1="0.1%" y1="32" x2="99.9%" y2="32" stroke="#d0d7de" stroke-width="2"/>
<g fill="#d0d7de"><circle cx="20" cy="17" r="6"/><circle cx="40" cy="17" r="6"/><circle cx="60" cy="17" r="6"/></g>
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def draw(root: Path = ROOT) -> str:
    """The picture: the exercise begins, is red, and is green with the solution. Raises CommandFailed."""
    exercise = catalogue.find(EXERCISE, root)
    edited = trees.overlay_files(exercise.solution)
    with tempfile.TemporaryDirectory(prefix="workshop-picture-") as scratch:
        work = Path(scratch) / "work"
        red = [*_typed(work, "go", str(exercise.number)), *_typed(work, "check", ends_with=1)]
        trees.lay(work, exercise.start, exercise.solution)
        green = _typed(work, "check")
    note = Text(f"# … {' and '.join(f'work/{name}' for name in edited)} are edited and saved …", "dim")
    return _svg([*red, note, Text(), *green])


def _typed(work: Path, *arguments: str, ends_with: int = 0) -> list[Text]:
    """The line that a learner types, and what the command prints."""
    colours = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "WS_WORK": str(work)}
    shell = {name: value for name, value in environment.made().items() if name != "NO_COLOR"} | colours
    done = call([sys.executable, "-m", "workshop", *arguments], ROOT, shell)
    if done.returncode != ends_with:
        raise CommandFailed(f"./ws {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}")
    typed = Text.assemble(("$ ", "dim"), (f"./ws {' '.join(arguments)}", "bold"))
    return [typed, *(Text.from_ansi(line) for line in done.stdout.strip("\n").split("\n")), Text()]


def _svg(lines: list[Text]) -> str:
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in lines:
        console.print(line, soft_wrap=True)
    drawn = console.export_svg(theme=LIGHT, code_format=SVG, unique_id="terminal")
    return "\n".join(line.rstrip() for line in drawn.splitlines() if line.strip()) + "\n"
