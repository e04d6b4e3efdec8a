"""Which addresses are called: none that is not globally routable, unless the operator lists it.

Nothing here may leave the machine: what is refused is refused before a connection is opened, and whatever could be
connected to by mistake leads to the receiver of the test.
"""

from collections.abc import Callable, Iterable
from itertools import chain

import pytest
from history import attempts_by_name, delivery_of, errors_by_name, errors_of

from harness.http import Api
from harness.receiver import Answer
from harness.world import Client

V4 = {
    "private": ["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1"],
    "link-local": ["169.254.0.1", "169.254.169.254"],
    "shared": ["100.64.0.1", "100.100.100.200", "100.127.255.254"],
    "this network": ["0.0.0.0", "0.0.0.1", "0.255.255.255"],
    "multicast": ["224.0.0.1", "224.0.1.1", "232.1.1.1", "239.255.255.250"],
    "reserved": ["240.0.0.1", "254.1.1.1"],
    "broadcast": ["255.255.255.255"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.254"],
    "protocols": ["192.0.0.8", "192.88.99.1"],
    "benchmarks": ["198.18.0.1", "198.19.255.254"],
}
V6 = {
    "unspecified": ["::"],
    "loopback": ["::1"],
    "unique-local": ["fc00::1", "fd00:ec2::254", "fdff:ffff::1"],
    "link-local": ["fe80::1", "febf::1"],
    "site-local": ["fec0::1"],
    "multicast": ["ff01::1", "ff02::1", "ff05::2", "ff0e::1"],
    "mapped": ["::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::ffff:8.8.8.8"],
    "compatible": ["::10.0.0.1", "::a9fe:a9fe", "::8.8.8.8"],
    "NAT64": ["64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::1", "64:ff9b:1::a00:1"],
    "6to4": ["2002:a00:1::", "2002:a9fe:a9fe::1", "2002:808:808::1"],
    "Teredo": ["2001::1", "2001:0:a00:1::1"],
    "benchmarks": ["2001:2::1"],
    "documentation": ["2001:db8::1", "3fff::1"],
    "discard and not allocated": ["100::1", "5f00::1", "4000::1"],
}


@pytest.fixture
def clients_at(create_client) -> Callable[..., dict[str, Client]]:
    """A client for each of these hosts, all at the receiver's port. Returns them by host."""

    def create(hosts: Iterable[str], port: int) -> dict[str, Client]:
        return {host: create_client(endpoint_url=f"http://{host}:{port}/guarded") for host in hosts}

    return create


def assert_refused(api: Api, clients: dict[str, Client]) -> None:
    attempts = attempts_by_name(api, clients)
    assert {host: attempt["error"] for host, attempt in attempts.items()} == dict.fromkeys(attempts, "address_refused")
    assert {host: attempt["response_status"] for host, attempt in attempts.items()} == dict.fromkeys(attempts)


def test_an_ipv4_address_that_is_not_global_is_refused(api, clients_at, accepted, deliver, receiver):
    clients = clients_at(chain(*V4.values()), receiver.port)
    accepted()

    deliver()

    assert_refused(api, clients)


def test_an_ipv6_address_that_is_not_global_is_refused(api, clients_at, accepted, deliver, receiver):
    clients = clients_at([f"[{address}]" for address in chain(*V6.values())], receiver.port)
    accepted()

    deliver()

    assert_refused(api, clients)


def test_a_name_is_refused_for_its_address(api, clients_at, accepted, deliver, names, receiver):
    addresses = [some[0] for some in (*V4.values(), *V6.values())]
    named = {f"host-{number}.test": address for number, address in enumerate(addresses)}
    for name, address in named.items():
        names.answer(name, [address])
    clients = clients_at(named, receiver.port)
    accepted()

    deliver()

    assert_refused(api, clients)


def test_loopback_is_refused_in_every_spelling_unless_it_is_listed(
    api, clients_at, create_client, accepted, manage, names, receiver, tls_receiver
):
    names.answer("localhost", ["127.0.0.1"])
    names.answer("inside.test", ["127.0.0.1"])
    hosts = [
        "127.0.0.1",
        "127.0.0.2",
        "127.255.255.254",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "inside.test",
        "INSIDE.test.",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.1",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ]
    clients = clients_at(hosts, receiver.port)
    clients["https"] = create_client(endpoint_url=tls_receiver.url("/guarded"))
    accepted()
    connections = receiver.connections, tls_receiver.connections

    manage.ok("deliver", "--once", env={"WEBHOOKS_ALLOWED_NETWORKS": None})

    assert_refused(api, clients)
    assert (receiver.connections, tls_receiver.connections) == connections


def test_a_number_is_an_address_too(api, clients_at, accepted, deliver, receiver):
    clients = clients_at(
        ["167772161", "0x0a000001", "0xA9FEA9FE", "012.0.0.1", "10.1", "0xa.0.0.1", "3232235777"], receiver.port
    )
    accepted()

    deliver()

    assert_refused(api, clients)


def test_a_name_in_other_letters_is_the_same_name(api, clients_at, accepted, deliver, names, receiver):
    for name in ("bücher.test", "xn--bcher-kva.test", "inside.test"):
        names.answer(name, ["10.0.0.1"])
    clients = clients_at(["bücher.test", "xn--bcher-kva.test", "inside.test.", "InSide.TEST"], receiver.port)
    accepted()

    deliver()

    assert_refused(api, clients)


def test_one_refused_address_refuses_the_name(api, clients_at, accepted, deliver, names, receiver):
    answers = {
        "bad-last.test": ["127.0.0.1", "10.0.0.1"],
        "bad-first.test": ["10.0.0.1", "127.0.0.1"],
        "bad-between.test": ["127.0.0.1", "::1", "127.0.0.1"],
        "localhost": ["::1", "127.0.0.1"],
    }
    for name, addresses in answers.items():
        names.answer(name, addresses)
    clients = clients_at(answers, receiver.port)
    accepted()

    deliver()

    assert_refused(api, clients)
    assert receiver.requests == []


def test_the_address_that_was_checked_is_the_one_that_is_called(api, create_client, accepted, deliver, names, receiver):
    names.answer("rebinding.test", ["127.0.0.1"], ["10.0.0.1"])
    client = create_client(slug="acme", endpoint_url=receiver.url("/acme", host="rebinding.test"))
    accepted()

    deliver()

    assert errors_of(delivery_of(api, client)) == [None]
    assert len(client.inbox) == 1
    assert names.asked("rebinding.test") == 1


def test_every_connection_is_checked_again(api, create_client, accepted, deliver, names, receiver, clock):
    names.answer("rebinding.test", ["127.0.0.1"], ["10.0.0.1"])
    client = create_client(slug="acme", endpoint_url=receiver.url("/acme", host="rebinding.test"))
    client.inbox.answer(Answer(500))
    accepted()

    deliver()
    clock.move(seconds=7)
    deliver()

    assert errors_of(delivery_of(api, client)) == ["bad_status", "address_refused"]
    assert len(client.inbox) == 1


def test_a_refused_attempt_is_tried_again_as_any_other(api, create_client, accepted, deliver, names, receiver, clock):
    names.answer("moved.test", ["10.0.0.1"], ["127.0.0.1"])
    client = create_client(slug="acme", endpoint_url=receiver.url("/acme", host="moved.test"))
    accepted()

    deliver()
    refused = delivery_of(api, client)
    clock.move(seconds=7)
    deliver()

    assert (refused["status"], refused["attempts"][0]["response_excerpt"]) == ("pending", "")
    assert errors_of(delivery_of(api, client)) == ["address_refused", None]


def test_only_listed_networks_are_let_through(api, create_client, accepted, manage, names, receiver):
    names.answer("listed.test", ["127.0.0.1"])
    names.answer("beside.test", ["127.0.0.2"])
    names.answer("both.test", ["127.0.0.1", "127.0.0.2"])
    hosts = ["127.0.0.1", "listed.test", "127.0.0.2", "beside.test", "both.test", "10.0.0.1"]
    clients = {host: create_client(endpoint_url=receiver.url("/guarded", host=host)) for host in hosts}
    accepted()

    manage.ok("deliver", "--once", env={"WEBHOOKS_ALLOWED_NETWORKS": " 127.0.0.1/32 , fd00::/8, 192.0.2.0/24"})

    assert errors_by_name(api, clients) == {
        "127.0.0.1": None,
        "listed.test": None,
        "127.0.0.2": "address_refused",
        "beside.test": "address_refused",
        "both.test": "address_refused",
        "10.0.0.1": "address_refused",
    }
    assert len(receiver.requests) == 2


def test_a_listed_ipv4_network_does_not_list_what_carries_its_addresses(api, clients_at, accepted, deliver, receiver):
    clients = clients_at(["[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"], receiver.port)
    accepted()

    deliver()

    assert_refused(api, clients)
    assert receiver.requests == []


def test_a_network_that_cannot_be_read_stops_the_start(manage):
    run = manage("deliver", "--once", env={"WEBHOOKS_ALLOWED_NETWORKS": "127.0.0.0/8,10.0.0.0/33"})

    assert run.exit_code > 0
    assert "WEBHOOKS_ALLOWED_NETWORKS" in run.stderr
    assert "10.0.0.0/33" in run.stderr
