"""The demo's output: in colour and in words, for 80 columns and for a pipe."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import chop_cells
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.text import Text

from workshop.base.counting import counted
from workshop.demo.sameness import Verdict
from workshop.harness.clients import Client
from workshop.harness.inbox import Received

HEADERS = ("content-type", "webhook-id", "webhook-timestamp", "webhook-signature")


@dataclass(frozen=True)
class Story:
    """The requests that one client received, and the number that it should have."""

    client: Client
    expected: int
    received: Sequence[Received]
    attempts: Sequence[dict[str, Any]]  # of the first event, from the API

    @property
    def acknowledged(self) -> int:
        return len({request.webhook_id for request in self.received if request.is_acknowledged})

    @property
    def refused(self) -> int:
        return sum(not request.is_verified for request in self.received)

    @property
    def problems(self) -> list[str]:
        """The failures; empty if there are none."""
        found = []
        if self.acknowledged != self.expected:
            missed = f"acknowledged {counted(self.acknowledged, 'delivery', 'deliveries')} instead of {self.expected}"
            found.append(f"{self.client.slug} {missed}.")
        if self.refused:
            found.append(f"{self.client.slug} could not verify {counted(self.refused, 'signature')}.")
        return found


class Verbatim:
    """A body, wrapped only when a line is full."""

    def __init__(self, body: str) -> None:
        self._body = body

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self._body.splitlines():
            for piece in chop_cells(line, options.max_width) or [""]:
                yield Text(piece, no_wrap=True, overflow="ignore")


def panel(story: Story, verdicts: Sequence[Verdict] = ()) -> Panel:
    """One client's first request in full, the others in one line, and the comparison with the other servers."""
    client = story.client
    parts: list[RenderableType] = [Text(f"Options: {_options(client)}", style="dim")]
    if story.received:
        shown = story.received[0]
        parts += [Text(), *_request(shown), Text(), _signature(shown)]
    if len(story.attempts) > 1:
        parts += [Text("Attempts at this delivery:"), *map(_attempt, story.attempts)]
        parts.append(Text("The last attempt came at once because the demo called retry.", style="dim"))
    elif story.received:
        parts.append(Text(f"It answered {story.received[0].answer} at the first attempt."))
    parts.append(_rest(story))
    parts += [Text(verdict.line, style="bold red" if verdict.differences else "green") for verdict in verdicts]
    title = Text.assemble((client.title, "bold"), " · ", client.name)
    colour = "red" if story.problems or any(verdict.differences for verdict in verdicts) else "green"
    return Panel(Group(*parts), title=title, title_align="left", border_style=colour)


def _options(client: Client) -> str:
    return json.dumps(client.options, ensure_ascii=False) if client.options else "none"


def _request(request: Received) -> list[RenderableType]:
    lines: list[RenderableType] = [Text(f"POST …/hooks/{request.slug}", style="cyan")]
    for name in HEADERS:
        lines.append(Text(f"{name}: {request.headers.get(name, '(absent)')}", style="cyan"))
    return [*lines, Text(), Verbatim(request.text)]


def _signature(request: Received) -> Text:
    if request.is_verified:
        return Text("Signature verified by the standardwebhooks package.", style="green")
    return Text(f"SIGNATURE REFUSED: {request.refusal}", style="red")


def _attempt(attempt: dict[str, Any]) -> Text:
    outcome = attempt["error"] or "acknowledged"
    status = attempt["response_status"] or "no response"
    line = f"  {attempt['started_at'][11:19]}  {status}  {outcome}  {attempt['duration_ms']} ms"
    return Text(line, style="yellow" if attempt["error"] else "green")


def _rest(story: Story) -> Text:
    if story.problems:
        return Text(" ".join(story.problems), style="bold red")
    all_of_them = f"{story.acknowledged} of {story.expected} events"
    return Text(f"{all_of_them} delivered, all verified and acknowledged.", style="green")


def whereabouts(console: Console, places: Sequence[tuple[str, str]]) -> None:
    """The places to look at next, one on each line; long lines are not wrapped, so that they can be copied."""
    for label, place in places:
        line = Text.assemble((f"  {label:<18}", "bold"), place)
        console.print(line, soft_wrap=True)
