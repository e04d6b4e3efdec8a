"""The faults of a soak, and their frequency."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from faults import cut_connections, is_sqlite, nobody_can_write
from running import MOST_WORKERS, World

Fault = Callable[[World], None]


def kill_worker(world: World) -> None:
    world.any_worker().kill()


def stop_worker(world: World) -> None:
    world.stop_worker(world.any_worker())


def start_worker(world: World) -> None:
    if len(world.workers) < MOST_WORKERS:
        world.start_worker()


def kill_server(world: World) -> None:
    world.restart_server()


def lock_database(world: World) -> None:
    with nobody_can_write(world.database):
        time.sleep(world.draws.uniform(0.1, 2))


def cut_all_connections(world: World) -> None:
    cut_connections(world.database)


def take_database_away(world: World) -> None:
    with world.database.away():
        time.sleep(world.draws.uniform(0.1, 2))


def move_clock_by_seconds(world: World) -> None:
    world.clock.move(seconds=world.draws.uniform(1, 20))


def let_leases_run_out(world: World) -> None:
    world.clock.move(seconds=world.draws.uniform(91, 200))


def move_clock_by_hours(world: World) -> None:
    world.clock.move(minutes=world.draws.uniform(6, 180))


def disable_client(world: World) -> None:
    world.call("PATCH", world.any_client().url, {"status": "disabled"})


def enable_clients(world: World) -> None:
    for client in list(world.clients.values()):
        world.call("PATCH", client.url, {"status": "active"})


def rotate_secret(world: World) -> None:
    seconds = world.draws.choice((0, 60, 86_400))
    world.call("POST", f"{world.any_client().url}/rotate-secret", {"overlap_seconds": seconds})


def change_client(world: World) -> None:
    client = world.any_client()
    options = world.call("GET", client.url).json()["format"]
    options["options"]["event_aliases"] = {"payment.captured": world.draws.choice(("sale", "captured"))}
    name = world.draws.choice(("Acme Books", "Nordlys Books", "Bücher Müller"))
    world.call("PATCH", client.url, {"name": name, "format": options})


def replace_client(world: World) -> None:
    world.replace_client(world.any_client())


def retry_deliveries(world: World) -> None:
    rows = world.call("GET", "/v1/deliveries?limit=200").json()["results"]
    for row in world.draws.sample(rows, min(5, len(rows))):
        world.call("POST", f"/v1/deliveries/{row['id']}/retry", wanted=(202, 409))


def recover_client(world: World) -> None:
    period = {
        "since": (world.clock.now() - timedelta(days=30)).isoformat(),
        "until": (world.clock.now() + timedelta(days=1)).isoformat(),
    }
    world.call("POST", f"{world.any_client().url}/recover", period, wanted=(202, 409))


def post_again(world: World) -> None:
    """Events that were accepted, under their keys: each must be the event that it was."""
    known = [posted for posted in list(world.ledger.posted.values()) if posted.event_id]
    for posted in world.draws.sample(known, min(5, len(known))):
        response = world.ledger.api.post("/v1/events", posted.body, headers={"Idempotency-Key": posted.key})
        if response.status != 202 or response.json()["id"] != posted.event_id:
            world.surprises.append(f"{posted.key} was {posted.event_id}, posted again it is {response.body[:200]!r}")


def storm_of_retries(world: World) -> None:
    """All calls of one client's key, as fast as possible."""
    api = world.api_of(world.any_client())
    rows = api.get("/v1/deliveries?limit=3").json()["results"]
    for row in rows * 10:
        world.expect(api.post(f"/v1/deliveries/{row['id']}/retry"), (202, 409, 429))


def storm_of_patches(world: World) -> None:
    client = world.any_client()
    format = world.call("GET", client.url).json()["format"]
    format["options"]["mask"] = ["nothing"] * 10_000
    for _ in range(5):
        world.expect(world.api_of(client).request("PATCH", client.url, json={"format": format}), (422,))


def make_broker_a_replica(world: World) -> None:
    with world.broker.replica():
        time.sleep(world.draws.uniform(1, 4))


def kill_broker(world: World) -> None:
    world.broker.kill()
    time.sleep(world.draws.uniform(0.1, 2))
    world.broker.start()


def halt_broker(world: World) -> None:
    with world.broker.halted():
        time.sleep(world.draws.uniform(0.1, 4))


FAULTS: dict[str, tuple[int, Fault]] = {
    "worker killed": (6, kill_worker),
    "worker asked to stop": (3, stop_worker),
    "worker started": (9, start_worker),
    "server killed": (1, kill_server),
    "database locked": (3, lock_database),
    "clock moved by seconds": (4, move_clock_by_seconds),
    "leases run out": (3, let_leases_run_out),
    "clock moved by hours": (2, move_clock_by_hours),
    "client disabled": (2, disable_client),
    "clients enabled": (4, enable_clients),
    "secret rotated": (2, rotate_secret),
    "client changed": (2, change_client),
    "client replaced": (1, replace_client),
    "deliveries retried": (3, retry_deliveries),
    "client recovered": (1, recover_client),
    "events posted again": (2, post_again),
    "storm of retries": (2, storm_of_retries),
    "storm of patches": (1, storm_of_patches),
}
OF_A_BROKER: dict[str, tuple[int, Fault]] = {
    "broker a replica": (2, make_broker_a_replica),
    "broker killed": (1, kill_broker),
    "broker halted": (1, halt_broker),
}
OF_POSTGRES: dict[str, tuple[int, Fault]] = {
    "connections cut": (2, cut_all_connections),
    "database away": (1, take_database_away),
}


def faults_of(world: World) -> Iterator[tuple[str, Fault]]:
    """An endless series of faults, which depends only on the seed."""
    possible = FAULTS | ({} if is_sqlite(world.database) else OF_POSTGRES) | (OF_A_BROKER if world.broker else {})
    names, weights = list(possible), [weight for weight, _ in possible.values()]
    while True:
        (name,) = world.draws.choices(names, weights)
        yield name, possible[name][1]
