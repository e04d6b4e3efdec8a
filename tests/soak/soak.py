"""A soak from start to end: traffic and faults, then calm until nothing is due, then the count."""

import os
import random
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from crowd import Traffic, traffic
from ledger import WAITING, Count
from mishaps import faults_of
from running import World, world

from harness.databases import Unreachable
from workshop.harness.processes import descendants

SENDERS, PAUSE = 2, 0.12  # some fifteen events a second
BETWEEN_FAULTS = (0.1, 1.2)  # seconds
BETWEEN_LINES = 10.0  # seconds
ROUNDS_TO_DRAIN, STANDSTILL_SECONDS = 25, 120
DUE = WAITING + " AND d.next_attempt_at <= ?"
TYPES = ("payment.authorized", "payment.captured", "payment.failed", "payment.refunded", "payout.paid")


class Progress:
    """A line of progress from time to time, in a terminal and in a pipe."""

    def __init__(self, running: World) -> None:
        self._world = running
        self._began = time.monotonic()
        self._next = self._began + BETWEEN_LINES

    def tell(self, doing: str) -> None:
        """Says how far it is, if it has not just done so."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + BETWEEN_LINES
        minutes, seconds = divmod(int(now - self._began), 60)
        requests = sum(len(box.requests) for box in self._world.receiver.boxes.values())
        figures = f"{len(self._world.ledger.posted):,} events, {requests:,} requests"
        click.echo(f"  {minutes:>3}:{seconds:02}  {doing}: {figures}, {len(self._world.workers)} workers")


def main(name: str, folder: Path, engine: str, minutes: float, seed: int | None) -> bool:
    """Whether the count holds."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends all child processes, as with Ctrl-C
    seed = random.randrange(10**6) if seed is None else seed
    click.echo(f"Soak of {name} on {engine}, {minutes:g} minutes, SEED={seed}")
    faults: Counter[str] = Counter()
    try:
        with world(folder, engine, seed) as running:
            progress = Progress(running)
            suffer(running, minutes * 60, faults, progress)
            drain(running, progress)
            count = running.ledger.counted(lambda path, turn: bool(running.scripts[path].acknowledges(turn)))
            differences = [*running.surprises, *count.differences]
            report(running, faults, count, differences)
    except Unreachable as unreachable:
        raise click.ClickException(str(unreachable)) from unreachable
    except AssertionError as failure:
        click.echo(f"{faults_done(faults)}\nThe soak broke off: {failure}")
        differences = [str(failure)]
    except KeyboardInterrupt:
        end_what_just_started()
        click.echo(f"{faults_done(faults)}\nThe soak was ended by a signal.")
        return False
    click.echo("Nothing was lost and nothing made up." if not differences else f"It failed. Again: SEED={seed}")
    return not differences


def end_what_just_started() -> None:
    """Ends the processes that nothing has noted down yet, because the signal came while they were being started."""
    for pid in descendants(os.getpid()):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def suffer(running: World, seconds: float, done: Counter[str], progress: Progress) -> None:
    """Events all the time, and one fault after the other."""
    ends_at = time.monotonic() + seconds
    with traffic(running.ledger, senders=SENDERS, pause=PAUSE, paths=changes(running.seed)) as flow:
        for name, inflict in faults_of(running):
            running.look_after_workers()
            inflict(running)
            done[name] += 1
            send_to(flow, running)
            progress.tell(f"{done.total()} faults")
            if time.monotonic() > ends_at or flow.failures:
                return
            time.sleep(running.draws.uniform(*BETWEEN_FAULTS))


def send_to(flow: Traffic, running: World) -> None:
    """The senders follow the API server to its new port."""
    flow.api = running.ledger.api


def changes(seed: int) -> Any:
    """The special members of each event, drawn from the seed."""
    draws = random.Random(f"{seed} events")

    def change() -> dict[str, Any]:
        return {
            "type": draws.choice(TYPES),
            "data__amount": f"{draws.randrange(1, 20_000)}.{draws.randrange(100):02}",
            "data__reference": draws.choice((None, "Order 12", "<&>;\"'")),
        }

    return change


def drain(running: World, progress: Progress) -> None:
    """No more faults except those of the endpoints; the clock moves on until every delivery has ended."""
    for script in running.scripts.values():
        script.hurry()
    running.clock.move(seconds=91)  # the leases of the dead
    for _ in range(ROUNDS_TO_DRAIN):
        fewest, ends_at = sys.maxsize, 0.0
        while due := running.database.value(DUE, running.clock.now()):
            if due < fewest:  # a long queue takes a slow machine minutes: only a standstill is a fault
                fewest, ends_at = due, time.monotonic() + STANDSTILL_SECONDS
            running.look_after_workers()
            assert time.monotonic() < ends_at, (
                f"{due:,} deliveries are due, and none was sent for {STANDSTILL_SECONDS} s"
            )
            progress.tell(f"draining, {running.database.value(WAITING):,} wait")
            time.sleep(0.05)
        if not running.database.value(WAITING):
            running.stop_workers()
            return
        running.clock.move(hours=13)
    raise AssertionError(f"not drained after {ROUNDS_TO_DRAIN} waits of thirteen hours")


def faults_done(faults: Counter[str]) -> str:
    return f"faults      {faults.total()}: " + ", ".join(f"{name} {times}" for name, times in faults.most_common())


def report(running: World, faults: Counter[str], count: Count, differences: list[str]) -> None:
    """The figures, and every difference."""
    answered = sum(bool(posted.event_id) for posted in running.ledger.posted.values())
    statuses = ", ".join(f"{number:,} {status}" for status, number in sorted(count.statuses.items()))
    outcomes = Counter({error or "acknowledged": number for error, number in count.errors.items()})
    attempts = ", ".join(f"{number:,} {outcome}" for outcome, number in outcomes.most_common())
    click.echo(faults_done(faults))
    click.echo(f"events      {answered:,} answered with 202, {count.events:,} stored")
    click.echo(f"deliveries  {count.deliveries:,}: {statuses}")
    click.echo(f"attempts    {count.errors.total():,}: {attempts}")
    click.echo(f"requests    {count.requests:,} received")
    click.echo(f"differences {len(differences)}")
    for difference in differences[:50]:
        click.echo(f"  {difference}")
