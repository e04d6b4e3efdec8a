"""Whose turn it is."""

from tests.builders import an_endpoint
from webhooks.domain.fairness import IN_FLIGHT_PER_CLIENT, Queue, fair_share


def queues(*counts):
    """A queue for each count, in the order of their waiting. The deliveries of client 2 have the keys 201, 202, …"""
    return [
        Queue(an_endpoint(client_key=client), [client * 100 + number for number in range(1, count + 1)])
        for client, count in enumerate(counts, start=1)
    ]


def shares(keys):
    """How many of the keys each client has."""
    clients = [key // 100 for key in keys]
    return {client: clients.count(client) for client in sorted(set(clients))}


def test_nobody_waits_and_nothing_starts():
    assert fair_share([], 10, {}) == []


def test_without_a_slot_nothing_starts():
    assert fair_share(queues(3), 0, {}) == []


def test_a_client_alone_gets_the_slots_in_the_order_of_its_waiting():
    assert fair_share(queues(3), 2, {}) == [101, 102]


def test_slots_go_round():
    assert fair_share(queues(3, 3), 4, {}) == [101, 201, 102, 202]


def test_among_equals_who_has_waited_longest_comes_first():
    assert fair_share(queues(1, 1, 1), 2, {}) == [101, 201]


def test_who_has_least_under_way_comes_first():
    assert fair_share(queues(2, 2), 3, {1: 2}) == [201, 202, 101]


def test_who_has_something_under_way_comes_after_who_has_nothing():
    assert fair_share(queues(1, 2), 1, {1: 1}) == [201]


def test_nobody_has_more_than_ten_under_way():
    assert IN_FLIGHT_PER_CLIENT == 10
    assert shares(fair_share(queues(12), 50, {})) == {1: 10}
    assert shares(fair_share(queues(12), 50, {1: 7})) == {1: 3}
    assert fair_share(queues(12), 50, {1: 10}) == []


def test_ten_slots_are_all_dealt():
    assert shares(fair_share(queues(12), 10, {})) == {1: 10}


def test_of_more_than_ten_slots_an_eighth_is_kept_for_who_has_nothing_under_way():
    assert shares(fair_share(queues(10, 10), 20, {})) == {1: 9, 2: 8}
    assert shares(fair_share(queues(10, 10), 16, {})) == {1: 7, 2: 7}


def test_a_slot_more_than_ten_is_the_one_that_is_kept():
    assert shares(fair_share(queues(12, 12), 11, {})) == {1: 5, 2: 5}


def test_no_more_is_kept_than_there_is_above_ten():
    assert shares(fair_share(queues(12, 12), 12, {})) == {1: 5, 2: 5}


def test_what_is_in_flight_counts_for_what_is_kept():
    assert shares(fair_share(queues(10, 10), 4, {1: 8, 2: 8})) == {1: 1}
    assert fair_share(queues(10, 10), 3, {1: 9, 2: 8}) == []


def test_a_third_client_gets_the_slots_that_were_kept():
    two_that_hang = {1: 9, 2: 8}

    assert fair_share(queues(10, 10, 2), 3, two_that_hang) == [301]


def test_many_with_nothing_under_way_take_every_slot():
    assert fair_share(queues(*[1] * 30), 20, {}) == [client * 100 + 1 for client in range(1, 21)]


def test_first_turns_take_from_what_the_others_may_have():
    dealt = fair_share(queues(3, 1, 1), 16, {})

    assert dealt == [101, 201, 301, 102, 103]
    assert fair_share(queues(3, 1, 1), 3, {}) == [101, 201, 301]
    assert fair_share(queues(3, 1, 1), 4, {}) == [101, 201, 301, 102]
