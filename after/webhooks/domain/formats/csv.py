"""csv: a header and one row, safe to open in a spreadsheet."""

import re

from webhooks.domain.event import Event

from .form_legacy import OPTIONS, fields_of
from .format import Format, Options, Platform


def value(text: str) -> str:
    """A value that is safe in a spreadsheet: a formula becomes text, and after that it is quoted if needed."""
    if text.startswith(("=", "+", "-", "@", "\t", "\r")):
        text = "'" + text
    if re.search('[;"\r\n]', text):
        text = '"' + text.replace('"', '""') + '"'
    return text


def render(event: Event, options: Options, platform: Platform) -> bytes:
    row = fields_of(event, options)
    header, values = ";".join(row), ";".join(map(value, row.values()))
    return f"{header}\r\n{values}\r\n".encode()


FORMATS = [
    Format(
        name="csv",
        version=1,
        content_type="text/csv; charset=utf-8; header=present",
        options=OPTIONS,
        render=render,
    )
]
