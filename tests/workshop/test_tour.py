"""docs/tour.md: twelve short stops on both sides; the body at its end is the body that the servers make."""

import json
import re
import subprocess

import pytest

from workshop import ROOT
from workshop.base import setup

TOUR = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
STOPS = dict(re.findall(r"^## (\d+)\. (.*?)(?=^## )", TOUR, re.MULTILINE | re.DOTALL))
RENDER = """
import json, sys
from datetime import datetime
from decimal import Decimal
from webhooks.domain.event import Customer, EventType, PostedEvent
from webhooks.domain.formats.format import Platform
from webhooks.domain.formats.registry import get_format
from webhooks.domain.money import Money

posted = json.loads(sys.argv[1])
data = posted["data"]
event = PostedEvent(
    type=EventType(posted["type"]),
    occurred_at=datetime.fromisoformat(posted["occurred_at"]),
    payment_id=data["payment_id"],
    money=Money(Decimal(data["amount"]), data["currency"]),
    status=data["status"],
    customer=Customer(**data["customer"]),
    reference=data["reference"],
    failure=data["failure"],
)
print(get_format("form_legacy", 1).render(event, {"timezone": "Europe/Oslo"}, Platform()).decode())
"""


def test_there_are_twelve_stops():
    assert list(STOPS) == [str(number) for number in range(1, 13)]


@pytest.mark.parametrize("number", STOPS)
def test_a_stop_shows_both_sides_in_at_most_forty_lines(number):
    shown = re.findall(r"<!-- code: (\w+) [^>]+ -->\n```python\n(.*?)\n```", STOPS[number], re.DOTALL)

    assert sum(len(block.splitlines()) for _, block in shown) <= 40
    assert {stage for stage, _ in shown} == {"before", "after"}
    assert len(shown) == STOPS[number].count("```python"), "a block without the comment that names its lines"


def test_the_body_at_its_end_is_what_the_event_at_its_start_becomes():
    posted = json.loads(re.search(r"```json\n(.*?)```", TOUR, re.DOTALL)[1])
    body = re.search(r"<!-- body -->\n```\n(.*?)\n```", TOUR, re.DOTALL)[1]

    python = str(setup.interpreter())
    made = subprocess.run(
        [python, "-c", RENDER, json.dumps(posted)], cwd=ROOT / "after", capture_output=True, text=True
    )

    assert made.stderr == ""
    assert made.stdout.strip() == body
