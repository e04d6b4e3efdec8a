from ipaddress import ip_network

import pytest

from plumbing.addresses import is_allowed, parse_networks

NOT_ROUTABLE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.88.99.1",
    "192.168.1.1",
    "198.19.255.255",
    "203.0.113.7",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "ff02::1",
    "2001:db8::1",
    "3fff::1",
]
CARRYING_IPV4 = [
    "::ffff:8.8.8.8",
    "::8.8.8.8",
    "64:ff9b::808:808",
    "64:ff9b:1::808:808",
    "2002:808:808::1",
    "2001:0:808:808::1",
]
PUBLIC = [
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2606:4700::1111",
]


def allowed_of(addresses):
    return [address for address in addresses if is_allowed(address, ())]


def test_what_is_not_globally_routable_is_refused():
    assert allowed_of(NOT_ROUTABLE) == []


def test_an_ipv6_address_that_carries_an_ipv4_address_is_refused_even_for_a_public_one():
    assert allowed_of(CARRYING_IPV4) == []


def test_a_public_address_is_allowed():
    assert allowed_of(PUBLIC) == PUBLIC


def test_a_listed_network_is_allowed_and_its_neighbour_is_not():
    listed = parse_networks("10.1.0.0/16, fd00::/64")

    assert is_allowed("10.1.255.255", listed) and is_allowed("fd00::7", listed)
    assert not is_allowed("10.2.0.0", listed) and not is_allowed("fd00:0:0:1::7", listed)


def test_a_listed_ipv4_network_does_not_let_its_mapped_addresses_in():
    assert not is_allowed("::ffff:10.1.0.1", parse_networks("10.1.0.0/16"))


def test_no_list_is_no_network():
    assert parse_networks("") == ()
    assert parse_networks(" 127.0.0.0/8,, ") == (ip_network("127.0.0.0/8"),)


def test_a_network_that_cannot_be_read_is_named():
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        parse_networks("127.0.0.0/8,10.0.0.1/8")
