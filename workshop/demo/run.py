"""The demo from start to end: start everything, post the events, show what the clients got."""

import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from workshop import ROOT
from workshop.base.counting import counted
from workshop.base.problems import CommandFailed
from workshop.base.stages import Stage
from workshop.demo.lab.recording import save
from workshop.demo.lab.servers import accepted, as_bytes
from workshop.demo.lab.state import Lab
from workshop.demo.lab.web import lab_open
from workshop.demo.sameness import Verdict, compared
from workshop.demo.show import Story, panel, whereabouts
from workshop.demo.side import Side, prepare, programs_of, ready, start
from workshop.demo.signals import Stopped, signals_noted
from workshop.harness.clients import CLIENTS, Client, expected
from workshop.harness.clients import events as read_events
from workshop.harness.clock import Clock
from workshop.harness.inbox import Inbox
from workshop.harness.programs import listening_at
from workshop.harness.receiver import Receiver, receiving

SECONDS_TO_DELIVER = 60
PORT, RECEIVERS_PORT = 8000, 8001
RECORDING = ROOT / "var" / "demo" / "recording.html"
# Two names for this machine: a browser keeps cookies by name, so one can be logged in to both admins.
HOSTS = ("127.0.0.1", "localhost")


@dataclass(frozen=True)
class Running:
    """The demo once everything is up."""

    console: Console
    receiver: Receiver
    sides: Sequence[Side]
    password: str
    lab: Lab
    labs_url: str

    def must_run(self) -> None:
        """Raises if a program has ended by itself, or if the demo must end."""
        for side in self.sides:
            side.programs.must_run()

    def acknowledged(self) -> int:
        return sum(side.acknowledged() for side in self.sides)


def main(stages: Sequence[Stage], *, once: bool) -> int:
    """The exit code: 0 if every client got all its events, with valid signatures, and the same from every stage."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without emoji still shows text
    console = Console()
    exit_code: int | None = None  # known after all is shown
    try:
        with signals_noted() as may_go_on, _running(stages, console, may_go_on) as demo:
            exit_code = 0 if _show(demo) else 1
            if once:
                console.print("\nThe demo ends here. Without ONCE=1 the admin, the API docs and the lab stay open.")
                return exit_code
            _say_where(demo)
            try:
                _stay(demo)
            finally:
                place = save(demo.lab.log, RECORDING)
                whereabouts(console, [("Recording", str(place))])
            return exit_code
    except CommandFailed as failure:
        console.print(str(failure), style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    except Stopped as stopped:
        console.print(f"\n{stopped}: servers, workers and the receiver have ended.")
        return stopped.exit_code if exit_code is None else exit_code


@contextmanager
def _running(stages: Sequence[Stage], console: Console, may_go_on: Callable[[], None]) -> Iterator[Running]:
    """Each stage's server and worker, and one receiver for all, on temporary databases."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="workshop-demo-")))
        clock = Clock(folder / "clock")
        inboxes = {stage.name: Inbox(CLIENTS, lambda: clock.ahead) for stage in stages}
        receiver = stack.enter_context(receiving(listening_at(RECEIVERS_PORT), inboxes))
        programs = [stack.enter_context(programs_of(stage, folder / stage.name, clock, may_go_on)) for stage in stages]
        console.print("[bold]The webhook server, seen from outside[/]\n")
        password = secrets.token_urlsafe(9)
        with console.status("Making databases, operator keys and an admin user"), ThreadPoolExecutor() as pool:
            keys = list(pool.map(lambda program: prepare(program, password), programs))
        whereabouts(console, [("Database", "SQLite in a temporary folder, migrated" + _each(stages))])
        with console.status("Starting servers and workers"):
            # The servers' ports are near each other; the receiver has the port between them.
            sockets = [stack.enter_context(listening_at(PORT + 2 * place)) for place in range(len(stages))]
            urls = ["http://{}:{}".format(*listening.getsockname()) for listening in sockets]
            servers = [start(*each) for each in zip(stages, programs, sockets, strict=True)]
            parts = zip(stages, programs, servers, urls, keys, inboxes.values(), strict=True)
            sides = [ready(*each) for each in parts]
        whereabouts(
            console,
            [
                *(("Server", f"{side.url}{_of(side, sides)}") for side in sides),
                ("Worker", "manage.py deliver" + _each(stages)),
                ("Receiver", receiver.url),
            ],
        )
        pages = stack.enter_context(lab_open(receiver, sides, clock))
        yield Running(console, receiver, sides, password, pages.lab, pages.url)


def _each(stages: Sequence[Stage]) -> str:
    return ", one for each server" if len(stages) > 1 else ""


def _of(side: Side, sides: Sequence[Side]) -> str:
    return f"  {side.name}/" if len(sides) > 1 else ""


def _show(demo: Running) -> bool:
    """Registers the clients, posts the events, and shows the requests at the receiver."""
    events = read_events()
    for side in demo.sides:
        for client in CLIENTS:
            created = side.api.create_client(client.registration(f"{demo.receiver.url}/{side.name}"))
            side.inbox.trust(client.slug, created["signing_secret"])
    whereabouts(demo.console, [("Clients", f"{len(CLIENTS)}, each with its own format")])
    demo.console.print()
    wanted = {client.slug: len(expected(client, events)) for client in CLIENTS}
    _post(demo, events, sum(wanted.values()) * len(demo.sides))
    stories = {side.name: [_story(side, client, wanted[client.slug]) for client in CLIENTS] for side in demo.sides}
    first, *others = demo.sides
    verdicts = {client.slug: [_verdict(first, other, client) for other in others] for client in CLIENTS}
    for story in stories[first.name]:
        demo.console.print()
        demo.console.print(panel(story, verdicts[story.client.slug]))
    return _sum_up(demo, stories, [verdict for each in verdicts.values() for verdict in each], len(events))


def _post(demo: Running, events: Sequence[dict[str, Any]], wanted: int) -> None:
    """Posts every event to every side, then waits until the clients have acknowledged all, or time is up."""
    columns = (TextColumn("  {task.description:<18}"), BarColumn(24), MofNCompleteColumn())
    with Progress(*columns, console=demo.console) as progress:
        posting = progress.add_task("Events posted", total=len(events) * len(demo.sides))
        arriving = progress.add_task("Deliveries acked", total=wanted)
        for number, event in enumerate(events, start=1):
            demo.must_run()
            answers = {}
            for side in demo.sides:
                answer = side.api.post_event(event, f"demo-{number}")
                side.posted[answer["id"]] = number
                answers[side.name] = accepted(answer)
                progress.advance(posting)
            demo.lab.posted(demo.lab.new_event(), as_bytes(event), answers)
            progress.update(arriving, completed=demo.acknowledged())
        _await_deliveries(demo, wanted, progress, arriving)


def _await_deliveries(demo: Running, wanted: int, progress: Progress, arriving: Any) -> None:
    """Retries the deliveries of the failing client, once at each side."""
    deadline = time.monotonic() + SECONDS_TO_DELIVER
    waiting = [(side, client) for side in demo.sides for client in CLIENTS if client.fails_first]
    while time.monotonic() < deadline and demo.acknowledged() < wanted:
        demo.must_run()
        progress.update(arriving, completed=demo.acknowledged())
        inbox = waiting[0][0].inbox if waiting else demo.sides[-1].inbox
        inbox.wait_for_more_than(inbox.count(), seconds=0.5)
        for side, client in list(waiting):
            if _retries_told(demo, side, client):
                waiting.remove((side, client))
    progress.update(arriving, completed=demo.acknowledged())


def _retries_told(demo: Running, side: Side, client: Client) -> bool:
    """Reports the failing client's retries, and calls `retry` if the plan is too slow.

    The first retry comes by itself, after 5 s ±20 %. The second is due after 5 min; a demo cannot
    wait for that and moves no clock, so it does what an operator would do.
    """
    first = side.inbox.of(client.slug)[:1]
    if not first:
        return False
    delivery = side.api.delivery(client.slug, first[0].webhook_id)
    if delivery["attempt_count"] < len(client.fails_first):
        return False
    if side is demo.sides[0]:
        due = datetime.fromisoformat(delivery["next_attempt_at"])
        minutes = (due - datetime.now(UTC)).total_seconds() / 60
        answers = " and ".join(str(answer.status) for answer in client.fails_first)
        demo.console.print(
            f"  {client.slug} answered {answers}. The worker's next try is due in {minutes:.1f} min.\n"
            f"  An operator need not wait: POST /v1/deliveries/{{id}}/retry makes it due now.",
            highlight=False,
        )
    side.api.retry(delivery["id"])
    return True


def _story(side: Side, client: Client, wanted: int) -> Story:
    """The client's requests, beginning with those of its first event in the file's order."""
    received = side.inbox.of(client.slug)
    if not received:
        return Story(client, wanted, [], [])
    if not client.fails_first:
        received.sort(key=lambda request: side.posted.get(request.webhook_id, 0))
    attempts = side.api.delivery(client.slug, received[0].webhook_id)["attempts"]
    return Story(client, wanted, received, attempts)


def _verdict(first: Side, other: Side, client: Client) -> Verdict:
    received = [side.inbox.of(client.slug) for side in (first, other)]
    return compared((first.name, other.name), received, [first.posted, other.posted])


def _sum_up(demo: Running, stories: dict[str, list[Story]], verdicts: Sequence[Verdict], events: int) -> bool:
    console, problems = demo.console, []
    console.print()
    for side, told in stories.items():
        problems += [f"{side}: {problem}" for story in told for problem in story.problems]
        delivered = sum(story.acknowledged for story in told)
        requests = sum(len(story.received) for story in told)
        console.print(
            f"{side}/: {counted(events, 'event')} became {counted(delivered, 'delivery', 'deliveries')},"
            f" acknowledged by {counted(len(told), 'client')} after {counted(requests, 'request')}.",
            highlight=False,
        )
    differing = [verdict for verdict in verdicts if verdict.differences]
    problems += [verdict.line for verdict in differing]
    if verdicts and not differing:
        console.print(
            "Every client got the same from each server: all headers and all bodies, byte for byte.\n"
            "Not compared: ids, times of the attempts, and the signatures, which cover both.",
            style="green",
            highlight=False,
        )
    for problem in problems:
        console.print(problem, style="bold red", markup=False, highlight=False)
    return not problems


def _say_where(demo: Running) -> None:
    demo.console.print("\nLook around:")
    for side, host in zip(demo.sides, HOSTS, strict=False):
        url = side.url.replace("127.0.0.1", host)
        whereabouts(
            demo.console,
            [
                ("Admin", f"{url}/admin/{_of(side, demo.sides)}"),
                ("API docs", f"{url}/docs/"),
                ("  operator key", side.key),
            ],
        )
    whereabouts(
        demo.console,
        [
            ("Admin's user", f"admin  {demo.password}"),
            ("Inbox as JSON", f"{demo.receiver.url}/inbox.json"),
            ("Lab", demo.labs_url),
        ],
    )


def _stay(demo: Running) -> None:
    """Waits until the demo or one of its programs ends."""
    demo.console.print("\nEverything runs until you press Ctrl-C; then the databases are deleted.")
    while True:
        demo.must_run()
        time.sleep(0.5)
