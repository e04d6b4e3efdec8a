import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from workshop.demo.sameness import Verdict
from workshop.demo.show import Story, panel
from workshop.harness.clients import CLIENTS, Answer
from workshop.harness.inbox import Received

BODY = '{"name":"Zoë Müller","reference":"a gift 🎁 for someone whose name is rather long"}' * 2
ATTEMPT = {
    "started_at": "2026-11-22T13:27:24.123456Z",
    "duration_ms": 12,
    "response_status": 200,
    "error": None,
}


def received(body=BODY, refusal="", status=200, event="evt_1"):
    headers = {"webhook-id": event, "webhook-signature": "v1,abc="}
    answer = Answer(status)
    return Received("x", datetime.now(UTC), headers, body.encode(), refusal, answer)


def shown(story, *verdicts, **options):
    console = Console(file=io.StringIO(), width=80, **options)
    console.print(panel(story, verdicts))
    return console.file.getvalue()


def inside(text):
    """The text of the panel's lines, joined again."""
    return "".join(line[2:-2].rstrip(" ") for line in text.splitlines()[1:-1])


def test_a_body_is_shown_whole_within_80_columns():
    text = shown(Story(CLIENTS[0], 1, [received()], [ATTEMPT]))

    assert BODY.replace(" ", "") in inside(text).replace(" ", "")
    assert {len(line) for line in text.splitlines() if "🎁" not in line} == {80}


def test_a_csv_body_keeps_its_lines():
    text = shown(Story(CLIENTS[7], 1, [received("event;date\r\npayment;22.11.2026\r\n")], []))

    assert "│ event;date  " in text
    assert "│ payment;22.11.2026  " in text


def test_square_brackets_in_a_body_are_no_markup():
    assert "customer[id]=1&[red]" in shown(Story(CLIENTS[4], 1, [received("customer[id]=1&[red]")], []))


def test_the_attempts_of_a_delivery_that_was_retried_are_listed():
    failed = ATTEMPT | {"response_status": 503, "error": "bad_status"}

    text = shown(Story(CLIENTS[-1], 1, [received()], [failed, ATTEMPT]))

    assert "13:27:24  503  bad_status  12 ms" in text
    assert "13:27:24  200  acknowledged  12 ms" in text


@pytest.mark.parametrize(
    ("story", "problem"),
    [
        (Story(CLIENTS[0], 2, [received()], []), "acknowledged 1 delivery instead of 2"),
        (Story(CLIENTS[0], 1, [], []), "acknowledged 0 deliveries instead of 1"),
        (
            Story(CLIENTS[0], 1, [received(), received(refusal="No match", status=401)], []),
            "could not verify 1 signature",
        ),
    ],
)
def test_what_went_wrong_is_said_in_words(story, problem):
    assert problem in shown(story)
    assert [problem in each for each in story.problems] == [True]


def test_a_delivery_that_came_twice_counts_once():
    assert Story(CLIENTS[0], 1, [received(), received()], []).problems == []


def test_without_colour_the_words_are_the_same(monkeypatch):
    story = Story(CLIENTS[0], 1, [received()], [ATTEMPT])
    coloured = shown(story, force_terminal=True, color_system="truecolor")
    monkeypatch.setenv("NO_COLOR", "1")

    plain = shown(story, force_terminal=True)

    assert "\x1b[32m" in coloured
    assert "\x1b[32m" not in plain
    assert "Signature verified" in plain


def test_a_panel_says_whether_another_server_sent_the_same():
    story = Story(CLIENTS[0], 1, [received()], [])

    same = shown(story, Verdict(("before", "after"), 1))
    other = shown(story, Verdict(("before", "after"), 1, ("Event 1: byte 7 of the body.",)))

    assert "The same from before/ and after/: headers and 1 body, byte for byte." in same
    assert "DIFFERENT from before/ and after/: Event 1: byte 7 of the body." in other
