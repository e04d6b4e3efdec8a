"""A run as one HTML file: the page of the lab, its script and all records. It needs no server and no network."""

import base64
import hashlib
from pathlib import Path

from workshop.base.problems import CommandFailed
from workshop.demo.lab.log import Log

PAGES = Path(__file__).with_name("pages")
STYLE = "lab.css"
SCRIPTS = ("model.js", "text.js", "detail.js", "matrix.js", "controls.js", "main.js")  # in this order
STYLE_LINK, PLACE_OF_SCRIPTS = '<link rel="stylesheet" href="/lab/lab.css">', "<!-- scripts -->"


def page() -> str:
    """The page for a browser that gets its records from the server."""
    scripts = "\n".join(f'<script src="/lab/{name}" defer></script>' for name in SCRIPTS)
    return _page("lab.html").replace(PLACE_OF_SCRIPTS, scripts, 1)


def recording(log: Log) -> str:
    """The file's text. Its policy allows only its own script and style, so a text of an event stays a text."""
    # Inside an HTML page, these two would end the script or hide its end; in a string of JavaScript they mean the same.
    script = "\n".join(map(_page, SCRIPTS)).replace("</script", "<\\/script").replace("<!--", "<\\!--")
    style = _page(STYLE)
    # In a script element only "<" could end the data or begin a comment.
    records = ",\n".join(record.text for record in log.after(0, 0)).replace("<", "\\u003c")
    policy = f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:"
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    text = (
        _page("lab.html")
        .replace(PLACE_OF_SCRIPTS, "", 1)
        .replace('<meta charset="utf-8">', f'<meta charset="utf-8">\n{head}', 1)
    )
    text = text.replace(STYLE_LINK, f"<style>{style}</style>", 1)
    data = f'<script type="application/json" id="recording">[{records}]</script>'
    return text.replace("</body>", f"{data}\n<script>{script}</script>\n</body>", 1)


def save(log: Log, file: Path) -> Path:
    """Writes the recording, and returns its place. Raises CommandFailed if the file cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(recording(log), encoding="utf-8")
    except OSError as error:
        raise CommandFailed(f"The recording of this run could not be written: {error}") from error
    return file


def _page(name: str) -> str:
    return (PAGES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
