"""The buttons of the lab: each function does one thing to both servers, to a client or to a worker."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from workshop.base.problems import CommandFailed
from workshop.demo.lab.servers import Said, as_bytes, ask_all, side_by_side
from workshop.demo.lab.state import Lab
from workshop.harness.clients import CLIENTS, Client
from workshop.harness.conduct import Conduct

MOST_POSTED = 300_000  # characters; the servers refuse bodies of more than 256 KiB themselves
MOST_AHEAD = timedelta(days=365)
MOST_WORKERS = 3  # of one server
LONGEST_OVERLAP = 30 * 86400
# What the answers about a client do not have in common: in words, and as members.
OF_A_CLIENT = ("its address at the receiver, and when it was created", "endpoint_url", "created_at")
ASKED = dict[str, Any]
Answer = dict[str, Any]


def do(lab: Lab, asked: Any) -> Answer:
    """Does what a button asks. Raises CommandFailed if that cannot be done, with the reason."""
    name = asked.get("do") if isinstance(asked, dict) else None
    if name not in ACTIONS:
        raise CommandFailed(f"do: one of {', '.join(ACTIONS)} was expected.")
    with lab.acting:
        return ACTIONS[name](lab, asked)


def post(lab: Lab, asked: ASKED) -> Answer:
    """Posts an event to every server: these bytes, with the same idempotency key."""
    body = _event(asked)
    number = lab.new_event()
    key = _text(asked, "key", 255) if asked.get("key") else f"lab-{number}"
    if not re.fullmatch("[!-~]+", key):
        raise CommandFailed("key: an idempotency key has 1 to 255 visible ASCII characters, without spaces.")
    answers = ask_all(lab.servers, "POST", "/v1/events", body, **{"Idempotency-Key": key})
    lab.posted(number, body, answers)
    return {"event": number}


def preview(lab: Lab, asked: ASKED) -> Answer:
    """Shows what a client would receive for an event; nothing is sent to the client."""
    client, body = _client(asked), _event(asked)
    answers = ask_all(lab.servers, "POST", f"/v1/clients/{client.slug}/preview", body)
    lab.log.add("preview", key="preview", slug=client.slug, **side_by_side(answers, "the id of the event"))
    return {}


def conduct(lab: Lab, asked: ASKED) -> Answer:
    """Changes how a client's endpoint answers the requests of every server."""
    client = _client(asked)
    try:
        chosen = Conduct(_text(asked, "conduct", 20))
    except ValueError:
        raise CommandFailed(f"conduct: one of {', '.join(Conduct)} was expected.") from None
    for side in lab.sides.values():
        side.inbox.behave(client.slug, chosen)
    lab.conduct_changed(client.slug, chosen)
    return {}


def move(lab: Lab, asked: ASKED) -> Answer:
    """Moves the clock of all servers and workers on."""
    by = timedelta(seconds=_number(asked, "seconds", 1, int(MOST_AHEAD.total_seconds())))
    if lab.clock.ahead + by > MOST_AHEAD:
        raise CommandFailed(f"The clock can be at most {MOST_AHEAD.days} days ahead. Start the demo again for more.")
    lab.clock.move(by)
    lab.log.add("clock", key="clock", ahead=lab.clock.ahead.total_seconds(), by=by.total_seconds())
    return {}


def kill(lab: Lab, asked: ASKED) -> Answer:
    """Kills one worker at once, as SIGKILL does: it records nothing and releases no lease."""
    pid = _number(asked, "pid", 1, 2**31)
    for side in lab.sides.values():
        for worker in side.workers:
            if worker.pid == pid and worker.is_running:
                worker.kill()
                lab.worker_changed(side, worker)
                return {}
    raise CommandFailed(f"No worker with the process id {pid} is running.")


def start(lab: Lab, asked: ASKED) -> Answer:
    """Starts one more worker for a server."""
    side = lab.sides.get(_text(asked, "side", 40))
    if side is None:
        raise CommandFailed(f"side: one of {', '.join(lab.sides)} was expected.")
    if sum(worker.is_running for worker in side.workers) >= MOST_WORKERS:
        raise CommandFailed(f"{side.name}/ has {MOST_WORKERS} workers. Kill one before you start another.")
    lab.worker_changed(side, side.start_worker())
    return {}


def rotate(lab: Lab, asked: ASKED) -> Answer:
    """Rotates a client's signing secret at every server. The old one also signs until the overlap ends."""
    client, overlap = _client(asked), _number(asked, "overlap", 0, LONGEST_OVERLAP)
    learns = asked.get("learns") is True
    content = as_bytes({"overlap_seconds": overlap})
    answers = ask_all(lab.servers, "POST", f"/v1/clients/{client.slug}/rotate-secret", content)
    for side, said in answers.items():
        if said.is_good:
            lab.secrets[side, client.slug] = said.json()["signing_secret"]
            if learns:
                lab.sides[side].inbox.trust(client.slug, lab.secrets[side, client.slug])
    _must_be_good(answers)
    lab.log.add("secret", key=f"secret {client.slug}", slug=client.slug, overlap=overlap, learned=learns)
    return {}


def learn(lab: Lab, asked: ASKED) -> Answer:
    """Gives the client's endpoint the newest signing secret."""
    client = _client(asked)
    for (side, slug), secret in lab.secrets.items():
        if slug == client.slug:
            lab.sides[side].inbox.trust(slug, secret)
    lab.log.add("secret", key=f"secret {client.slug}", slug=client.slug, overlap=None, learned=True)
    return {}


def options(lab: Lab, asked: ASKED) -> Answer:
    """Replaces the options of a client's format at every server, or shows how each refuses them."""
    client, text = _client(asked), _text(asked, "text", MOST_POSTED)
    try:
        wanted = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CommandFailed(f"options: this is not JSON: {error}") from error
    content = as_bytes({"format": {"name": client.format, "version": client.version, "options": wanted}})
    answers = ask_all(lab.servers, "PATCH", f"/v1/clients/{client.slug}", content)
    if all(said.is_good for said in answers.values()):
        lab.options[client.slug] = wanted
    lab.log.add("options", key=f"options {client.slug}", slug=client.slug, options=lab.options[client.slug])
    lab.log.add("changed", key=f"changed {client.slug}", slug=client.slug, **side_by_side(answers, *OF_A_CLIENT))
    return {}


def enable(lab: Lab, asked: ASKED) -> Answer:
    """Enables a client that a server has disabled, for example after a 410."""
    client = _client(asked)
    _must_be_good(ask_all(lab.servers, "PATCH", f"/v1/clients/{client.slug}", as_bytes({"status": "active"})))
    return {}


def retry(lab: Lab, asked: ASKED) -> Answer:
    """Makes the deliveries of one event to one client due now."""
    number, client = _number(asked, "event", 1, 2**31), _client(asked)
    answers: dict[str, Said] = {}
    for server in lab.servers:
        event = lab.ids_of(number).get(server.side.name)
        found = server.get(f"/v1/deliveries?client={client.slug}&event={event}")["results"] if event else []
        if found:
            answers[server.side.name] = server.ask("POST", f"/v1/deliveries/{found[0]['id']}/retry", b"")
    if not answers:
        raise CommandFailed(f"Event {number} has no delivery to {client.slug}.")
    lab.ask_about(number)
    _must_be_good(answers)
    return {}


def look(lab: Lab, asked: ASKED) -> Answer:
    """Asks the servers for all attempts at the deliveries of an event."""
    number = _number(asked, "event", 1, 2**31)
    for server in lab.servers:
        if event := lab.ids_of(number).get(server.side.name):
            with lab.asking:
                for found in server.get(f"/v1/deliveries?event={event}")["results"]:
                    detail = server.get(f"/v1/deliveries/{found['id']}")
                    lab.delivery_seen(number, server.side.name, detail, detail["attempts"])
    lab.ask_about(number)
    return {}


ACTIONS: dict[str, Callable[[Lab, ASKED], Answer]] = {
    action.__name__: action
    for action in (post, preview, conduct, move, kill, start, rotate, learn, options, enable, retry, look)
}


def _must_be_good(answers: Mapping[str, Said]) -> None:
    """Raises CommandFailed with the words of each server that refused."""
    refusals = [
        f"{side}/ answered {said.status}: {said.body[:300].decode(errors='replace')}"
        for side, said in answers.items()
        if not said.is_good
    ]
    if refusals:
        raise CommandFailed(" ".join(refusals))


def _client(asked: ASKED) -> Client:
    slug = _text(asked, "slug", 100)
    for client in CLIENTS:
        if client.slug == slug:
            return client
    raise CommandFailed(f"slug: there is no client {slug!r}.")


def _event(asked: ASKED) -> bytes:
    return _text(asked, "text", MOST_POSTED).encode("utf-8", "surrogatepass")


def _text(asked: ASKED, name: str, longest: int) -> str:
    value = asked.get(name)
    if not isinstance(value, str) or not value:
        raise CommandFailed(f"{name}: a text was expected, and it is missing or empty.")
    if len(value) > longest:
        raise CommandFailed(f"{name}: at most {longest} characters, but these are {len(value)}.")
    return value


def _number(asked: ASKED, name: str, least: int, most: int) -> int:
    value = asked.get(name)
    if type(value) is not int or not least <= value <= most:
        raise CommandFailed(f"{name}: a whole number from {least} to {most} was expected.")
    return value
