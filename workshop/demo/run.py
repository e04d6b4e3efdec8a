"""The demo from start to end: start everything, post the events, show what the clients got."""

import json
import os
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from workshop import setup
from workshop.demo import DemoFailed
from workshop.demo.api import Api
from workshop.demo.clients import CLIENTS, Client, expected
from workshop.demo.inbox import Inbox
from workshop.demo.processes import Programs, free_port, wait_until_ready
from workshop.demo.receiver import Receiver, receiving
from workshop.demo.show import Story, panel, whereabouts
from workshop.stages import Stage

EVENTS = Path(__file__).with_name("events.json")
SECONDS_TO_DELIVER = 30


class Stopped(Exception):
    """Ctrl-C, or a signal that asks to end."""

    def __init__(self, number: int) -> None:
        super().__init__("Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name)
        self.exit_code = 128 + number


@dataclass(frozen=True)
class Running:
    """The demo once everything is up."""

    console: Console
    programs: Programs
    receiver: Receiver
    api: Api
    url: str
    password: str
    key: str

    @property
    def inbox(self) -> Inbox:
        return self.receiver.inbox


def main(stage: Stage, *, once: bool) -> int:
    """The exit code: 0 where every client got all it should, with signatures that hold."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that knows no emoji still shows text
    console = Console()
    exit_code: int | None = None  # known once all is shown
    try:
        with _signals_noted() as may_go_on, _running(stage, console, may_go_on) as demo:
            exit_code = 0 if _show(demo) else 1
            _say_where(demo)
            if not once:
                _stay(demo)
            return exit_code
    except DemoFailed as failure:
        console.print(str(failure), style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    except Stopped as stopped:
        console.print(f"\n{stopped}: the server, the worker and the receiver have ended.")
        return stopped.exit_code if exit_code is None else exit_code


@contextmanager
def _running(stage: Stage, console: Console, may_go_on: Callable[[], None]) -> Iterator[Running]:
    """The stage's server and worker and the receiver, on a database that goes afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="workshop-demo-")))
        receiver = stack.enter_context(receiving(free_port(8001), Inbox(CLIENTS)))
        environment = os.environ | {
            "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
            "SECRET_KEY": secrets.token_urlsafe(40),
            # The receiver is on this machine, which the server refuses to call unless told.
            "WEBHOOKS_ALLOWED_NETWORKS": "127.0.0.0/8",
            "WEBHOOKS_ALLOW_HTTP": "1",
            "WEBHOOKS_DELIVERY_ENGINE": "polling",
            "PYTHONUNBUFFERED": "1",
        }
        python = setup.interpreter()
        programs = stack.enter_context(Programs(python, stage.folder, environment, folder, may_go_on))
        console.print("[bold]The webhook server, seen from outside[/]\n")
        password, key = _prepare(programs, console)
        port = free_port(8000)
        url = f"http://127.0.0.1:{port}"
        with console.status("Starting the server and a worker"):
            server = programs.start("server", "runserver", "--noreload", f"127.0.0.1:{port}")
            programs.start("worker", "deliver", "--concurrency", "8")
            wait_until_ready(server, url)
        places = [("Server", url), ("Worker", "manage.py deliver"), ("Receiver", receiver.url)]
        whereabouts(console, places)
        yield Running(console, programs, receiver, Api(url, key), url, password, key)


def _prepare(programs: Programs, console: Console) -> tuple[str, str]:
    """Tables, an operator key and someone who may log in to the admin."""
    password = secrets.token_urlsafe(9)
    with console.status("Making a database, an operator key and an admin user"):
        programs.call("migrate", "--verbosity", "0")
        key = programs.call("create_api_key", "--role", "operator")
        programs.call(
            "createsuperuser",
            "--noinput",
            DJANGO_SUPERUSER_USERNAME="admin",
            DJANGO_SUPERUSER_EMAIL="admin@example.com",
            DJANGO_SUPERUSER_PASSWORD=password,
        )
    whereabouts(console, [("Database", "SQLite in a temporary folder, migrated")])
    return password, key


def _show(demo: Running) -> bool:
    """Registers the clients, posts the events, and shows what arrived."""
    events = json.loads(EVENTS.read_text(encoding="utf-8"))
    for client in CLIENTS:
        created = demo.api.create_client(client.registration(demo.receiver.url))
        demo.inbox.trust(client.slug, created["signing_secret"])
    whereabouts(demo.console, [("Clients", f"{len(CLIENTS)}, each with its own format")])
    demo.console.print()
    wanted = {client.slug: len(expected(client, events)) for client in CLIENTS}
    columns = (TextColumn("  {task.description:<18}"), BarColumn(24), MofNCompleteColumn())
    with Progress(*columns, console=demo.console) as progress:
        posting = progress.add_task("Events posted", total=len(events))
        arriving = progress.add_task("Deliveries acked", total=sum(wanted.values()))
        for number, event in enumerate(events, start=1):
            demo.programs.must_run()
            demo.api.post_event(event, f"demo-{number}")
            progress.update(posting, completed=number)
            progress.update(arriving, completed=_acknowledged(demo))
        _await_deliveries(demo, wanted, progress, arriving)
    stories = [_story(demo, client, wanted[client.slug]) for client in CLIENTS]
    for story in stories:
        demo.console.print()
        demo.console.print(panel(story))
    return _sum_up(demo.console, stories, len(events))


def _await_deliveries(demo: Running, wanted: dict[str, int], progress: Progress, arriving: Any) -> None:
    """Until every client has acknowledged its share, or time is up; nudges the one that fails."""
    deadline = time.monotonic() + SECONDS_TO_DELIVER
    waiting = [client for client in CLIENTS if client.fails_first]
    while time.monotonic() < deadline and _acknowledged(demo) < sum(wanted.values()):
        demo.programs.must_run()
        progress.update(arriving, completed=_acknowledged(demo))
        demo.inbox.wait_for_more_than(demo.inbox.count(), seconds=0.5)
        for client in list(waiting):
            if _retries_told(demo, client):
                waiting.remove(client)
    progress.update(arriving, completed=_acknowledged(demo))


def _retries_told(demo: Running, client: Client) -> bool:
    """Says how the failing client's retries go, and calls `retry` where the plan is too slow.

    The first retry comes by itself, after 5 s ±20 %. The second is due after 5 min; a demo cannot
    wait for that and moves no clock, so it does what an operator would do.
    """
    first = demo.inbox.of(client.slug)[:1]
    if not first:
        return False
    delivery = demo.api.delivery(client.slug, first[0].webhook_id)
    if delivery["attempt_count"] < len(client.fails_first):
        return False
    due = datetime.fromisoformat(delivery["next_attempt_at"])
    minutes = (due - datetime.now(UTC)).total_seconds() / 60
    answers = " and ".join(str(answer.status) for answer in client.fails_first)
    demo.console.print(
        f"  {client.slug} answered {answers}. The worker's next try is due in {minutes:.1f} min.\n"
        f"  An operator need not wait: POST /v1/deliveries/{{id}}/retry makes it due now.",
        highlight=False,
    )
    demo.api.retry(delivery["id"])
    return True


def _story(demo: Running, client: Client, wanted: int) -> Story:
    """The client's requests, those of the event that it received first by the file's order first."""
    received = demo.inbox.of(client.slug)
    if not received:
        return Story(client, wanted, [], [])
    if not client.fails_first:
        received.sort(key=lambda one: one.webhook_id)  # ids of events grow with time
    attempts = demo.api.delivery(client.slug, received[0].webhook_id)["attempts"]
    return Story(client, wanted, received, attempts)


def _sum_up(console: Console, stories: list[Story], events: int) -> bool:
    problems = [problem for story in stories for problem in story.problems]
    delivered = sum(story.acknowledged for story in stories)
    requests = sum(len(story.received) for story in stories)
    console.print(
        f"\n{events} events became {delivered} deliveries, acknowledged by {len(stories)} clients"
        f" after {requests} requests.",
        highlight=False,
    )
    for problem in problems:
        console.print(problem, style="bold red")
    return not problems


def _say_where(demo: Running) -> None:
    demo.console.print("\nLook around:")
    places = [
        ("Admin", f"{demo.url}/admin/"),
        ("  user, password", f"admin  {demo.password}"),
        ("API docs", f"{demo.url}/docs/"),
        ("  operator key", demo.key),
        ("Receiver's inbox", f"{demo.receiver.url}/"),
        ("  as JSON", f"{demo.receiver.url}/inbox.json"),
    ]
    whereabouts(demo.console, places)


def _stay(demo: Running) -> None:
    """Until someone ends it, or one of the programs does."""
    demo.console.print("\nAll of it runs until you press Ctrl-C; the database goes with it.")
    while True:
        demo.programs.must_run()
        time.sleep(0.5)


def _acknowledged(demo: Running) -> int:
    return sum(len(demo.inbox.acknowledged(client.slug)) for client in CLIENTS)


@contextmanager
def _signals_noted() -> Iterator[Callable[[], None]]:
    """Yields a check that raises `Stopped` once a signal has asked to end.

    The handler itself only takes a note. What a handler raises is dropped where it happens to interrupt a finalizer,
    and cuts through clean-up where it interrupts that.
    """
    asked: list[int] = []

    def check() -> None:
        if asked:
            raise Stopped(asked[0])

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    earlier = {number: signal.signal(number, lambda number, frame: asked.append(number)) for number in numbers}
    try:
        yield check
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
