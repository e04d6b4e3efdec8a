"""The destination of a URL, read in the same way when a client is saved and when its events are sent."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

PORTS = {"http": 80, "https": 443}
MAX_NAME_LENGTH = 253
CREDENTIALS = re.compile(r"[A-Za-z]+://[^/?#]*@")
# The names that a name server accepts. Host names have no underscore, but such names are in use.
LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")


class NoDestination(ValueError):
    """The URL has no valid destination. The message is a sentence for the URL's author."""


@dataclass(frozen=True)
class Destination:
    """`host` is in the form for name servers: A-labels (IDNA 2008), or an address without brackets.

    `target` is the path with the query, as the request's first line has it; `authority` is for the Host header.
    """

    scheme: str
    host: str
    port: int
    target: str
    authority: str


@lru_cache(maxsize=2048)  # a worker reads the URLs of the same clients again and again
def destination_of(url: str) -> Destination:
    """Reads the URL. Raises NoDestination if sending could not even look up an address."""
    try:
        parts = parse_url(url)
    except (LocationParseError, ValueError) as error:
        raise NoDestination("This is not a URL with a host name that IDNA 2008 allows.") from error
    if parts.scheme not in PORTS:
        raise NoDestination("The URL must begin with https:// or http://.")
    if not parts.host:
        raise NoDestination("The URL names no host.")
    host = parts.host.strip("[]")
    if not _is_address(host):
        _check_name(host)
    if CREDENTIALS.match(url):
        raise NoDestination("The URL must not hold credentials.")
    if parts.port == 0:
        raise NoDestination("The port must not be 0.")
    authority = f"[{host}]" if ":" in host else host.rstrip(".")
    if parts.port not in (None, PORTS[parts.scheme]):
        authority += f":{parts.port}"
    return Destination(parts.scheme, host, parts.port or PORTS[parts.scheme], parts.request_uri, authority)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _check_name(host: str) -> None:
    name = host.removesuffix(".")
    if len(name) > MAX_NAME_LENGTH:
        raise NoDestination(f"A host name has at most {MAX_NAME_LENGTH} characters.")
    if not all(LABEL.fullmatch(label) for label in name.split(".")):
        raise NoDestination(
            "Between its dots a host name has 1 to 63 letters, digits, hyphens or underscores; "
            "letters of other scripts as IDNA 2008 allows them."
        )
