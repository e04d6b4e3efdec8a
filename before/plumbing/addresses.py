"""The addresses that a delivery may be sent to: globally routable ones, and those in the operator's list.

The tables follow IANA's special-purpose address registries (RFC 6890) and are written out here because
`ipaddress.is_global` answers differently between Python's patch releases.
"""

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

REFUSED_V4 = tuple(
    IPv4Network(cidr)
    for cidr in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared (carrier-grade NAT)
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, the cloud metadata services among them
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast among them
    )
)
# Only 2000::/3 is global unicast. That alone refuses loopback, compatible and mapped IPv4, NAT64, unique-local,
# link-local, site-local and multicast addresses; what remains are the exceptions inside it.
GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")
REFUSED_V6 = tuple(
    IPv6Network(cidr)
    for cidr in (
        "2001::/23",  # IETF protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4 carries any IPv4 address
        "3fff::/20",  # documentation
    )
)


def is_allowed(address: str, allowed_networks: tuple[Network, ...]) -> bool:
    """Whether a connection to this address (text, as a look-up returns it) may be opened."""
    ip = ip_address(address.partition("%")[0])
    if any(ip in network for network in allowed_networks if network.version == ip.version):
        return True
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in REFUSED_V4)
    return ip in GLOBAL_UNICAST_V6 and not any(ip in network for network in REFUSED_V6)


def parse_networks(text: str) -> tuple[Network, ...]:
    """The networks of a comma-separated list of CIDRs. Raises ValueError that names the bad one."""
    return tuple(ip_network(cidr.strip()) for cidr in text.split(",") if cidr.strip())
