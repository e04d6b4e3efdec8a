"""Fairness: the order in which clients get slots."""

from tests.builders import an_endpoint
from webhooks.domain.fairness import IN_FLIGHT_PER_CLIENT, ClientQueue, fair_share


def queues(*counts):
    """A queue for each count, in the order of waiting. The deliveries of client 2 have the keys 201, 202, …"""
    return [
        ClientQueue(an_endpoint(client_key=client), [client * 100 + number for number in range(1, count + 1)])
        for client, count in enumerate(counts, start=1)
    ]


def shares(keys):
    """The number of the keys of each client."""
    clients = [key // 100 for key in keys]
    return {client: clients.count(client) for client in sorted(set(clients))}


def test_without_waiting_clients_nothing_starts():
    assert fair_share([], 10, {}) == []


def test_without_a_slot_nothing_starts():
    assert fair_share(queues(3), 0, {}) == []


def test_a_client_alone_gets_the_slots_in_the_order_of_its_waiting():
    assert fair_share(queues(3), 2, {}) == [101, 102]


def test_slots_go_round():
    assert fair_share(queues(3, 3), 4, {}) == [101, 201, 102, 202]


def test_ties_go_to_the_longest_wait():
    assert fair_share(queues(1, 1, 1), 2, {}) == [101, 201]


def test_the_client_with_the_fewest_in_flight_comes_first():
    assert fair_share(queues(2, 2), 3, {1: 2}) == [201, 202, 101]


def test_clients_with_none_in_flight_come_before_clients_with_some():
    assert fair_share(queues(1, 2), 1, {1: 1}) == [201]


def test_no_client_has_more_than_ten_in_flight():
    assert IN_FLIGHT_PER_CLIENT == 10
    assert shares(fair_share(queues(12), 50, {})) == {1: 10}
    assert shares(fair_share(queues(12), 50, {1: 7})) == {1: 3}
    assert fair_share(queues(12), 50, {1: 10}) == []


def test_ten_slots_are_all_dealt():
    assert shares(fair_share(queues(12), 10, {})) == {1: 10}


def test_of_more_than_ten_slots_an_eighth_is_kept_for_clients_with_none_in_flight():
    assert shares(fair_share(queues(10, 10), 20, {})) == {1: 9, 2: 8}
    assert shares(fair_share(queues(10, 10), 16, {})) == {1: 7, 2: 7}


def test_a_slot_more_than_ten_is_the_one_that_is_kept():
    assert shares(fair_share(queues(12, 12), 11, {})) == {1: 5, 2: 5}


def test_no_more_is_kept_than_there_is_above_ten():
    assert shares(fair_share(queues(12, 12), 12, {})) == {1: 5, 2: 5}


def test_attempts_in_flight_count_for_the_kept_slots():
    assert shares(fair_share(queues(10, 10), 4, {1: 8, 2: 8})) == {1: 1}
    assert fair_share(queues(10, 10), 3, {1: 9, 2: 8}) == []


def test_a_third_client_gets_the_slots_that_were_kept():
    two_that_hang = {1: 9, 2: 8}

    assert fair_share(queues(10, 10, 2), 3, two_that_hang) == [301]


def test_many_clients_with_none_in_flight_take_every_slot():
    assert fair_share(queues(*[1] * 30), 20, {}) == [client * 100 + 1 for client in range(1, 21)]


def test_first_turns_reduce_the_slots_of_the_other_clients():
    dealt = fair_share(queues(3, 1, 1), 16, {})

    assert dealt == [101, 201, 301, 102, 103]
    assert fair_share(queues(3, 1, 1), 3, {}) == [101, 201, 301]
    assert fair_share(queues(3, 1, 1), 4, {}) == [101, 201, 301, 102]
