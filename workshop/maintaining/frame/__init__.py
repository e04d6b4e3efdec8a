"""The frame that the Road, the Twins and the questions share: the head of a page, its header, style and script in `files/`.

Both pages get their data as scripts, because a page that is opened from a folder may read no other file.
"""

import json
import shutil
from pathlib import Path
from string import Template
from typing import Any

FILES = Path(__file__).with_name("files")
PAGE = "index.html"


def write(folder: Path, own: Path, *, title: str, skip: str, skip_to: str) -> None:
    """Writes a page, such as `road/`, and the files that it loads. `own` has its main part and its files.

    A button past the header says `skip`, and leads to the part with the id `skip_to`.
    """
    for files in (FILES, own):
        shutil.copytree(files, folder, dirs_exist_ok=True)
    frame = (FILES / PAGE).read_text(encoding="utf-8")
    here = frame.replace(f'"../{folder.name}/{PAGE}"', f'"{PAGE}" aria-current="page"')
    main = (own / PAGE).read_text(encoding="utf-8")
    page = Template(here).substitute(name=folder.name, title=title, skip=skip, skip_to=skip_to, main=main)
    (folder / PAGE).write_text(page, encoding="utf-8")


def data(folder: Path, name: str, value: Any) -> None:
    """Writes data of a page as a script, `<folder>/data/<name>.js`. `Data.load(name)` in `files/page.js` gets the value."""
    script = folder / "data" / f"{name}.js"
    script.parent.mkdir(exist_ok=True)
    script.write_text(f'Data.got("{name}",{compact(value)})\n', encoding="utf-8")


def compact(value: Any) -> str:
    """A value as JSON without spaces. It is JavaScript, too."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
